"""Candidates, weights and ranks, with the arithmetic shown."""

import numpy as np
import pytest

from baycase.search import scorer
from baycase.search.candidates import Candidates, best_of, best_rows, find_candidates
from baycase.search.query import understand
from baycase.search.retrieve import hits_of


def test_best_of_takes_each_owners_highest():
    assert best_of(np.array([0.2, 0.9, 0.4], np.float32), np.array([0, 0, 2]), 3).tolist() == pytest.approx(
        [0.9, 0, 0.4]
    )


def test_best_rows_leaves_out_what_scored_nothing():
    assert sorted(best_rows(np.array([0.0, 3.0, 1.0, 0.0], np.float32), 3).tolist()) == [1, 2]


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
