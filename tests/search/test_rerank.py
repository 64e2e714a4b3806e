"""A cross-encoder by folder: a tiny one, made here, with the bundled model's tokenizer."""

import pytest

from baycase.errors import ModelError
from baycase.index.models import default_model_path
from baycase.search.library import Library
from baycase.search.rerank import LEG, Reranker


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory) -> str:
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("cross") / "encoder"
    tokenizer = AutoTokenizer.from_pretrained(default_model_path(), local_files_only=True)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        num_labels=1,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def test_the_hits_are_the_same_in_the_cross_encoders_order(cases_folder, cross_encoder):
    plain = Library(cases_folder).search("跨境数据交易").hits
    hits = Library(cases_folder, reranker=cross_encoder).search("跨境数据交易").hits
    assert {(h.doc_id, h.start) for h in hits} == {(h.doc_id, h.start) for h in plain}
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert [h.rank for h in hits] == list(range(1, len(hits) + 1))
    assert all(h.legs[LEG].score == h.score for h in hits)


def test_a_reranker_that_is_not_there_is_one_clear_line():
    with pytest.raises(ModelError, match="is not on this machine or is no cross-encoder"):
        Reranker("no/such-cross-encoder")
