"""A briefing opens again as what it is, whatever the proposal holds."""

import csv
import io

import pytest
from docx import Document

from baycase.corpus.records import Rendering
from baycase.search.briefing import WORDS, as_text, to_csv, to_docx, to_markdown
from baycase.search.results import MatchedPoint, Precedent, SimilarCase, SimilarResult


@pytest.fixture
def result() -> SimilarResult:
    rendering = Rendering("引文", "en", "Insurance is recognised.", "machine")
    quote = Precedent(10, 25, "三是实行保险*等效先认*。", rendering, page=4)
    points = (MatchedPoint("=跨境车险互认", 0, 7, 0.81, quote), MatchedPoint("太空旅游签证", 8, 14, 0.2, None))
    return SimilarResult(
        None, "=跨境车险互认。\x0b太空旅游签证", "zh-Hans", (SimilarCase(1, "case-01", "“港车北上”", 0.7, points),)
    )


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_word_document_holds_points_quotes_and_citations(result, language):
    document = Document(io.BytesIO(to_docx(result, language)))
    words = [paragraph.text for paragraph in document.paragraphs]
    assert words[0] == WORDS[language]["title"]
    assert "三是实行保险*等效先认*。" in words
    assert WORDS[language]["new"] in words
    assert any("“港车北上” [case-01:10-25]" in each for each in words)
    assert any("Insurance is recognised." in each and WORDS[language]["machine"] in each for each in words)


def test_markdown_keeps_the_text_from_becoming_markup(result):
    text = to_markdown(result, "en")
    assert "> 三是实行保险\\*等效先认\\*。" in text
    assert "“港车北上” \\[case-01:10-25\\], p. 4" in text
    assert "**no precedent**" in text


def test_csv_cells_stay_text(result):
    rows = list(csv.reader(io.StringIO(to_csv(result, "zh-Hans").removeprefix("\ufeff"))))
    assert rows[1][:3] == ["'=跨境车险互认", "“港车北上”", "0.8100"]
    assert rows[2][:2] == ["太空旅游签证", "未见先例"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-5", "@x", "\t=1", "\r=1", "＝1", " =1", "　=1"])
def test_what_begins_like_a_formula_is_quoted(cell):
    assert as_text(cell) == "'" + cell
    assert as_text("a" + cell) == "a" + cell


def test_no_case_at_all():
    empty = SimilarResult(None, "x", "en", ())
    assert "# A proposal" in to_markdown(empty, "en")
    assert to_docx(empty, "en")[:2] == b"PK"
