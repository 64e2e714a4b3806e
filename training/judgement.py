"""Fits what BayCase says of its own answers: `answerable` and `confidence`, and how reading is weighed.

    python -m baycase.training.judgement ../shared/benchmarks/zh-wiki

Writes search/reading.json (weights of reading and retrieval for a sentence, a conditional logit as
in `training.scorer`) and search/judgement.json (two logistic models, Platt-scaled by fitting them on
rankings that cross-validation gave). Questions that nothing answers come from five places: the shipped set's
(tune split), near ones about the cases and about policy notes, other collections' questions, questions asked again
of their own collection with the right document left out, and of the notes with the right sentence muted. Cases
and notes that the reader was trained on are not used: there its scores are too good.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from baycase.eval.testlibrary import library_of
from baycase.eval.testset import Question, read_folder, read_shipped
from baycase.index.encoder import Encoder, open_encoder
from baycase.search.candidates import Candidates, find_candidates
from baycase.search.filters import allowed_rows
from baycase.search.judgement import FEATURES, evidence, model_name
from baycase.search.library import Library
from baycase.search.query import Query, understand
from baycase.search.reader_model import open_reader
from baycase.search.reading import ReadSentence, read_candidates, rescore
from baycase.search.retrieve import hits_of
from baycase.search.scorer import Scored, score
from baycase.training.cases import HELD_OUT, case_of, read_written
from baycase.training.policies import Note, held_out, read_notes
from baycase.training.policy_library import near_questions, note_library, questions_about, silenced_questions
from baycase.training.scorer import fit

READING = ("relevance", "span", "retrieved", "document", "sentence", "alone", "alone_span")
# Where most sentences that are read are the right document's already: between 4 and 12 the right sentence and document
# come first most often; English without renderings is better off at 1.
DOCUMENT_TIMES = {"zh": 6.0, "en+rendered": 6.0}
FOLDS = 5
REFUSED = 0.1  # the most answerable questions that the operating point may give up
NEAR = re.compile("near:|[a-z]+:note ")  # groups of near questions, and of the notes, most of whose are near
SAMPLE = 100  # questions a subset of the benchmark: reading them all takes half an hour


@dataclass(frozen=True, slots=True)
class Read:
    """A question as read: `right` by place among `sentences`; `answerable` False when nothing answers it there."""

    query: Query
    library: Library
    scored: Scored
    sentences: list[ReadSentence]
    right: np.ndarray
    answerable: bool
    group: str
    weight: float

    @property
    def kind(self) -> str:
        return self.query.language[:2] + ("+rendered" if self.scored.candidates.rendered else "")


def read_questions(library: Library, questions: Sequence[Question], weight: float, answered: str) -> list[Read]:
    """Questions read over a library. `answered`: "here", "elsewhere" (by another collection), "near" (by nothing,
    though about a document here), or "gone" (the right documents are left out)."""
    generation, reader = library.generation, open_reader()
    vectors = library.encoder.encode_queries([q.text for q in questions])
    found = []
    for question, vector in zip(questions, vectors, strict=True):
        query = understand(question.text)
        relevant = set(question.relevant)
        allowed = None
        if answered == "gone":
            allowed = allowed_rows(generation, lambda document, gone=relevant: document.doc_id not in gone)
        candidates = find_candidates(query, vector, generation, allowed)
        scored = score(candidates, query.language)
        sentences = read_candidates(query, scored, generation, reader)
        here = answered == "here"
        right = np.array([here and _is_right(question, scored.candidates, s.number, library) for s in sentences], bool)
        group = f"{answered}:{question.group or next(iter(relevant), question.id)}"
        found.append(Read(query, library, scored, sentences, right, here, group, weight))
    return found


def _is_right(question: Question, candidates: Candidates, number: int, library: Library) -> bool:
    """Whether a sentence answers: it is evidence, or holds a gold answer in the right document."""
    generation = library.generation
    row = generation.passages["document"][candidates.passages[candidates.owner[number]]]
    document = generation.document(int(row))
    if not question.relevant.get(document.doc_id):
        return False
    place = generation.sentences[int(candidates.sentences[number])]
    start, end = int(place["start"]), int(place["end"])
    spans = [e for e in question.evidence if e.grade >= 2]
    if spans:
        return any(e.doc_id == document.doc_id and start < e.end and e.start < end for e in spans)
    text = "".join(document.text[start:end].split())
    return any("".join(answer.split()) in text for answer in question.answers)


# -- fitting -----------------------------------------------------------------------------------


def fit_reading(items: Sequence[Read], kind: str) -> dict[str, float]:
    """The weights of reading and retrieval for a sentence.

    The logit sees little of the document's weight, because most sentences that are read are the right document's
    already: it is multiplied afterwards (docs/reader.md).
    """
    cases = [
        (np.array([[s.features.get(name, 0.0) for name in READING] for s in item.sentences]), item.right, 1.0)
        for item in items
        if item.sentences
    ]
    weights = dict(zip(READING, fit(cases, len(READING)), strict=True))
    weights["document"] *= DOCUMENT_TIMES.get(kind, 1.0)
    return {name: round(float(weight), 5) for name, weight in weights.items()}


def cross_fitted(items: Sequence[Read], kind: str) -> list[dict[str, float]]:
    """For each item the reading weights fitted without its group."""
    from sklearn.model_selection import GroupKFold

    groups = [item.group.partition(":")[2] for item in items]
    weights: list[dict[str, float]] = [{} for _ in items]
    for train, test in GroupKFold(min(FOLDS, len(set(groups)))).split(groups, groups=groups):
        fitted = fit_reading([items[i] for i in train if items[i].answerable], kind)
        for i in test:
            weights[i] = fitted
    return weights


@dataclass(frozen=True, slots=True)
class Judged:
    model: str
    features: np.ndarray
    answerable: bool
    right: bool
    weight: float
    group: str


def judged(item: Read, weights: dict[str, float] | None) -> Judged:
    """The evidence of an item's ranking (unread when `weights` is None), and whether its first sentence is right."""
    scored = item.scored if weights is None else rescore(item.query, item.scored, item.sentences, weights)
    hits = hits_of(item.query, scored, item.library.generation, 10)
    features = evidence(hits)
    first = hits[0]
    model = model_name(item.query.language, first, weights is not None)
    right = False
    for place, sentence in enumerate(item.sentences):
        span = item.library.generation.sentences[int(scored.candidates.sentences[sentence.number])]
        passage = item.library.generation.passages[int(scored.candidates.passages[sentence.passage])]
        if (
            first.passage_row == int(scored.candidates.passages[sentence.passage])
            and first.sentence_start == span["start"]
        ):
            right = bool(item.right[place]) and int(passage["start"]) == first.start
    return Judged(model, np.array([features[n] for n in FEATURES]), item.answerable, right, item.weight, item.group)


