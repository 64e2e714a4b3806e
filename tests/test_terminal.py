"""What an English reader sees in a terminal: the exact quote, and its rendering marked by who made it."""

import pytest

from baycase.corpus.records import Rendering
from baycase.search.results import (
    AskResult,
    Citation,
    Hit,
    Leg,
    MatchedPoint,
    Precedent,
    SearchResult,
    SimilarCase,
    SimilarResult,
)
from baycase.terminal import ask_text, search_text, similar_text

QUOTE, ENGLISH = "深圳推进数据跨境流动。", "Shenzhen promotes cross-boundary data flow."
MARKS = {
    ("en", "official"): "[official translation]",
    ("en", "project"): "[unofficial translation]",
    ("en", "machine"): "[unofficial translation]",
    ("zh-Hant", "machine"): "[非官方譯文]",
    ("zh-Hans", "official"): "[官方译文]",
}


def hit(rendering: Rendering | None) -> Hit:
    return Hit(
        1, 0.9, "case-01", "案例", "measure", 10, 21, QUOTE, QUOTE, 10, 21, {"dense": Leg(0.8, 1)}, rendering=rendering
    )


def results(language: str, rendering: Rendering | None):
    found = hit(rendering)
    citation = Citation("case-01", "案例", 10, 21, QUOTE, rendering=rendering)
    point = MatchedPoint("Data may flow", 0, 13, 0.7, Precedent(10, 21, QUOTE, rendering))
    return (
        SearchResult(None, "q", language, (found,)),
        AskResult(None, "q", language, True, 0.9, 0.8, QUOTE, (citation,), (found,)),
        SimilarResult(None, "q", language, (SimilarCase(1, "case-01", "案例", 0.7, (point,)),)),
    )


def texts(language: str, rendering: Rendering | None) -> list[str]:
    search, ask, similar = results(language, rendering)
    return [search_text(search), ask_text(ask), similar_text(similar)]


@pytest.mark.parametrize(("language", "origin"), MARKS)
def test_the_rendering_stands_under_the_quote_with_its_mark(language, origin):
    for text in texts(language, Rendering(QUOTE, "en", ENGLISH, origin)):
        lines = text.splitlines()
        (at, *_) = [number for number, line in enumerate(lines) if QUOTE in line]
        assert lines[at + 1].strip() == f"{ENGLISH} {MARKS[language, origin]}"


def test_without_a_rendering_nothing_is_marked():
    for text in texts("en", None):
        assert QUOTE in text
        assert "translation" not in text


def test_json_has_the_rendering_beside_the_quote_and_only_where_there_is_one():
    said = {"language": "en", "text": ENGLISH, "origin": "project"}
    search, ask, similar = (result.to_dict() for result in results("en", Rendering(QUOTE, "en", ENGLISH, "project")))
    precedent = similar["cases"][0]["points"][0]["precedent"]
    assert search["hits"][0]["rendering"] == ask["citations"][0]["rendering"] == precedent["rendering"] == said
    assert (search["hits"][0]["sentence"], ask["citations"][0]["quote"], precedent["quote"]) == (QUOTE, QUOTE, QUOTE)
    search, ask, similar = (result.to_dict() for result in results("en", None))
    for record in (search["hits"][0], ask["citations"][0], similar["cases"][0]["points"][0]["precedent"]):
        assert "rendering" not in record
