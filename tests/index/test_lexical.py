"""BM25 by hand over two tiny texts, and what the matrix says once it was written and opened."""

from math import log
from pathlib import Path

import bm25s
import numpy as np
import pytest

from baycase.index import lexical
from baycase.index.lexical import Every, TermIndex

TEXTS = [["tea", "tea", "bridge"], ["bridge"]]  # 3 and 1 terms, 2 on average


@pytest.fixture(params=["built", "opened"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> TermIndex:
    built = TermIndex.build(TEXTS)
    if request.param == "built":
        return built
    built.save(tmp_path / "terms")
    return TermIndex.open(tmp_path / "terms", len(TEXTS))


def test_bm25_by_hand(index: TermIndex) -> None:
    # Lucene's form: idf · tf / (tf + k1 · (1 − b + b · length / mean length)), k1 1.2, b .75. The index holds one text
    # more, of one term that nobody asks for: 3 texts, of (3 + 1 + 1) / 3 terms on average.
    mean = 5 / 3
    tea = log(1 + (3 - 1 + 0.5) / (1 + 0.5)) * 2 / (2 + 1.2 * (0.25 + 0.75 * 3 / mean))
    bridge = log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    long, short = (bridge / (1 + 1.2 * (0.25 + 0.75 * length / mean)) for length in (3, 1))
    assert index.scores(["tea"]) == pytest.approx([tea, 0], abs=1e-6)
    assert index.scores(["bridge"]) == pytest.approx([long, short], abs=1e-6)
    assert index.scores(["tea", "bridge", "bridge"]) == pytest.approx([tea + 2 * long, 2 * short], abs=1e-6)


def test_terms_that_no_text_has_score_nothing(index: TermIndex) -> None:
    for terms in ([], ["port"], [""]):
        scores = index.scores(terms)
        assert scores.dtype == np.float32 and scores.tolist() == [0, 0]
    assert index.scores(["port", "tea"]).tolist() == index.scores(["tea"]).tolist()


def test_weight_is_the_inverse_document_frequency(index: TermIndex) -> None:
    assert index.frequency("tea") == 1 and index.frequency("bridge") == 2 and index.frequency("port") == 0
    assert index.weight("tea") == pytest.approx(log(1 + (2 - 1 + 0.5) / (1 + 0.5)))
    assert index.weight("bridge") == pytest.approx(log(1 + (2 - 2 + 0.5) / (2 + 0.5)))
    assert index.weight("port") == index.weight("tea")  # unknown counts as seen once


def test_coverage_is_the_weighed_share_of_the_terms(index: TermIndex) -> None:
    tea, bridge, port = map(index.weight, ("tea", "bridge", "port"))
    assert index.coverage(["tea", "bridge"]) == pytest.approx([1, bridge / (tea + bridge)])
    assert index.coverage(["tea", "tea", "port"]) == pytest.approx([tea / (tea + port), 0])  # each term once
    assert index.coverage([]).tolist() == [0, 0]


def test_highest_score_is_what_a_text_could_reach(index: TermIndex) -> None:
    assert index.highest_score(["tea", "bridge"]) == pytest.approx(index.weight("tea") + index.weight("bridge"))
    assert index.highest_score([]) == 1  # something to divide by
    many = ["tea"] * 3
    assert index.scores(many).max() < 3 * log(1 + 2.5 / 1.5) and index.highest_score(many) == 3 * index.weight("tea")


@pytest.mark.parametrize("texts", [[], [[]], [[], []]])
def test_field_without_any_term(texts: list[list[str]], tmp_path: Path) -> None:
    built = TermIndex.build(texts)
    built.save(tmp_path / "empty")
    for index in (built, TermIndex.open(tmp_path / "empty", len(texts))):
        assert index.scores(["tea"]).tolist() == index.coverage(["tea"]).tolist() == [0] * len(texts)


def test_files_of_two_indexes_are_refused(tmp_path: Path) -> None:
    for name, texts in (("one", TEXTS), ("other", [*TEXTS, ["tea", "port"]])):
        TermIndex.build(texts).save(tmp_path / name)
    (tmp_path / "one" / TermIndex.FILES[0]).write_bytes((tmp_path / "other" / TermIndex.FILES[0]).read_bytes())
    with pytest.raises(ValueError, match="do not fit together"):
        TermIndex.open(tmp_path / "one", len(TEXTS))


def test_scores_are_those_of_bm25s_to_the_last_bit() -> None:
    draw = np.random.default_rng(0)
    texts = [[f"t{n}" for n in draw.zipf(1.6, draw.integers(0, 40)) if n < 500] for _ in range(200)]
    numbers: dict[str, int] = {}
    ids = [[numbers.setdefault(term, len(numbers)) for term in terms] for terms in texts]
    ids.append([numbers.setdefault("", len(numbers))])
    other = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    other.index((ids, numbers), show_progress=False, create_empty_token=False)
    index = TermIndex.build(texts)
    for term, number in numbers.items():
        if term:
            dense = np.zeros(len(texts) + 1, np.float32)
            column = slice(other.scores["indptr"][number], other.scores["indptr"][number + 1])
            dense[other.scores["indices"][column]] = other.scores["data"][column]
            assert (index.scores([term]) == dense[:-1]).all()


def test_the_best_are_those_that_scored_something() -> None:
    every = Every(np.array([0.0, 3.0, 1.0, 0.0], np.float32))
    assert sorted(every.best(3).tolist()) == [1, 2] and every.best(1).tolist() == [1]
    assert every.best(3, np.array([True, False, True, True])).tolist() == [2]
    assert Every(np.zeros(0, np.float32)).best(3).tolist() == []


@pytest.mark.parametrize("checked", [200_000, 300])
@pytest.mark.parametrize("way", ["by_score", "by_coverage"])
def test_asking_about_some_texts_says_what_scoring_every_one_says(
    way: str, checked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(1)
    texts = [[f"t{n}" for n in draw.zipf(1.3, draw.integers(0, 30)) if n < 2_000] for _ in range(3_000)]
    index = TermIndex.build(texts)
    monkeypatch.setattr(lexical, "_CHECKED", checked)
    among = np.arange(3_000) % 3 > 0
    for _ in range(60):
        terms = [f"t{n}" for n in draw.zipf(1.2, draw.integers(1, 9))]
        every = getattr(index, way)(terms)
        assert isinstance(every, Every)
        with monkeypatch.context() as patch:
            patch.setattr(lexical, "EVERY_TEXT", 0)
            asked = getattr(index, way)(terms)
        rows = np.unique(draw.integers(0, 3_000, 200))
        assert (asked.of(rows) == every.of(rows)).all()
        for allowed in (None, among):
            best, expected = asked.best(50, allowed), every.best(50, allowed)
            assert len(set(best.tolist())) == len(best) == len(expected)
            assert allowed is None or allowed[best].all()
            # Of equal scores at the limit any may be named.
            assert sorted(every.of(best).tolist()) == pytest.approx(sorted(every.of(expected).tolist()), abs=1e-6)


def test_no_terms_and_unknown_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "EVERY_TEXT", 0)
    index = TermIndex.build(TEXTS)
    for terms in ([], ["port"]):
        for asked in (index.by_score(terms), index.by_coverage(terms)):
            assert asked.best(3).tolist() == [] and asked.of(np.array([0, 1])).tolist() == [0, 0]
            assert asked.of(np.empty(0, np.int64)).tolist() == []