def fit_probability(items: Sequence[Judged], target: str) -> dict[str, float]:
    """A logistic model of `target` ("answerable" or "right") over the evidence, in the evidence's own units."""
    from sklearn.linear_model import LogisticRegression

    rows = np.array([item.features for item in items])
    labels = np.array([getattr(item, target) for item in items])
    centre, scale = rows.mean(0), rows.std(0) + 1e-9
    model: Any = LogisticRegression(C=0.1, max_iter=2000)
    model.fit((rows - centre) / scale, labels, sample_weight=[item.weight for item in items])
    weights = model.coef_[0] / scale
    fitted = dict(zip(FEATURES, (round(float(w), 5) for w in weights), strict=True))
    return {**fitted, "bias": round(float(model.intercept_[0] - weights @ centre), 5)}


def probabilities(model: dict[str, float], items: Sequence[Judged]) -> np.ndarray:
    rows = np.array([item.features for item in items])
    return 1 / (1 + np.exp(-(rows @ np.array([model[n] for n in FEATURES]) + model["bias"])))


def cross_predicted(items: Sequence[Judged], target: str) -> np.ndarray:
    """For each item the probability by a model fitted without its group."""
    from sklearn.model_selection import GroupKFold

    groups = [item.group.partition(":")[2] for item in items]
    predicted = np.zeros(len(items))
    for train, test in GroupKFold(min(FOLDS, len(set(groups)))).split(groups, groups=groups):
        model = fit_probability([items[i] for i in train], target)
        predicted[test] = probabilities(model, [items[i] for i in test])
    return predicted


def operating_point(items: Sequence[Judged], predicted: np.ndarray) -> float:
    """The probability at which as many answerable questions are answered as questions off the topic are refused, but
    no higher than all but `REFUSED` of the answerable ones reach."""
    there = np.array([item.answerable for item in items])
    off = np.array([item.group.startswith("elsewhere:") for item in items])
    weights = np.array([item.weight for item in items])

    def share(chosen: np.ndarray, among: np.ndarray) -> float:
        return float(weights[chosen & among].sum() / weights[among].sum())

    points = [point for point in np.unique(predicted) if share(predicted >= point, there) >= 1 - REFUSED]
    balance = [min(share(predicted >= point, there), share(predicted < point, off)) for point in points]
    # Of points that are as good the highest: it refuses more near questions.
    return round(float(points[np.flatnonzero(np.array(balance) == max(balance))[-1]]), 3)


