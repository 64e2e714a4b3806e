"""The first stage: a generous union of the legs, and what each leg says of every candidate.

A leg is one way of looking for passages: dense (the passage's vector), sentence (its
best sentence's vector), terms (BM25 of folded words). Each names its best passages; then
every leg scores every candidate, so that none is lost for lack of a score.
"""

from dataclasses import dataclass

import numpy as np

from baycase.index.generation import HOLDS, RENDERED, Generation
from baycase.index.lexical import Terms
from baycase.search.query import Query

DEPTH = 100  # passages each leg names
SECTIONS = ("header", "outcomes")  # sections of a case that a scorer may weigh by their kind
SENTENCE_DEPTH = 200  # sentences the sentence leg names, several of which share a passage


@dataclass(frozen=True, slots=True)
class Candidates:
    """m candidate passages and their s sentences.

    `passages` (m,) and `sentences` (s,) are rows of the generation, ascending; `owner` (s,)
    is each sentence's candidate number; `features` and `sentence_features` map a leg's name to
    its scores, (m,) and (s,) float32, higher is better, 0 where the leg found nothing.
    """

    passages: np.ndarray
    sentences: np.ndarray
    owner: np.ndarray
    features: dict[str, np.ndarray]
    sentence_features: dict[str, np.ndarray]
    rendered: bool
    """Most candidates have renderings in the query's language."""


def find_candidates(
    query: Query, vector: np.ndarray, generation: Generation, allowed: np.ndarray | None = None
) -> Candidates:
    """Candidates for a query whose embedding is `vector` (dim,), among `allowed` (document rows → bool) if given."""
    passage_legs, sentence_legs = _lexical_legs(query, generation)
    vectors = generation.vectors
    # Each leg looks among the allowed passages only: those of a small collection would not be in the first hundred.
    among = None if allowed is None else allowed[generation.passages["document"]]
    among_sentences = None if among is None else among[generation.sentences["passage"]]
    named = [
        vectors["passages"].nearest(vector, DEPTH, among),
        generation.sentences["passage"][vectors["sentences"].nearest(vector, SENTENCE_DEPTH, among_sentences)],
        vectors["rendered_passages"].nearest(vector, DEPTH, among),
        *(best_rows(scores if among is None else scores * among, DEPTH) for scores in passage_legs.values()),
    ]
    passages = np.unique(np.concatenate(named)).astype(np.int64)
    sentences, owner = sentences_of(generation, passages)
    features = {name: scores[passages] for name, scores in passage_legs.items()}
    sentence_features = {name: scores[sentences] for name, scores in sentence_legs.items()}
    features["dense"] = vectors["passages"].scores(vector, passages)
    sentence_features["sentence"] = vectors["sentences"].scores(vector, sentences)
    rendered = generation.passages["rendered"][passages] == RENDERED[query.language[:2]]
    if rendered.any():
        _add_rendered(vector, generation, passages, sentences, rendered, rendered[owner], features, sentence_features)
    holds = generation.sentences["holds"][sentences]
    sentence_features |= {kind: ((holds & bit) > 0) * float(query.asks_for == kind) for kind, bit in HOLDS.items()}
    features |= {name: best_of(scores, owner, len(passages)) for name, scores in sentence_features.items()}
    section = generation.passages["section"][passages]
    features |= {name: (section == generation.section_number(name)).astype(np.float32) for name in SECTIONS}
    return Candidates(passages, sentences, owner, features, sentence_features, bool(2 * rendered.sum() > len(rendered)))


def _lexical_legs(query: Query, generation: Generation) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Every lexical leg over all passages, and over all sentences, by name; scores from 0 to 1."""
    passages, sentences = generation.fields["terms"], generation.fields["sentence_terms"]
    passage_legs = {
        "terms": _bm25(passages, query.terms),
        "cover": passages.coverage(query.terms),
        "bridge": _bm25(passages, query.bridge),
        "bigrams": generation.fields["bigrams"].coverage(query.bigrams),
    }
    sentence_legs = {
        "sentence_terms": _bm25(sentences, query.terms),
        "sentence_cover": sentences.coverage(query.terms),
        "sentence_bridge": _bm25(sentences, query.bridge),
        "sentence_bigrams": generation.fields["sentence_bigrams"].coverage(query.bigrams),
    }
    if query.is_english:
        passages, sentences = generation.fields["gloss"], generation.fields["sentence_gloss"]
        passage_legs |= {"gloss": _bm25(passages, query.english), "gloss_cover": passages.coverage(query.english)}
        sentence_legs |= {
            "sentence_gloss": _bm25(sentences, query.english),
            "sentence_gloss_cover": sentences.coverage(query.english),
        }
    if len(generation.vectors["rendered_passages"]):
        passages, sentences = generation.fields["rendered"], generation.fields["sentence_rendered"]
        terms = query.english if query.is_english else query.terms
        passage_legs |= {"rendered_terms": _bm25(passages, terms), "rendered_cover": passages.coverage(terms)}
        sentence_legs |= {
            "sentence_rendered_terms": _bm25(sentences, terms),
            "sentence_rendered_cover": sentences.coverage(terms),
        }
    return passage_legs, sentence_legs


def _add_rendered(
    vector: np.ndarray,
    generation: Generation,
    passages: np.ndarray,
    sentences: np.ndarray,
    rendered: np.ndarray,
    sentence_rendered: np.ndarray,
    features: dict[str, np.ndarray],
    sentence_features: dict[str, np.ndarray],
) -> None:
    """The vectors of renderings in the query's language; what has none is scored by its original."""
    scores = generation.vectors["rendered_passages"].scores(vector, passages)
    features["rendered_dense"] = np.where(rendered & ~np.isnan(scores), scores, features["dense"])
    scores = generation.vectors["rendered_sentences"].scores(vector, sentences)
    held = sentence_rendered & ~np.isnan(scores)
    sentence_features["rendered_sentence"] = np.where(held, scores, sentence_features["sentence"])


def _bm25(field: Terms, terms: tuple[str, ...]) -> np.ndarray:
    return field.scores(terms) / field.highest_score(terms)


def best_rows(scores: np.ndarray, depth: int) -> np.ndarray:
    """Rows of the `depth` highest scores above 0, in no order."""
    depth = min(depth, len(scores))
    rows = np.argpartition(scores, len(scores) - depth)[len(scores) - depth :] if depth else np.empty(0, np.int64)
    return rows[scores[rows] > 0]


def sentences_of(generation: Generation, passages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sentence rows of passages, and for each the number of its passage in `passages`."""
    counts = generation.passages["sentences"][passages]
    owner = np.repeat(np.arange(len(passages)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return generation.passages["first_sentence"][passages][owner] + within, owner


def best_of(scores: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """The highest of each owner's scores, (count,); owners without any get 0."""
    best = np.full(count, -np.inf, np.float32)
    np.maximum.at(best, owner, scores)
    return np.where(np.isfinite(best), best, 0)
