"""The first stage: a generous union of the legs, and what each leg says of every candidate.

A leg is one way of looking for passages: dense (the passage's vector), sentence (its
best sentence's vector), terms (BM25 of folded words). Each names its best passages; then
every leg scores every candidate, so that none is lost for lack of a score.
"""

from dataclasses import dataclass

import numpy as np

from baycase.index.generation import HOLDS, RENDERED, Generation
from baycase.index.lexical import Matches
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


def near_vectors(vectors: np.ndarray, generation: Generation, allowed: np.ndarray | None = None) -> list[np.ndarray]:
    """Query vectors (q, dim) → for each the passages that the legs of vectors name."""
    among = _among(generation, allowed)
    among_sentences = None if among is None else among[generation.sentences["passage"]]
    indexes, owner = generation.vectors, generation.sentences["passage"]
    passages = indexes["passages"].nearest_of(vectors, DEPTH, among)
    sentences = indexes["sentences"].nearest_of(vectors, SENTENCE_DEPTH, among_sentences)
    rendered = indexes["rendered_passages"].nearest_of(vectors, DEPTH, among)
    return [
        np.concatenate([one, owner[other], third])
        for one, other, third in zip(passages, sentences, rendered, strict=True)
    ]


def _among(generation: Generation, allowed: np.ndarray | None) -> np.ndarray | None:
    """Each leg looks among the allowed passages only: those of a small collection would not be in the first hundred."""
    return None if allowed is None else allowed[generation.passages["document"]]


def find_candidates(
    query: Query,
    vector: np.ndarray,
    generation: Generation,
    allowed: np.ndarray | None = None,
    near: np.ndarray | None = None,
) -> Candidates:
    """Candidates for a query whose embedding is `vector` (dim,), among `allowed` (document rows → bool) if given.

    `near` are the passages that `near_vectors` named for this query, where they are known.
    """
    passage_legs, sentence_legs = _lexical_legs(query, generation)
    vectors, among = generation.vectors, _among(generation, allowed)
    near = near_vectors(vector[None], generation, allowed)[0] if near is None else near
    named = [near, *(leg.best(DEPTH, among) for leg in passage_legs.values())]
    # np.unique imports NumPy's masked arrays when first called: 16 ms of a new process.
    passages = np.array(sorted(set(np.concatenate(named).tolist())), np.int64)
    sentences, owner = sentences_of(generation, passages)
    features = {name: leg.of(passages) for name, leg in passage_legs.items()}
    sentence_features = {name: leg.of(sentences) for name, leg in sentence_legs.items()}
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


def _lexical_legs(query: Query, generation: Generation) -> tuple[dict[str, Matches], dict[str, Matches]]:
    """Every lexical leg of passages, and of sentences, by name; scores from 0 to 1."""
    passages, sentences = generation.fields["terms"], generation.fields["sentence_terms"]
    passage_legs = {
        "terms": passages.by_score(query.terms),
        "cover": passages.by_coverage(query.terms),
        "bridge": passages.by_score(query.bridge),
        "bigrams": generation.fields["bigrams"].by_coverage(query.bigrams),
    }
    sentence_legs = {
        "sentence_terms": sentences.by_score(query.terms),
        "sentence_cover": sentences.by_coverage(query.terms),
        "sentence_bridge": sentences.by_score(query.bridge),
        "sentence_bigrams": generation.fields["sentence_bigrams"].by_coverage(query.bigrams),
    }
    if query.is_english:
        passages, sentences = generation.fields["gloss"], generation.fields["sentence_gloss"]
        passage_legs |= {"gloss": passages.by_score(query.english), "gloss_cover": passages.by_coverage(query.english)}
        sentence_legs |= {
            "sentence_gloss": sentences.by_score(query.english),
            "sentence_gloss_cover": sentences.by_coverage(query.english),
        }
    if len(generation.vectors["rendered_passages"]):
        passages, sentences = generation.fields["rendered"], generation.fields["sentence_rendered"]
        terms = query.english if query.is_english else query.terms
        passage_legs |= {"rendered_terms": passages.by_score(terms), "rendered_cover": passages.by_coverage(terms)}
        sentence_legs |= {
            "sentence_rendered_terms": sentences.by_score(terms),
            "sentence_rendered_cover": sentences.by_coverage(terms),
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


def sentences_of(generation: Generation, passages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sentence rows of passages, and for each the number of its passage in `passages`."""
    counts = generation.passages["sentences"][passages]
    owner = np.repeat(np.arange(len(passages)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return generation.passages["first_sentence"][passages][owner] + within, owner


def best_of(scores: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """The highest of each owner's scores, (count,); owners, which ascend, without any get 0."""
    best = np.zeros(count, np.float32)
    if len(owner):
        first = np.flatnonzero(np.diff(owner, prepend=-1))
        best[owner[first]] = np.maximum.reduceat(scores, first)
    return best
