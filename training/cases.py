"""Questions about the shipped cases as groups: the test set's tune split alone, policy text with its headings.

The tune split are the cases of odd number; no text and no question of an even one is read here. It does not know
networks or losses.
"""

import random
import re
from collections.abc import Iterator

from baycase.corpus.reader import read_shipped as read_cases
from baycase.eval.testset import Question as Asked
from baycase.eval.testset import TestSet, read_shipped
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


def _case_of(asked: Asked) -> int:
    return int(asked.group.removeprefix("case "))


def _place(text: str, words: str, within: tuple[int, int]) -> tuple[int, int] | None:
    """Where the words stand in a part of the text, white space aside."""
    pattern = r"\s*".join(re.escape(character) for character in bare(words))
    match = re.compile(pattern).search(text, *within)
    return match.span() if match else None


def case_material(test_set: TestSet) -> Material:
    """The tune cases as paragraphs, their questions with one answer; those that want several answers are left out."""
    paragraphs: list[Paragraph] = []
    numbers: dict[int, int] = {}
    for case, document in enumerate(read_cases(), start=1):
        if case % 2 == 1:
            numbers[case] = len(paragraphs)
            paragraphs.append(Paragraph(document.text, str(case), "zh", sentences(document.text, "zh")))
    questions = []
    for asked in (q for subset in test_set.of_split("tune").subsets.values() for q in subset):
        case = _case_of(asked)
        text = paragraphs[numbers[case]].text
        best = max(asked.evidence, key=lambda evidence: evidence.grade)
        answer = _place(text, asked.answers[0], (best.start, best.end))
        if answer is None or asked.type == "multi":
            continue
        words = text[answer[0] : answer[1]]
        last = {re.split(r"(?<=[。！？；])(?=.)", bare(evidence.quote))[-1] for evidence in asked.evidence}
        language = asked.subset[:2]
        kind = kind_of(asked.text, words)
        key = asked.text if language == "zh" else words
        forbidden = tuple(sorted({bare(words), *last}))
        questions.append(
            Question(f"case-{case}", asked.text, words, answer[0], numbers[case], language, kind, key, forbidden)
        )
    return Material(paragraphs, questions)


def _near(test_set: TestSet, material: Material, rng: random.Random) -> Iterator[Group]:
    """Each near question with windows of its own case, the most alike first, and none that answers."""
    numbers = {paragraph.article: number for number, paragraph in enumerate(material.paragraphs)}
    for near in test_set.of_split("tune").near:
        if _case_of(near) in HELD_OUT:
            continue
        number = numbers[str(_case_of(near))]
        paragraph = material.paragraphs[number]
        asked = set(grams(near.text))
        question = Question("near", near.text, "", 0, number, near.subset[:2], "other", near.text, ())
        ranked = sorted(
            paragraph.sentences, key=lambda s: -len(asked & set(grams(paragraph.text[s[0] : s[1]]))) + rng.random()
        )
        for _ in range(DRAWS):
            spans = [material.window(number, sentence, rng) for sentence in rng.sample(ranked[:8], 3)]
            windows = {paragraph.text[a:b] for a, b in spans}
            yield Group(question, tuple(Window(text) for text in sorted(windows)), False, question.text)


def case_groups(seed: int) -> tuple[Group, ...]:
    """Groups to train on, of the shipped test set."""
    test_set, rng = read_shipped(), random.Random(seed)
    material = case_material(test_set)
    numbers = [
        number
        for number, question in enumerate(material.questions)
        if int(material.paragraphs[question.paragraph].article) not in HELD_OUT
    ]
    groups = [material.group(n, rng, 3, rng.random() > 0.1) for n in numbers for _ in range(DRAWS)]
    return tuple(groups) + tuple(_near(test_set, material, rng))
