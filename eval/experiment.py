"""A run over a test set: every question asked of a library as a user would ask it.

What comes out is one `Outcome` a question, with everything that the figures, the diagnosis and a saved run need.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from baycase.eval.metrics import character_f1
from baycase.eval.testset import ANSWERS, Evidence, Question
from baycase.index.build import Progress, no_progress
from baycase.search.library import Library
from baycase.search.results import AskResult, Hit
from baycase.search.retrieve import first_documents


@dataclass(frozen=True)
class Outcome:
    """A question and what the library said."""

    question: Question
    result: AskResult

    @cached_property
    def ranking(self) -> list[str]:
        """doc_ids, best first: a document's rank is its best passage's."""
        return first_documents(self.result.hits)

    @cached_property
    def answer_hit(self) -> bool | None:
        """White space aside, some gold answer occurs in the first hit's sentence; None where no answer is given."""
        if not self.question.answers:
            return None
        sentence = squashed(self.result.hits[0].sentence) if self.result.hits else ""
        return any(squashed(answer) in sentence for answer in self.question.answers if squashed(answer))

    @cached_property
    def answer_overlap(self) -> float | None:
        """F1 of the characters marked in the first hit against the nearest gold answer, 0 where none are marked; None
        where no answer is given or nothing was read."""
        hits = self.result.hits
        if not self.question.answers or not any(hit.answer_span for hit in hits):
            return None
        span = hits[0].answer_span
        return max(character_f1(span.text, answer) for answer in self.question.answers) if span else 0.0

    @cached_property
    def sentence_ranking(self) -> list[str]:
        """Ids of the hits' sentences: the evidence a sentence is, else where it stands."""
        left = list(self.question.evidence)
        ids = []
        for hit in self.result.hits:
            found = next((e for e in left if is_evidence(hit, e)), None)
            if found:
                left.remove(found)
            ids.append(evidence_id(found) if found else f"{hit.doc_id}:{hit.sentence_start}-{hit.sentence_end}")
        return ids

    @cached_property
    def sentence_rank(self) -> int | None:
        """The rank of the first hit whose sentence answers (grade 2), or None."""
        wanted = {evidence_id(e) for e in self.question.evidence if e.grade >= ANSWERS}
        return next((rank for rank, name in enumerate(self.sentence_ranking, 1) if name in wanted), None)

    @property
    def right(self) -> bool:
        """The first hit's sentence answers: it is the evidence or, where none is marked, holds a gold answer."""
        return self.sentence_rank == 1 if self.question.evidence else bool(self.answer_hit)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the library is asked; None leaves it to the library."""

    k: int = 10
    read: bool | None = None
    legs: tuple[str, ...] | None = None
    model: str | None = None
    reranker: str | None = None
    options: dict[str, object] = field(default_factory=dict)


def run(
    library: Library, questions: Sequence[Question], settings: Settings, progress: Progress = no_progress
) -> list[Outcome]:
    """Ask every question, in order."""
    pairs = [(question.id, question.text) for question in questions]
    outcomes = []
    for question, result in zip(questions, library.ask_many(pairs, settings.k, **_options(settings)), strict=True):
        outcomes.append(Outcome(question, result))
        progress("ask", len(outcomes), len(questions))
    return outcomes


def latencies(library: Library, questions: Sequence[Question], settings: Settings) -> np.ndarray:
    """(n,) milliseconds, each question asked by itself, after two that warm up."""
    options = _options(settings)
    for question in questions[:2]:
        library.ask(question.text, settings.k, **options)
    taken = []
    for question in questions:
        begun = time.perf_counter()
        library.ask(question.text, settings.k, **options)
        taken.append((time.perf_counter() - begun) * 1000)
    return np.array(taken)


def _options(settings: Settings) -> dict:
    """Only what was asked for: the library has its own defaults."""
    options: dict = dict(settings.options)
    if settings.read is not None:
        options["read"] = settings.read
    if settings.legs is not None:
        options["legs"] = frozenset(settings.legs)
    return options


def squashed(text: str) -> str:
    """Without white space: the source's line breaks fall inside words."""
    return "".join(text.split())


def is_evidence(hit: Hit, evidence: Evidence) -> bool:
    """The hit's sentence is the evidence: they share at least half of the shorter one."""
    if hit.doc_id != evidence.doc_id:
        return False
    shared = min(hit.sentence_end, evidence.end) - max(hit.sentence_start, evidence.start)
    return shared * 2 >= min(hit.sentence_end - hit.sentence_start, evidence.end - evidence.start)


def evidence_id(evidence: Evidence) -> str:
    return f"{evidence.doc_id}:{evidence.start}-{evidence.end}"
