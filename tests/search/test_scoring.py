"""Candidates, weights and ranks, with the arithmetic shown."""

import numpy as np
import pytest

from baycase.search import scorer
from baycase.search.candidates import Candidates, best_of, find_candidates
from baycase.search.query import understand
from baycase.search.retrieve import hits_of


def test_best_of_takes_each_owners_highest():
    assert best_of(np.array([0.2, 0.9, 0.4], np.float32), np.array([0, 0, 2]), 3).tolist() == pytest.approx(
        [0.9, 0, 0.4]
    )


def _candidates(**features: list[float]) -> Candidates:
    count = len(next(iter(features.values())))
    values = {name: np.array(v, np.float32) for name, v in features.items()}
    return Candidates(np.arange(count), np.arange(count) + 10, np.arange(count), values, values, False)


def test_a_score_is_the_weighted_sum_of_its_legs(monkeypatch):
    weights = {"en": {"passage": {"dense": 2.0, "terms": 0.5}, "sentence": {"dense": 1.0}}}
    monkeypatch.setattr(scorer, "load_weights", lambda: weights)
    scored = scorer.score(_candidates(dense=[0.8, 0.6], terms=[0.1, 0.9]), "en")
    assert scored.scores.tolist() == pytest.approx([2 * 0.8 + 0.5 * 0.1, 2 * 0.6 + 0.5 * 0.9])
    assert scored.sentences.tolist() == [10, 11]


def test_chosen_legs_alone_are_weighed(monkeypatch):
    weights = {"en": {"passage": {"dense": 2.0, "terms": 0.5}, "sentence": {"dense": 1.0}}}
    monkeypatch.setattr(scorer, "load_weights", lambda: weights)
    scored = scorer.score(_candidates(dense=[0.8, 0.6], terms=[0.1, 0.9]), "en", frozenset({"terms"}))
    assert scored.scores.tolist() == pytest.approx([0.05, 0.45])


def test_every_leg_that_is_weighed_exists(library):
    for text in ("港车北上的保险怎么认？", "Which bond did Guangdong issue in Macao?"):
        query = understand(text)
        found = find_candidates(query, library.encoder.encode_queries([text])[0], library.generation)
        weights = scorer.load_weights()[query.language + ("+rendered" if found.rendered else "")]
        assert set(weights["passage"]) <= set(found.features)
        assert set(weights["sentence"]) <= set(found.sentence_features)


def test_weights_exist_for_every_language_with_and_without_renderings():
    assert set(scorer.load_weights()) == {f"{language}{ending}" for language in ("zh-Hans", "zh-Hant", "en")
                                          for ending in ("", "+rendered")}  # fmt: skip


def test_hits_reach_k_documents_and_rank_one_to_n(library):
    query = understand("跨境数据交易")
    vector = library.encoder.encode_queries([query.text])[0]
    scored = scorer.score(find_candidates(query, vector, library.generation), query.language)
    hits = hits_of(query, scored, library.generation, 3)
    assert len({hit.doc_id for hit in hits}) == 3
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_questions_together_are_answered_as_one_by_one(library, monkeypatch):
    texts = [
        f"{place}{thing}？"
        for place in ("深圳", "横琴", "澳门", "Hong Kong ")
        for thing in ("数据", "口岸", "licences")
    ]
    monkeypatch.setattr("baycase.search.library._TOGETHER", 5)
    together = list(library.search_many([(str(number), text) for number, text in enumerate(texts)]))
    assert [result.query_id for result in together] == [str(number) for number in range(len(texts))]
    for text, result in zip(texts, together, strict=True):
        alone = library.search(text)
        assert result.query == text and [hit.passage_row for hit in result.hits] == [h.passage_row for h in alone.hits]
        assert [hit.score for hit in result.hits] == pytest.approx([hit.score for hit in alone.hits], abs=1e-4)


def test_a_batch_that_is_left_early_ends(library, monkeypatch):
    monkeypatch.setattr("baycase.search.library._TOGETHER", 2)
    found = library.search_many([(None, text) for text in ("深圳", "横琴", "澳门", "数据", "口岸")])
    assert next(found).query == "深圳"
    found.close()
    assert list(library.search_many([])) == []


def test_ranks_count_what_is_higher(library):
    query = understand("口岸通关")
    vector = library.encoder.encode_queries([query.text])[0]
    scored = scorer.score(find_candidates(query, vector, library.generation), query.language)
    hits = hits_of(query, scored, library.generation, 5)
    rows = scored.candidates.passages.tolist()
    for hit in hits:
        for name, leg in hit.legs.items():
            values = scored.candidates.features[name]
            own = values[rows.index(hit.passage_row)]
            assert leg.rank == 1 + sum(value > own for value in values.tolist()) and leg.score == pytest.approx(own)
