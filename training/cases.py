"""Questions about the shipped cases as groups: the tune split alone, policy text with its headings.

The folder holds ``questions*.jsonl`` (case, language, question, answers, evidence quotes) and, where there is one,
``near.jsonl`` (case, language, question; the case never answers it). Cases of odd number are for tuning; nothing of an
even one is read here. It does not know networks or losses.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from baycase.corpus.reader import read_shipped
from baycase.training.reading import (
    Group,
    Material,
    Paragraph,
    Question,
    Window,
    bare,
    grams,
    kind_of,
    sentences,
)

DRAWS = 12  # groups drawn of each question, each with other windows
HELD_OUT = frozenset((7, 15))  # tune cases to choose by


def _rows(folder: Path, pattern: str) -> Iterator[dict]:
    for path in sorted(folder.glob(pattern)):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if int(row["case"]) % 2 == 1:
                yield row


def _place(text: str, words: str, within: tuple[int, int]) -> tuple[int, int] | None:
    """Where the words stand in a part of the text, white space aside."""
    pattern = r"\s*".join(re.escape(character) for character in bare(words))
    match = re.compile(pattern).search(text, *within)
    return match.span() if match else None


def case_material(folder: Path) -> Material:
    """The tune cases as paragraphs, their questions with one answer; those that want several answers are left out."""
    paragraphs: list[Paragraph] = []
    numbers: dict[int, int] = {}
    for case, document in enumerate(read_shipped(), start=1):
        if case % 2 == 1:
            numbers[case] = len(paragraphs)
            paragraphs.append(Paragraph(document.text, str(case), "zh", sentences(document.text, "zh")))
    questions = []
    for row in _rows(folder, "questions*.jsonl"):
        number = numbers[int(row["case"])]
        text = paragraphs[number].text
        best = max(row["evidence"], key=lambda evidence: evidence["grade"])
        evidence = _place(text, best["quote"], (0, len(text)))
        answer = _place(text, row["answers"][0], evidence) if evidence else None
        if answer is None or row["type"] == "multi":
            continue
        words = text[answer[0] : answer[1]]
        quotes = [bare(item["quote"]) for item in row["evidence"]]
        last = {re.split(r"(?<=[。！？；])(?=.)", quote)[-1] for quote in quotes}
        forbidden = tuple({bare(words), *last})
        language = "en" if row["language"] == "en" else "zh"
        kind = kind_of(row["question"], words)
        key = row["question"] if language == "zh" else words
        questions.append(
            Question(f"case-{row['case']}", row["question"], words, answer[0], number, language, kind, key, forbidden)
        )
    return Material(paragraphs, questions)


def _near(folder: Path, material: Material, rng: random.Random) -> Iterator[Group]:
    """Each near question with windows of its own case, the most alike first, and none that answers."""
    numbers = {paragraph.article: number for number, paragraph in enumerate(material.paragraphs)}
    for row in _rows(folder, "near*.jsonl"):
        if int(row["case"]) in HELD_OUT:
            continue
        number = numbers[str(row["case"])]
        paragraph = material.paragraphs[number]
        asked = set(grams(row["question"]))
        language = "en" if row["language"] == "en" else "zh"
        question = Question("near", row["question"], "", 0, number, language, "other", row["question"], ())
        ranked = sorted(
            paragraph.sentences, key=lambda s: -len(asked & set(grams(paragraph.text[s[0] : s[1]]))) + rng.random()
        )
        for _ in range(DRAWS):
            spans = [material.window(number, sentence, rng) for sentence in rng.sample(ranked[:8], 3)]
            windows = {paragraph.text[a:b] for a, b in spans}
            yield Group(question, tuple(Window(text) for text in sorted(windows)), False, question.text)


def case_groups(folder: Path, seed: int) -> tuple[Group, ...]:
    """Groups to train on."""
    material, rng = case_material(folder), random.Random(seed)
    numbers = [
        number
        for number, question in enumerate(material.questions)
        if int(material.paragraphs[question.paragraph].article) not in HELD_OUT
    ]
    groups = [material.group(n, rng, 3, rng.random() > 0.1) for n in numbers for _ in range(DRAWS)]
    return tuple(groups) + tuple(_near(folder, material, rng))
