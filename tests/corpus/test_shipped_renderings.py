"""The English of the sixteen cases: complete, its figures and dates exact, its terms those of the glossary."""

import re
from collections import Counter
from importlib.resources import as_file, files

import pytest

from baycase.corpus.glossary import load_glossary
from baycase.corpus.records import Rendering
from baycase.corpus.renderings import read_renderings, rendering_of
from baycase.corpus.terms import english_words, stem

_SCALES = {"百": 100, "千": 1_000, "万": 10_000, "亿": 10**8, "thousand": 1_000, "million": 10**6, "billion": 10**9}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(thousand\b|million\b|billion\b|[百千万亿]*)")
_CHINESE_DATE = re.compile(r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?")
_ENGLISH_DATE = re.compile(rf"(?:(?P<day>\d{{1,2}}) )?(?P<month>{'|'.join(_MONTHS)})(?: (?P<year>\d{{4}}))?")

# A numeral in Chinese characters that English gives in figures.
FIGURES_OF_WORDS = {"十五种": 15}

# Where the string of a term is not the term, or its English is another part of speech.
NOT_AS_THE_GLOSSARY = {
    "部门": "海关部门: the customs authorities",
    "应用": "use, application: not an app",
    "在线认证": "the verb: to authenticate online",
    "法规": "inside 司法规则",
    "省法院": "inside 全省法院, the courts across the province",
    "追回债务": "the amount stands between the verb and its object",
    "首发": "issues … for the first time, with other words between",
    "国内": "inside 我国内地 and 国内外",
    "办理": "said by the noun that follows, or by a wider verb",
    "规定": "prescribed: the verb",
    "参访": "the verb: to visit",
    "上架": "listed on the Shenzhen Data Exchange: the exchange is named",
}


@pytest.fixture(scope="module")
def renderings() -> list[Rendering]:
    with as_file(files("baycase.corpus") / "cases" / "gba-rule-alignment-cases.tmx") as path:
        return read_renderings(path)


def figures_and_dates(text: str, dates: re.Pattern[str]) -> tuple[Counter, Counter]:
    """Values of figures (11.1万 and 111,000 are one), and dates as (day, month, year), None for what is not said."""

    def date(match: re.Match[str]) -> tuple[int | None, ...]:
        month = match["month"]
        number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
        return match["day"] and int(match["day"]), number, match["year"] and int(match["year"])

    def value(match: re.Match[str]) -> float:
        scale = 1
        for sign in [match[2]] if match[2].isascii() else match[2]:
            scale *= _SCALES.get(sign, 1)
        return round(float(match[1].replace(",", "")) * scale, 6)

    return Counter(map(value, _NUMBER.finditer(dates.sub(" ", text)))), Counter(map(date, dates.finditer(text)))


def test_the_measure_itself():
    chinese = figures_and_dates("截至2023年8月31日，11.1万人、127亿余元，9月试点，2022年", _CHINESE_DATE)
    english = figures_and_dates(
        "As at 31 August 2023, 111,000 people, 12.7 billion; from September a pilot; 2022", _ENGLISH_DATE
    )
    assert chinese == english
    assert figures_and_dates("11.1万人", _CHINESE_DATE) != figures_and_dates("11.1 million people", _ENGLISH_DATE)


def test_every_sentence_title_and_unit_has_a_rendering(shipped, renderings):
    known = {r.source_text: r for r in renderings if r.language == "en"}
    missing = []
    for document in shipped:
        missing += [t for t in (document.title, *(u.of(document.text) for u in document.case.units)) if t not in known]
        for passage in document.passages:
            for sentence in passage.sentences:
                if rendering_of(document.text, sentence.span, sentence.heading, known) is None:
                    missing.append(sentence.span.of(document.text))
    assert not missing


def test_a_text_has_one_rendering_and_it_is_the_projects(renderings):
    assert len({r.source_text for r in renderings}) == len(renderings)
    assert {r.origin for r in renderings} == {"project"}


def test_figures_and_dates_are_those_of_the_source(renderings):
    different = []
    for rendering in renderings:
        source = "".join(rendering.source_text.split())
        numbers, dates = figures_and_dates(source, _CHINESE_DATE)
        numbers.update(value for words, value in FIGURES_OF_WORDS.items() if words in source)
        if (numbers, dates) != figures_and_dates(rendering.text, _ENGLISH_DATE):
            different.append((source, rendering.text))
    assert not different


def test_terms_are_rendered_as_the_glossary_says(renderings):
    glossary = load_glossary()
    different: dict[str, list[str]] = {}
    compared = 0
    for rendering in renderings:
        english = stems(rendering.text)
        for span, term in glossary.in_chinese(rendering.source_text):
            if term.domain != "general":
                compared += 1
                if not any(_holds(english, stems(form)) for form in term.en):
                    different.setdefault(span.of(rendering.source_text), []).append(rendering.source_text)
    assert compared > 900
    assert different.keys() == NOT_AS_THE_GLOSSARY.keys()


def stems(text: str) -> list[str]:
    return [stem(word) for word in english_words(text)]


def _holds(words: list[str], wanted: list[str]) -> bool:
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1))
