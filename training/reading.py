"""Reading comprehension as groups: a question, a window with its answer, and windows that are wrong in typed ways.

Cuts paragraphs into windows of whole sentences, and draws for each question the wrong windows that teach most: of the
same paragraph without the answer, of the paragraph nearest to the question, of a paragraph that answers the same kind
of question. Beside them stand questions that were written to be answered by nothing in their
paragraph. It does not know tokens, networks or losses.
"""

import random
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace

import bm25s

from baycase.training.changing import change_number, change_word

SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]+[”’」』）)]*|[^。！？；\n]+$")
SENTENCE_EN = re.compile(r".+?(?:[.!?][\"”’)]*(?=\s|$)\s*|$)", re.DOTALL)
SHORTEST, LONGEST = 40, 260  # characters of a window; an English one takes three times as many
NEIGHBOURS = 24

KINDS = (
    (
        "date",
        re.compile(r"\d+\s*年|\d+\s*月|世[紀纪]|年代|[一二三四五六七八九十]+年|\b1\d{3}\b|\b20\d\d\b|[民国國]+\d+"),
    ),
    ("count", re.compile(r"\d|百分|[一二三四五六七八九十百千万萬億亿兩两]+[個个名座所間间條条種种次人位家隻只歲岁天]")),
)
ASKED = (
    ("date", re.compile(r"何[時时]|哪[一]?年|什[麼么][時时][候間间]|幾年|几年|[Ww]hen\b|[Ww]hat year")),
    ("count", re.compile(r"多少|幾|几[个個名次位人種种]|[Hh]ow many|[Hh]ow much")),
    ("person", re.compile(r"[誰谁]|哪[一]?位|何人|\b[Ww]ho")),
    ("place", re.compile(r"哪[裡里兒儿]|何[處处地]|哪[一]?[個个]?[地國国城省縣县市區区]|什[麼么]地方|[Ww]here")),
    ("reason", re.compile(r"[為为]什[麼么]|[為为]何|原因|\b[Ww]hy")),
)


@dataclass(frozen=True)
class Paragraph:
    """A text, its article (questions of one article are never divided between training and choosing), its sentences."""

    text: str
    article: str
    language: str
    sentences: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Question:
    """`start`: the answer's character offset in the paragraph numbered `paragraph`; `key`: what finds neighbours."""

    identity: str
    text: str
    answer: str
    start: int
    paragraph: int
    language: str
    kind: str
    key: str
    forbidden: tuple[str, ...]  # without white space; a window with one of them may answer, so it is never a wrong one


@dataclass(frozen=True)
class Window:
    """A piece of a paragraph; `answer` are character offsets in `text`, or None where the answer is not in it."""

    text: str
    answer: tuple[int, int] | None = None


@dataclass(frozen=True)
class Group:
    """A question with its windows, the right one first unless `answered` is false."""

    question: Question
    windows: tuple[Window, ...]
    answered: bool
    text: str  # the question as asked here


def sentences(text: str, language: str) -> tuple[tuple[int, int], ...]:
    """Character offsets of the sentences, without gaps where the text has none but white space."""
    pattern = SENTENCE_EN if language == "en" else SENTENCE
    return tuple(match.span() for match in pattern.finditer(text) if match.group().strip())


def kind_of(question: str, answer: str) -> str:
    """What is asked for: date, count, person, place, reason or other; the question decides before the answer does."""
    for kind, pattern in ASKED:
        if pattern.search(question):
            return kind
    for kind, pattern in KINDS:
        if pattern.search(answer):
            return kind
    return "other"


def bare(text: str) -> str:
    """The text without white space."""
    return re.sub(r"\s+", "", text)


def grams(text: str) -> list[str]:
    """Bigrams of Chinese characters and whole Latin words, lower case: enough to find a paragraph's neighbours."""
    terms = re.findall(r"[a-z]+|\d+", text.lower())
    for run in re.findall(r"[\u3400-\u9fff]+", text):
        terms += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    return terms


