"""Fits the scorer's weights: which legs to believe, and how much, in each language.

    python -m baycase.training.scorer ../shared/benchmarks/zh-wiki --out search/weights.json

Reads the questions of a benchmark in BEIR's form and of the shipped set's tune split (the test split is
never read), lets the legs score their candidates, and fits two conditional logits a language by
scikit-learn's logistic regression on differences (right minus wrong, of one question):
one over passages, one over the sentences of the right passage. Figures in the file come from
cross-validation over documents, so that no question is scored by weights that have seen its document.
"""

import argparse
import json
import tempfile
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from baycase.corpus.reader import read_shipped as read_cases
from baycase.eval.testlibrary import library_of
from baycase.eval.testset import Proposal, Question, TestSet, read_folder, read_shipped
from baycase.index.build import open_writer
from baycase.index.encoder import Encoder, open_encoder
from baycase.index.generation import Generation
from baycase.search.candidates import Candidates, find_candidates
from baycase.search.library import Library
from baycase.search.query import understand
from baycase.search.scorer import forget_weights

NEGATIVES = 30  # hardest wrong candidates a question
FOLDS = 5
CASE_WEIGHT = 3.0  # a question about the cases counts as three of the benchmark: they are few, and what we are for

ZH = {
    "passage": ["dense", "sentence", "terms", "cover", "bigrams", "sentence_terms", "sentence_cover", "figure", "date",
                "header", "outcomes"],
    "sentence": ["sentence", "sentence_terms", "sentence_cover", "sentence_bigrams", "figure", "date"],
}  # fmt: skip
EN = {
    "passage": ["dense", "sentence", "bridge", "sentence_bridge", "gloss", "gloss_cover", "sentence_gloss",
                "sentence_gloss_cover", "figure", "date", "header", "outcomes"],
    "sentence": ["sentence", "sentence_bridge", "sentence_gloss", "sentence_gloss_cover", "figure", "date"],
}  # fmt: skip
EN_RENDERED = {
    "passage": ["rendered_dense", "rendered_sentence", "sentence", "gloss", "sentence_gloss", "rendered_terms",
                "sentence_rendered_cover", "figure", "date", "header", "outcomes"],
    "sentence": ["sentence", "sentence_gloss", "rendered_sentence", "sentence_rendered_cover", "figure", "date"],
}  # fmt: skip
# A Chinese question against Chinese renderings is matched as against Chinese text.
RENDERED_NAMES = {"dense": "rendered_dense", "sentence": "rendered_sentence", "terms": "rendered_terms",
                  "cover": "rendered_cover", "sentence_terms": "sentence_rendered_terms",
                  "sentence_cover": "sentence_rendered_cover"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A question's candidates and which of them are right.

    `right` (m,) marks passages, `right_sentences` (s,) sentences; `group` is the document asked about.
    """

    candidates: Candidates
    language: str
    group: str
    weight: float
    right: np.ndarray
    right_sentences: np.ndarray


def examples_of(test_set: TestSet, library: Library, weight: float) -> list[Example]:
    """Every answerable question of a set with the candidates that search finds for it."""
    questions = [q for subset in test_set.subsets.values() for q in subset]
    vectors = library.encoder.encode_queries([q.text for q in questions])
    generation = library.generation
    rows = {document.doc_id: row for row, document in enumerate(generation.documents())}
    found = []
    for question, vector in zip(questions, vectors, strict=True):
        query = understand(question.text)
        candidates = find_candidates(query, vector, generation)
        right, right_sentences = _labels(question, candidates, generation, rows)
        if right.any():
            group = question.group or next(iter(question.relevant))
            if test_set.corpus is not None:
                group = next(iter(question.relevant))
            found.append(Example(candidates, query.language, group, weight, right, right_sentences))
    return found


def _labels(
    question: Question, candidates: Candidates, generation: Generation, rows: dict[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Right passages and sentences: those of the evidence; without evidence, those that hold a gold answer."""
    top = max(question.relevant.values())
    documents = generation.passages["document"][candidates.passages]
    gold = np.isin(documents, [rows[doc_id] for doc_id, grade in question.relevant.items() if grade == top])
    answers = ["".join(answer.split()) for answer in question.answers]
    spans = [(rows[e.doc_id], e.start, e.end) for e in question.evidence if e.grade >= 2]
    sentences = np.zeros(len(candidates.sentences), bool)
    for number, (row, owner) in enumerate(zip(candidates.sentences, candidates.owner, strict=True)):
        if not gold[owner]:
            continue
        sentence = generation.sentences[row]
        if spans:
            sentences[number] = any(
                documents[owner] == d and sentence["start"] < end and start < sentence["end"] for d, start, end in spans
            )
        else:
            text = "".join(generation.document(int(documents[owner])).text[sentence["start"] : sentence["end"]].split())
            sentences[number] = any(answer in text for answer in answers)
    passages = np.zeros(len(gold), bool)
    passages[candidates.owner[sentences]] = True
    return (passages if spans else gold), sentences


# -- fitting -----------------------------------------------------------------------------------


def matrix(features: dict[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    return np.stack([features[name] for name in names], axis=1)


def fit(cases: Iterable[tuple[np.ndarray, np.ndarray, float]], width: int, regularisation: float = 3.0) -> np.ndarray:
    """Weights (width,) from (features (n, width), right (n,), weight) a question.

    Each question gives differences between its best right row and its hardest wrong ones; what is
    best and hardest is judged by the weights of the round before.
    """
    from sklearn.linear_model import LogisticRegression

    cases, weights = list(cases), np.ones(width)
    for _ in range(3):
        rows, importance = [], []
        for features, right, weight in cases:
            if right.all() or not right.any():
                continue
            wrong = features[~right]
            hardest = wrong[np.argsort(-(wrong @ weights))[:NEGATIVES]]
            rows.append(features[right][np.argmax(features[right] @ weights)] - hardest)
            importance.append(np.full(len(hardest), weight / len(hardest)))
        differences, importance_all = np.concatenate(rows), np.concatenate(importance)
        scale = differences.std(0) + 1e-9
        sign = np.where(np.arange(len(differences)) % 2 == 0, 1, -1)
        model = LogisticRegression(C=regularisation, fit_intercept=False, max_iter=1000)
        model.fit(differences / scale * sign[:, None], sign, sample_weight=importance_all)
        weights = model.coef_[0] / scale
    return weights


def _passages(examples: Sequence[Example], names: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray, float]]:
    return [(matrix(e.candidates.features, names), e.right, e.weight) for e in examples]


def _sentences(examples: Sequence[Example], names: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Only the sentences of right passages: which passage is right has been decided before."""
    cases = []
    for e in examples:
        within = e.right[e.candidates.owner]
        cases.append((matrix(e.candidates.sentence_features, names)[within], e.right_sentences[within], e.weight))
    return cases


def fit_both(examples: Sequence[Example], features: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    passage = fit(_passages(examples, features["passage"]), len(features["passage"]))
    sentence = fit(_sentences(examples, features["sentence"]), len(features["sentence"]))
    return {
        "passage": dict(zip(features["passage"], map(float, passage), strict=True)),
        "sentence": dict(zip(features["sentence"], map(float, sentence), strict=True)),
    }


def cross_validate(examples: Sequence[Example], features: dict[str, list[str]]) -> dict[str, float]:
    """Right passage first, its sentence right, both at once, over folds of documents."""
    from sklearn.model_selection import GroupKFold

    groups = [e.group for e in examples]
    folds = GroupKFold(min(FOLDS, len(set(groups))))
    first, both = [], []
    for train, test in folds.split(groups, groups=groups):
        weights = fit_both([examples[i] for i in train], features)
        for i in test:
            ok, right_sentence = _first(examples[i], weights)
            first.append(ok)
            both.append(right_sentence)
    return {"questions": len(examples), "passage first": round(float(np.mean(first)), 3),
            "sentence first": round(float(np.mean(both)), 3)}  # fmt: skip


def _first(example: Example, weights: dict[str, dict[str, float]]) -> tuple[bool, bool]:
    names, values = list(weights["passage"]), np.array(list(weights["passage"].values()))
    best = int(np.argmax(matrix(example.candidates.features, names) @ values))
    names, values = list(weights["sentence"]), np.array(list(weights["sentence"].values()))
    scores = matrix(example.candidates.sentence_features, names) @ values
    scores = np.where(example.candidates.owner == best, scores, -np.inf)
    return bool(example.right[best]), bool(example.right_sentences[int(np.argmax(scores))])


def _scaled(weights: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Divided so that the largest passage weight is 1: scores then are of the size of a similarity."""
    largest = max(abs(w) for w in weights["passage"].values())
    return {level: {n: round(w / largest, 5) for n, w in part.items()} for level, part in weights.items()}


def similarity_scale(libraries: Sequence[Library], proposals: Sequence[Proposal]) -> dict[str, dict[str, float]]:
    """How scores of `similar` are shown, by language and whether renderings were matched, in the scorer's units.

    `floor` is what an unrelated case scores for a point, `ceiling` the best match there was: they are shown as 0 and
    1. Nine in ten of the points that have a precedent reach `precedent`.
    """
    every: dict[str, list[float]] = {}
    with_precedent: dict[str, list[float]] = {}
    for library in libraries:
        for proposal in proposals:
            precedents = [point.text for point in proposal.points if point.precedents]
            result = library.similar(proposal.text, library.generation.document_count)
            rendered = result.language == "en" and len(library.generation.vectors["rendered_passages"]) > 0
            kind = result.language[:2] + ("+rendered" if rendered else "")
            best: dict[str, float] = {}
            for point in (point for case in result.cases for point in case.points):
                every.setdefault(kind, []).append(point.strength)
                best[point.point] = max(best.get(point.point, -np.inf), point.strength)
            with_precedent.setdefault(kind, []).extend(
                strength for text, strength in best.items() if any(text in p or p in text for p in precedents)
            )
    return {
        kind: {
            "floor": round(float(np.quantile(scores, 0.05)), 3),
            "precedent": round(float(np.quantile(with_precedent[kind], 0.1)), 3),
            "ceiling": round(float(max(scores)), 3),
        }
        for kind, scores in every.items()
    }


def without_renderings(encoder: Encoder) -> Library:
    """A library of the shipped cases in their own language alone, in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="baycase-")) / "library"
    with open_writer(folder) as writer:
        writer.refresh(list(read_cases()), encoder)
    return Library(folder, encoder=encoder)


def make_weights(benchmark: list[Example], cases: list[Example]) -> dict[str, Any]:
    """All weight sets and their figures."""
    zh = [e for e in [*benchmark, *cases] if e.language != "en"]
    en = [e for e in [*benchmark, *cases] if e.language == "en"]
    rendered = [e for e in cases if e.language == "en" and e.candidates.rendered]
    weights = {name: _scaled(fit_both(part, features)) for name, part, features in
               (("zh", zh, ZH), ("en", en, EN), ("en+rendered", rendered, EN_RENDERED))}  # fmt: skip
    renamed = {level: {RENDERED_NAMES[n]: w for n, w in part.items() if n in RENDERED_NAMES}
               for level, part in weights["zh"].items()}  # fmt: skip
    figures = {}
    for name, part, features in (("zh", zh, ZH), ("en", en, EN), ("en+rendered", rendered, EN_RENDERED)):
        figures[name] = cross_validate(part, features)
    return {
        "made": "python -m baycase.training.scorer BENCHMARK; cross-validated over documents: " + json.dumps(figures),
        "weights": {
            "zh-Hans": weights["zh"], "zh-Hant": weights["zh"], "en": weights["en"],
            "zh-Hans+rendered": renamed, "zh-Hant+rendered": renamed, "en+rendered": weights["en+rendered"],
        },
    }  # fmt: skip


def collect(benchmark: Path, encoder: Encoder) -> tuple[list[Example], list[Example]]:
    wiki, shipped = read_folder(benchmark), read_shipped().of_split("tune")
    return (
        examples_of(wiki, Library(library_of(wiki, encoder), encoder=encoder), 1.0),
        examples_of(shipped, Library(library_of(shipped, encoder), encoder=encoder), CASE_WEIGHT),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", type=Path, help="a folder in BEIR's form")
    parser.add_argument("--out", type=Path, default=Path("search/weights.json"))
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    encoder = open_encoder()
    made = make_weights(*collect(arguments.benchmark, encoder))
    arguments.out.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    # With the new weights in their place: the thresholds are in their units.
    forget_weights()
    shipped = read_shipped().of_split("tune")
    libraries = [Library(library_of(shipped, encoder), encoder=encoder), without_renderings(encoder)]
    made["similarity"] = similarity_scale(libraries, shipped.proposals)
    arguments.out.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(made["made"])


if __name__ == "__main__":
    main()
