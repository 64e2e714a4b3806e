"""Why a question failed: where in search its passage was lost.

For every miss: the rank of the gold passage in each leg and after fusion, the sentence shown against the
gold one, the query's words that occur in either, the confidence, and one cause. Ranks are among
the candidates, which hold every leg's best hundred.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from baycase.corpus.terms import chinese_terms, english_terms
from baycase.eval.experiment import Outcome, Settings, squashed
from baycase.eval.testset import Question
from baycase.index.generation import Generation
from baycase.search.candidates import find_candidates
from baycase.search.library import Library
from baycase.search.query import Query, understand
from baycase.search.scorer import score

Cause = Literal[
    "not retrieved by any leg", "lost in fusion", "wrong sentence", "wrongly refused", "wrongly answered"
]  # fmt: skip
SEEN = 10  # a leg has found a passage when it is among its first ten


@dataclass(frozen=True, slots=True)
class Miss:
    """One failed question. Ranks count from 1; None: not among the candidates.

    `document_rank` and `passage_rank` are those of the hits shown, `fused_rank` that of the first
    stage; `sentence` is what was shown first, `gold` what answers.
    """

    id: str
    subset: str
    question: str
    cause: Cause
    answered: bool
    answerable: float
    confidence: float
    document_rank: int | None = None
    passage_rank: int | None = None
    fused_rank: int | None = None
    leg_ranks: dict[str, int] | None = None
    shown: str = ""
    sentence: str = ""
    gold_document: str = ""
    gold: str = ""
    matched_shown: tuple[str, ...] = ()
    matched_gold: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def diagnose(
    library: Library, outcomes: Sequence[Outcome], refused: Sequence[Outcome], settings: Settings
) -> list[Miss]:
    """The misses among answerable questions, and among those that should have been refused, worst first."""
    failed = [o for o in outcomes if not (o.right if o.question.evidence or o.question.answers else _first_right(o))]
    shy = [o for o in outcomes if not o.result.answered and o not in failed]
    generation = library.generation
    numbers = {document.doc_id: number for number, document in enumerate(generation.documents())}
    misses = [_explained(library, generation, numbers, o, settings) for o in failed]
    misses += [_miss(o, "wrongly refused", shown=_sentence(o)) for o in shy]
    misses += [_miss(o, "wrongly answered", shown=_sentence(o)) for o in refused if o.result.answered]
    return sorted(misses, key=lambda m: (-_depth(m), -m.confidence))


def causes(misses: Sequence[Miss]) -> dict[str, dict[str, int]]:
    """Subset → cause → how many."""
    table: dict[str, dict[str, int]] = {}
    for (subset, cause), count in sorted(Counter((m.subset, m.cause) for m in misses).items()):
        table.setdefault(subset, {})[cause] = count
    return table


def _depth(miss: Miss) -> int:
    """How far the gold passage was from the top; refusals come last."""
    if miss.cause in ("wrongly refused", "wrongly answered"):
        return 0
    return miss.passage_rank or 1000


def _first_right(outcome: Outcome) -> bool:
    return bool(outcome.ranking) and outcome.ranking[0] in outcome.question.relevant


def _sentence(outcome: Outcome) -> str:
    return outcome.result.hits[0].sentence if outcome.result.hits else ""


def _explained(
    library: Library, generation: Generation, numbers: dict[str, int], outcome: Outcome, settings: Settings
) -> Miss:
    question, hits, query = outcome.question, outcome.result.hits, understand(outcome.question.text)
    gold = gold_passages(generation, numbers, outcome.question)
    ranks, fused = leg_ranks(library, query, generation, gold, settings.legs)
    document_rank = next((n for n, d in enumerate(outcome.ranking, 1) if d in question.relevant), None)
    passage_rank = next((hit.rank for hit in hits if hit.passage_row in gold), None)
    if passage_rank == 1:
        cause: Cause = "wrong sentence"
    elif ranks and min(ranks.values()) <= SEEN:
        cause = "lost in fusion"
    else:
        cause = "not retrieved by any leg"
    passages = [_passage_text(generation, row) for row in sorted(gold)]
    terms = dict.fromkeys((*query.terms, *query.bridge, *query.english))
    return _miss(
        outcome,
        cause,
        document_rank=document_rank,
        passage_rank=passage_rank,
        fused_rank=fused,
        leg_ranks=ranks,
        shown=hits[0].doc_id if hits else "",
        sentence=_sentence(outcome),
        gold_document=next(iter(question.relevant), ""),
        gold=" ".join(e.quote for e in question.evidence) or " / ".join(question.answers),
        matched_shown=_matched(terms, hits[0].passage if hits else ""),
        matched_gold=_matched(terms, " ".join(passages)),
    )


def _miss(outcome: Outcome, cause: Cause, **more: Any) -> Miss:
    question, result = outcome.question, outcome.result
    return Miss(question.id, question.subset, question.text, cause, result.answered, round(result.answerable, 4),
                round(result.confidence, 4), **more)  # fmt: skip


def gold_passages(generation: Generation, numbers: dict[str, int], question: Question) -> set[int]:
    """Rows of the passages that answer: with marked evidence, else with a gold answer, else all of the document.

    `numbers` maps doc_ids to the generation's document rows.
    """
    rows: set[int] = set()
    for doc_id in question.relevant:
        if doc_id not in numbers:
            continue
        own = np.flatnonzero(generation.passages["document"] == numbers[doc_id]).tolist()
        places = {row: (int(generation.passages[row]["start"]), int(generation.passages[row]["end"])) for row in own}
        evidence = [e for e in question.evidence if e.doc_id == doc_id]
        marked = {r for r, (start, end) in places.items() for e in evidence if min(end, e.end) > max(start, e.start)}
        if question.evidence and not marked:
            continue  # the evidence is in another document
        answers = [squashed(answer) for answer in question.answers]
        holding = {r for r in own if any(answer in squashed(_passage_text(generation, r)) for answer in answers)}
        rows |= marked or holding or set(own)
    return rows


def leg_ranks(
    library: Library, query: Query, generation: Generation, gold: set[int], legs: Sequence[str] | None
) -> tuple[dict[str, int], int | None]:
    """Leg → the best rank of a gold passage among the candidates, and its rank after fusion."""
    vector = library.encoder.encode_queries([query.text])[0]
    candidates = find_candidates(query, vector, generation)
    chosen = np.isin(candidates.passages, sorted(gold))
    if not chosen.any():
        return {}, None
    scored = score(candidates, query.language, frozenset(legs) if legs is not None else None)
    ranks = {name: rank for name, values in candidates.features.items() if (rank := _rank(values, chosen))}
    return ranks, _rank(scored.scores, chosen)


def _rank(values: np.ndarray, chosen: np.ndarray) -> int | None:
    """The rank of the best chosen value; None where the leg says nothing of it."""
    best = float(values[chosen].max())
    return int((values > best).sum()) + 1 if best != 0 else None


def _passage_text(generation: Generation, row: int) -> str:
    passage = generation.passages[row]
    return generation.document(int(passage["document"])).text[int(passage["start"]) : int(passage["end"])]


def _matched(terms: dict[str, None], text: str) -> tuple[str, ...]:
    held = {*chinese_terms(text), *english_terms(text)}
    return tuple(term for term in terms if term in held)