class Material:
    """Paragraphs and questions, with each question's nearest other paragraphs.

    `near` are questions that their paragraph does not answer: without an answer, `start` where it comes nearest.
    """

    def __init__(
        self, paragraphs: Sequence[Paragraph], questions: Sequence[Question], near: Sequence[Question] = ()
    ) -> None:
        self.paragraphs = list(paragraphs)
        self.questions = list(questions)
        self.near = list(near)
        self._by_kind: dict[tuple[str, str], list[Question]] = defaultdict(list)
        self._of_paragraph: dict[int, list[Question]] = defaultdict(list)
        for question in self.questions:
            self._by_kind[self.paragraphs[question.paragraph].language, question.kind].append(question)
            self._of_paragraph[question.paragraph].append(question)
        self._neighbours = self._find_neighbours()

    def _find_neighbours(self) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in self.questions]
        for language in {paragraph.language for paragraph in self.paragraphs}:
            members = [i for i, paragraph in enumerate(self.paragraphs) if paragraph.language == language]
            asked = [i for i, q in enumerate(self.questions) if self.paragraphs[q.paragraph].language == language]
            if len(members) < 2 or not asked:
                continue
            index = bm25s.BM25()
            index.index([grams(self.paragraphs[i].text) or ["-"] for i in members], show_progress=False)
            queries = [grams(self.questions[i].key) or ["-"] for i in asked]
            results, _ = index.retrieve(queries, k=min(NEIGHBOURS, len(members)), show_progress=False, n_threads=1)
            for number, row in zip(asked, results, strict=True):
                own = self.questions[number].paragraph
                found[number] = [members[int(i)] for i in row if members[int(i)] != own]
        return found

    def joined(self, other: "Material") -> "Material":
        """Both as one: each may draw wrong windows from the other."""
        first = len(self.paragraphs)
        moved = [[replace(q, paragraph=q.paragraph + first) for q in part] for part in (other.questions, other.near)]
        return Material([*self.paragraphs, *other.paragraphs], [*self.questions, *moved[0]], [*self.near, *moved[1]])

    def crosses(self, number: int) -> bool:
        """Whether the question is asked in another language than its paragraph's."""
        question = self.questions[number]
        return question.language != self.paragraphs[question.paragraph].language

    def held_out(self, share: float, seed: int) -> frozenset[str]:
        """Articles drawn by chance, to choose a checkpoint by."""
        names = sorted({paragraph.article for paragraph in self.paragraphs})
        random.Random(seed).shuffle(names)
        return frozenset(names[: round(len(names) * share)])

    def split(self, held: Container[str]) -> "tuple[Material, Material]":
        """The questions of all articles but those held out, and theirs; the paragraphs stay with both, for wrong
        windows."""
        train, aside = copy(self), copy(self)
        for side, within in ((train, False), (aside, True)):
            keep = [n for n, q in enumerate(self.questions) if self._within(q, held) == within]
            side.questions = [self.questions[n] for n in keep]
            side._neighbours = [self._neighbours[n] for n in keep]
            side.near = [q for q in self.near if self._within(q, held) == within]
        return train, aside

    def _within(self, question: Question, articles: Container[str]) -> bool:
        return self.paragraphs[question.paragraph].article in articles

    def window(self, paragraph: int, around: tuple[int, int], rng: random.Random) -> tuple[int, int]:
        """Offsets of whole sentences about `around`, of a length drawn for it; a single sentence may be longer."""
        text = self.paragraphs[paragraph]
        factor = 3 if text.language == "en" else 1
        size = factor * (SHORTEST + (LONGEST - SHORTEST) * rng.betavariate(1.0, 2.4))
        inside = [i for i, (a, b) in enumerate(text.sentences) if a < around[1] and b > around[0]]
        if not inside:
            return around
        first, last = inside[0], inside[-1]
        while True:
            sides = []
            if first > 0 and text.sentences[last][1] - text.sentences[first - 1][0] <= size:
                sides.append(-1)
            if last + 1 < len(text.sentences) and text.sentences[last + 1][1] - text.sentences[first][0] <= size:
                sides.append(1)
            if not sides:
                return text.sentences[first][0], text.sentences[last][1]
            if rng.choice(sides) < 0:
                first -= 1
            else:
                last += 1

    def right(self, question: Question, rng: random.Random) -> Window:
        """A window with the answer."""
        start, end = question.start, question.start + len(question.answer)
        a, b = self.window(question.paragraph, (start, end), rng)
        return Window(self.paragraphs[question.paragraph].text[a:b], (start - a, end - a))

    def _wrong(self, paragraph: int, question: Question, rng: random.Random, near: bool) -> Window | None:
        """A window of the paragraph without the answer's words; the one most like the question, if `near`."""
        text = self.paragraphs[paragraph]
        free = [s for s in text.sentences if not _answers(text.text[s[0] : s[1]], question)]
        if not free:
            return None
        if near:
            asked = set(grams(question.key))
            free.sort(key=lambda s: -len(asked & set(grams(text.text[s[0] : s[1]]))))
            free = free[:2]
        for _ in range(3):
            a, b = self.window(paragraph, rng.choice(free), rng)
            if not _answers(text.text[a:b], question):
                return Window(text.text[a:b])
        a, b = rng.choice(free)
        return Window(text.text[a:b])

    def same_paragraph(self, number: int, rng: random.Random) -> Window | None:
        """A window of the question's own paragraph without the answer."""
        question = self.questions[number]
        return self._wrong(question.paragraph, question, rng, near=rng.random() < 0.5)

    def nearest(self, number: int, rng: random.Random) -> Window | None:
        """A window of a paragraph near to the question, the nearer the likelier."""
        neighbours = self._neighbours[number]
        if not neighbours:
            return None
        place = min(int(rng.expovariate(1 / 3)), len(neighbours) - 1)
        return self._wrong(neighbours[place], self.questions[number], rng, near=rng.random() < 0.7)

    def same_kind(self, number: int, rng: random.Random) -> Window | None:
        """A window about another paragraph's answer of the kind that is asked for; neighbours first."""
        question = self.questions[number]
        others = [q for p in self._neighbours[number] for q in self._of_paragraph[p] if q.kind == question.kind]
        if not others or rng.random() < 0.2:
            language = self.paragraphs[question.paragraph].language
            others = rng.choices(self._by_kind[language, question.kind], k=4)
            others = [q for q in others if q.paragraph != question.paragraph]
        if not others:
            return None
        other = others[min(int(rng.expovariate(1 / 4)), len(others) - 1)]
        a, b = self.window(other.paragraph, (other.start, other.start + len(other.answer)), rng)
        text = self.paragraphs[other.paragraph].text[a:b]
        return None if _answers(text, question) else Window(text)

    def _changed(self, number: int, window: Window, rng: random.Random) -> str | None:
        question = self.questions[number]
        changed = change_number(question.text, rng)
        if changed is None and question.language != "en":
            places = [question.paragraph, *self._neighbours[number][:2]]
            others = [other.text for place in places for other in self._of_paragraph[place]]
            changed = change_word(question.text, window.text, others, rng)
        return changed

    def group(self, number: int, rng: random.Random, wrong: int, answered: bool, typed: bool = True) -> Group:
        """The question's group with `wrong` wrong windows (fewer where the material has no more), of each type in turn
        or, without `typed`, of the paragraph nearest to the question alone.

        An unanswered group holds wrong windows alone or, half the time, the right one too under a question changed so
        that it no longer answers.
        """
        question = self.questions[number]
        asked = question.text
        windows = [self.right(question, rng)] if answered else []
        if not answered and rng.random() < 0.5:
            window = Window(self.right(question, rng).text)
            changed = self._changed(number, window, rng)
            if changed is not None:
                asked = changed
                windows.append(window)
        draws = [self.same_paragraph, self.nearest, self.same_kind] if typed else [self.nearest]
        rng.shuffle(draws)
        total = wrong + answered
        for attempt in range(9):
            if len(windows) >= total:
                break
            window = draws[attempt % len(draws)](number, rng)
            if window is not None and all(window.text != other.text for other in windows):
                windows.append(window)
        return Group(question, tuple(windows), answered, asked)

    def near_group(self, number: int, rng: random.Random, wrong: int) -> Group:
        """A near question with windows of its paragraph, the one where the paragraph comes nearest first."""
        question = self.near[number]
        text = self.paragraphs[question.paragraph]
        others = rng.sample(text.sentences, min(wrong, len(text.sentences)))
        windows: list[str] = []
        for around in [(question.start, question.start + 1), *others]:
            a, b = self.window(question.paragraph, around, rng)
            if len(windows) < wrong and text.text[a:b] not in windows:
                windows.append(text.text[a:b])
        return Group(question, tuple(map(Window, windows)), False, question.text)


def _answers(text: str, question: Question) -> bool:
    held = bare(text)
    return any(words in held for words in question.forbidden)


def shuffled(numbers: Iterable[int], rng: random.Random) -> Iterator[int]:
    """The numbers over and over, in a new order each round."""
    order = list(numbers)
    while True:
        rng.shuffle(order)
        yield from order