def figures(items: Sequence[Judged], target: str, predicted: np.ndarray) -> dict[str, float]:
    """AUROC, Brier score and expected calibration error (ten bins) of cross-validated probabilities."""
    from sklearn.metrics import roc_auc_score

    labels = np.array([getattr(item, target) for item in items], float)
    bins = np.minimum((predicted * 10).astype(int), 9)
    error = sum(abs(predicted[bins == b].mean() - labels[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    return {"questions": len(items), "auroc": round(float(roc_auc_score(labels, predicted)), 3),
            "brier": round(float(np.mean((predicted - labels) ** 2)), 3), "ece": round(float(error), 3)}  # fmt: skip


def collect(benchmark: Path, encoder: Encoder, folder: Path, sample: int = SAMPLE) -> list[Read]:
    """Every question as read; `folder` is for libraries of policy notes, and has to last as long as what is given."""
    wiki, shipped = read_folder(benchmark).sample(sample, 7), read_shipped().of_split("tune")
    written = read_written()
    wiki_library = Library(library_of(wiki, encoder), encoder=encoder)
    case_library = Library(library_of(shipped, encoder), encoder=encoder)
    asked = [q for questions in wiki.subsets.values() for q in questions]
    unseen, near = (
        [q for q in questions if case_of(q) in HELD_OUT]
        for questions in (
            [q for test_set in (shipped, written) for subset in test_set.subsets.values() for q in subset],
            [q for test_set in (shipped, written) for q in test_set.near],
        )
    )
    return [
        *read_questions(wiki_library, asked, 1.0, "here"),
        *read_questions(wiki_library, asked[::2], 0.5, "gone"),
        *read_questions(wiki_library, unseen[::6], 0.5, "elsewhere"),
        *read_questions(case_library, unseen, 4.0, "here"),
        *read_questions(case_library, unseen[::2], 2.0, "gone"),
        *read_questions(case_library, list(shipped.unanswerable), 2.0, "elsewhere"),
        *read_questions(case_library, near, 4.0, "near"),
        *read_questions(case_library, asked[::4], 0.5, "elsewhere"),
        *collect_notes(held_out(read_notes()), encoder, folder, asked),
    ]


def collect_notes(notes: list[Note], encoder: Encoder, folder: Path, others: Sequence[Question]) -> list[Read]:
    """Questions about policy notes, of libraries of these, and `others` that nothing there answers.

    Many do not say which policy they mean, as one asks who has it before him. Of a whole collection nobody could answer
    them, so only those count whose first hit is of the right note.
    """
    whole = note_library(folder / "whole", notes, encoder)
    muted = note_library(folder / "muted", notes, encoder, muted=True)
    plain = note_library(folder / "plain", notes, encoder, rendered=False)
    about = questions_about(notes, whole)
    found = whole.search_many([(question.id, question.text) for question in about], k=1)
    clear = [q for q, answer in zip(about, found, strict=True) if answer.hits[0].doc_id in q.relevant]
    asked = {question.id for question in clear}
    silenced = [question for question in silenced_questions(notes) if question.id in asked]
    near = near_questions(notes)
    english = [[q for q in questions if q.subset == "en"] for questions in (clear, near)]
    return [
        *read_questions(whole, clear, 2.0, "here"),
        *read_questions(whole, others[::8], 0.5, "elsewhere"),
        *read_questions(whole, near, 4.0, "near"),
        *read_questions(muted, silenced, 2.0, "near"),
        *read_questions(plain, english[0], 1.0, "here"),
        *read_questions(plain, english[1], 2.0, "near"),
    ]


def make(items: list[Read]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(reading.json, judgement.json)."""
    reading: dict[str, dict[str, float]] = {}
    models: dict[str, Any] = {}
    report: dict[str, Any] = {}
    cross: dict[int, dict[str, float]] = {}
    for kind in ("zh", "en", "en+rendered"):
        part = [i for i, item in enumerate(items) if item.kind == kind]
        chosen = [items[i] for i in part]
        reading[kind] = fit_reading([item for item in chosen if item.answerable], kind)
        cross |= dict(zip(part, cross_fitted(chosen, kind), strict=True))
    readable = [i for i, item in enumerate(items) if item.sentences]
    every = [judged(items[i], cross[i]) for i in readable]
    # Similarity cannot tell a near question: to be fitted to it too would only have it doubt what it can tell.
    every += [judged(items[i], None) for i in readable if not NEAR.match(items[i].group)]
    for name in sorted({row.model for row in every}):
        rows = [row for row in every if row.model == name]
        there = [row for row in rows if row.answerable]
        predicted, certain = cross_predicted(rows, "answerable"), cross_predicted(there, "right")
        models[name] = {
            "answerable": fit_probability(rows, "answerable"),
            "confidence": fit_probability(there, "right"),
            "operating_point": operating_point(rows, predicted),
        }
        report[name] = {
            "answerable": figures(rows, "answerable", predicted),
            "confidence": figures(there, "right", certain),
        }
    made = "python -m baycase.training.judgement BENCHMARK"
    weights = {"zh-Hans": "zh", "zh-Hant": "zh", "en": "en", "en+rendered": "en+rendered"}
    weights |= {"zh-Hans+rendered": "zh", "zh-Hant+rendered": "zh"}
    return (
        {"made": made, "weights": {name: reading[kind] for name, kind in weights.items()}},
        {"made": f"{made}; cross-validated: {json.dumps(report)}", "models": models},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", type=Path, help="a folder in BEIR's form")
    parser.add_argument("--out", type=Path, default=Path("search"), help="where reading.json and judgement.json go")
    parser.add_argument("--sample", type=int, default=SAMPLE)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        reading, judgement = make(collect(arguments.benchmark, open_encoder(), Path(folder), arguments.sample))
    for name, content in (("reading.json", reading), ("judgement.json", judgement)):
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (arguments.out / name).write_text(text, encoding="utf-8")
    print(judgement["made"])


if __name__ == "__main__":
    main()
