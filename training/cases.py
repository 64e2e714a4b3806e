"""Questions about the shipped cases: policy text with its headings, and its English rendering beside it.

Two sets of questions: the shipped test set's tune split, and `training/questions`, which was written for
training. Both are about the cases of odd number; no text and no question of an even one is read here. It does
not know networks or losses.
"""

import re
from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from pathlib import Path

from baycase.corpus.reader import SHIPPED
from baycase.corpus.reader import read_shipped as read_cases
from baycase.corpus.records import Document, Rendering
from baycase.corpus.renderings import read_renderings, rendering_of
from baycase.corpus.sentences import units
from baycase.eval.testset import Question as Asked
from baycase.eval.testset import TestSet, read_folder, read_shipped
from baycase.training.reading import Material, Paragraph, Question, bare, kind_of, sentences

HELD_OUT = frozenset((7, 15))  # tune cases to choose and to calibrate by
WRITTEN = Path(__file__).parent / "questions"
ARTICLES = WRITTEN / "articles.tsv"


def case_of(asked: Asked) -> int:
    return int(asked.group.removeprefix("case "))


def read_written() -> TestSet:
    """The questions about the odd cases that were written for training, in the shipped set's form."""
    return read_folder(WRITTEN)


def case_material(test_sets: Sequence[TestSet] | None = None) -> Material:
    """The tune cases as paragraphs, Chinese and rendered, article by case number, and the questions about them with one
    answer; those that want several are left out. An English question is asked of both paragraphs."""
    renderings = _renderings()
    paragraphs: list[Paragraph] = []
    numbers: dict[tuple[int, str], int] = {}
    for case, document in enumerate(read_cases(), start=1):
        if case % 2 == 1:
            numbers[case, "zh"] = len(paragraphs)
            paragraphs.append(Paragraph(document.text, str(case), "zh", sentences(document.text, "zh")))
            numbers[case, "en"] = len(paragraphs)
            paragraphs.append(_rendered(document, str(case), renderings))
    tune = [test_set.of_split("tune") for test_set in test_sets or (read_shipped(), read_written())]
    questions, near = [], []
    for asked in (q for test_set in tune for subset in test_set.subsets.values() for q in subset):
        if asked.type == "multi":
            continue
        for language in dict.fromkeys(("zh", asked.subset[:2])):
            number = numbers[case_of(asked), language]
            questions += _question(asked, number, paragraphs[number])
    for asked in (q for test_set in tune for q in test_set.near):
        for language in dict.fromkeys(("zh", asked.subset[:2])):
            number = numbers[case_of(asked), language]
            start = (
                asked.evidence[0].start if asked.evidence and language == "zh" else paragraphs[number].sentences[0][0]
            )
            near.append(Question(asked.id, asked.text, "", start, number, asked.subset[:2], "other", asked.text, ()))
    return Material(paragraphs, questions, near)


def _question(asked: Asked, number: int, paragraph: Paragraph) -> Iterator[Question]:
    """The question of a paragraph, where one of its answers stands in it."""
    text, language = paragraph.text, asked.subset[:2]
    within = (0, len(text))
    last = set()
    if paragraph.language == "zh":
        best = max(asked.evidence, key=lambda evidence: evidence.grade)
        within = (best.start, best.end)
        last = {re.split(r"(?<=[。！？；])(?=.)", bare(evidence.quote))[-1] for evidence in asked.evidence}
    for words in asked.answers:
        place = _place(text, words, within)
        if place:
            found = text[place[0] : place[1]]
            key = asked.text if language == paragraph.language else found
            forbidden = tuple(sorted({bare(found), *last}))
            kind = kind_of(asked.text, found)
            yield Question(asked.id, asked.text, found, place[0], number, language, kind, key, forbidden)
            return


def _place(text: str, words: str, within: tuple[int, int]) -> tuple[int, int] | None:
    """Where the words stand in a part of the text, white space aside."""
    pattern = r"\s*".join(re.escape(character) for character in bare(words))
    match = re.compile(pattern).search(text, *within)
    return match.span() if match else None


def _renderings() -> dict[str, Rendering]:
    with as_file(files("baycase.corpus") / "cases") as folder:
        memory = (folder / SHIPPED).with_suffix(".tmx")
        return {rendering.source_text: rendering for rendering in read_renderings(memory)}


def _rendered(document: Document, article: str, renderings: dict[str, Rendering]) -> Paragraph:
    """The renderings of the document's sentences, one after the other, as one English paragraph."""
    text, spans = "", []
    for unit in units(document.text):
        rendering = rendering_of(document.text, unit.span, unit.heading, renderings)
        if rendering is not None:
            start = len(text) + bool(text)
            text += " " * bool(text) + rendering.text
            spans.append((start, len(text)))
    return Paragraph(text, article, "en", tuple(spans))
