"""The third stage: the best candidates are read, sentence by sentence, and scored anew.

Similarity ranks the sentence that names the topic above the one that answers; the reader
sees question and text together. Few and short windows are read, because reading costs
time: whole sentences of the best passages, the likeliest windows first. Where a rendering in the
question's language is known, it is read instead of the original: that orders better than both
together (docs/reader.md), and at half the cost. For an English question a window tells neighbours apart
less well than it finds their place, so the likeliest sentences are read once more, each alone. What was not
read keeps its order behind what was.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

import numpy as np

from baycase.corpus.records import Span
from baycase.index.generation import RENDERED, Generation
from baycase.search.query import Query
from baycase.search.reader_model import ReaderModel, Reading
from baycase.search.retrieve import sentence_rendering, sentence_span
from baycase.search.scorer import Scored

PASSAGES_READ = 8
WINDOW = 200  # characters; sentences are put together up to this length
WINDOWS_READ = 12
ALONE = 3  # sentences that are read once more for an English question; for a Chinese one it gains nothing
LONGEST_ANSWER = 120  # tokens
UNREAD_SPAN = -15.0  # the span score of a sentence beyond what the model saw
MARKED = 3  # passages whose answer is marked in the original where the rendering was read


@dataclass(frozen=True, slots=True)
class Window:
    """Whole sentences of one passage: `numbers` are their places among the candidates' sentences."""

    passage: int
    numbers: tuple[int, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence as read: the features that score it, and the words that answer, as the document's offsets.

    Where the rendering was read, `rendered_answer` are its words, as offsets into it. The features `alone` and
    `alone_span` are how much more relevance and span are when it is read alone; without them it was not.
    """

    number: int
    passage: int
    features: Mapping[str, float]
    answer: Span | None
    rendered_answer: Span | None = None


def read(query: Query, scored: Scored, generation: Generation, reader: ReaderModel) -> Scored:
    """The candidates as reading orders them, with the words that answer."""
    return mark(query, rescore(query, scored, read_candidates(query, scored, generation, reader)), generation, reader)


def read_candidates(query: Query, scored: Scored, generation: Generation, reader: ReaderModel) -> list[ReadSentence]:
    """Every sentence of the likeliest windows of the best passages, read; in English the likeliest also alone."""
    windows = windows_of(scored, generation)
    documents = _document_scores(scored, generation)
    renderings = [_rendered(query, scored, generation, window) for window in windows]
    texts = [rendering or _original(scored, generation, window)
             for window, rendering in zip(windows, renderings, strict=True)]  # fmt: skip
    readings = reader.read(query.text, [text for text, _ in texts])
    found: list[ReadSentence] = []
    neighbours: dict[int, str] = {}  # place in `found` → the text of a sentence that shares its window
    for window, rendering, (text, parts), reading in zip(windows, renderings, texts, readings, strict=True):
        for number, part, span in zip(window.numbers, parts, window.spans, strict=True):
            strength, answer = best_answer(reading, part, text)
            features = {
                "relevance": reading.relevance,
                "span": strength,
                "retrieved": float(scored.scores[window.passage]),
                "document": documents[_document(scored, generation, window.passage)],
                "sentence": float(scored.all_sentence_scores[number]),
            }
            words = answer and _shifted(answer, -part.start)
            if len(parts) > 1:
                neighbours[len(found)] = part.of(text)
            found.append(
                ReadSentence(number, window.passage, features, None, words)
                if rendering
                else ReadSentence(number, window.passage, features, words and _shifted(words, span.start))
            )
    return _read_alone(query, found, neighbours, _weights(query, scored), reader) if query.is_english else found


def _read_alone(
    query: Query,
    sentences: list[ReadSentence],
    neighbours: Mapping[int, str],
    weights: Mapping[str, float],
    reader: ReaderModel,
) -> list[ReadSentence]:
    """The sentences, the likeliest of them with what reading them alone adds; who has no neighbour was read alone."""
    found = list(sentences)
    best = sorted(range(len(found)), key=lambda place: -_strength(found[place], weights))[:ALONE]
    again = [place for place in best if place in neighbours]
    for place, reading in zip(again, reader.read(query.text, [neighbours[place] for place in again]), strict=True):
        text, features = neighbours[place], found[place].features
        strength, _ = best_answer(reading, Span(0, len(text)), text)
        alone = {"alone": reading.relevance - features["relevance"], "alone_span": strength - features["span"]}
        found[place] = replace(found[place], features={**features, **alone})
    return found


def mark(query: Query, scored: Scored, generation: Generation, reader: ReaderModel) -> Scored:
    """The candidates with the answer marked in the original, too, of the best passages whose rendering was read."""
    answers = dict(scored.read or {})
    best = scored.order()[:MARKED].tolist()
    sentences = [answers[n] for n in best if n in answers and answers[n].rendered_answer]
    if not sentences:
        return scored
    spans = [sentence_span(generation, int(scored.candidates.sentences[s.number])) for s in sentences]
    texts = [
        span.of(generation.document(_document(scored, generation, sentence.passage)).text)
        for sentence, span in zip(sentences, spans, strict=True)
    ]
    for sentence, span, text, reading in zip(sentences, spans, texts, reader.read(query.text, texts), strict=True):
        _, answer = best_answer(reading, Span(0, len(text)), text)
        answers[sentence.passage] = replace(sentence, answer=answer and _shifted(answer, span.start))
    return replace(scored, read=answers)


def windows_of(scored: Scored, generation: Generation) -> list[Window]:
    """The windows to read: the likeliest of every passage that is read first, then the rest by likelihood."""
    candidates = scored.candidates
    best = scored.order()[:PASSAGES_READ]
    chosen: list[tuple[tuple[int, float], Window]] = []
    for passage in best:
        numbers = np.flatnonzero(candidates.owner == passage)
        windows = _cut(int(passage), numbers, generation, candidates.sentences)
        strengths = [max(float(scored.all_sentence_scores[n]) for n in window.numbers) for window in windows]
        order = sorted(range(len(windows)), key=lambda place: -strengths[place])
        for rank, place in enumerate(order):
            likelihood = float(scored.scores[passage]) + strengths[place] - strengths[order[0]]
            chosen.append(((min(rank, 1), -likelihood), windows[place]))
    chosen.sort(key=lambda entry: entry[0])
    return [window for _, window in chosen[:WINDOWS_READ]]


def _cut(passage: int, numbers: np.ndarray, generation: Generation, rows: np.ndarray) -> list[Window]:
    windows: list[list[tuple[int, Span]]] = []
    for number in numbers:
        span = sentence_span(generation, int(rows[number]))
        follows = windows and rows[number] == rows[windows[-1][-1][0]] + 1
        if follows and span.end - windows[-1][0][1].start <= WINDOW:
            windows[-1].append((int(number), span))
        else:
            windows.append([(int(number), span)])
    return [Window(passage, tuple(n for n, _ in part), tuple(s for _, s in part)) for part in windows]


def _document_scores(scored: Scored, generation: Generation) -> dict[int, float]:
    """Document row → the score of its best passage."""
    best: dict[int, float] = {}
    rows = generation.passages["document"][scored.candidates.passages]
    for document, strength in zip(rows.tolist(), scored.scores.tolist(), strict=True):
        best[document] = max(strength, best.get(document, strength))
    return best


def _document(scored: Scored, generation: Generation, passage: int) -> int:
    return int(generation.passages["document"][scored.candidates.passages[passage]])


def _original(scored: Scored, generation: Generation, window: Window) -> tuple[str, list[Span]]:
    """The window's text and its sentences' spans in it."""
    document = generation.document(_document(scored, generation, window.passage))
    start = window.spans[0].start
    return document.text[start : window.spans[-1].end], [_shifted(span, -start) for span in window.spans]


def _rendered(query: Query, scored: Scored, generation: Generation, window: Window) -> tuple[str, list[Span]] | None:
    """The window's rendering in the query's language and its sentences' spans there; None without one."""
    row = int(scored.candidates.passages[window.passage])
    if generation.passages["rendered"][row] != RENDERED[query.language[:2]]:
        return None
    document = generation.document(_document(scored, generation, window.passage))
    text, spans = "", []
    for number in window.numbers:
        sentence = int(scored.candidates.sentences[number])
        rendering = sentence_rendering(document, generation, sentence, query.language)
        if rendering is None:
            return None
        text += " " if text else ""
        spans.append(Span(len(text), len(text) + len(rendering.text)))
        text += rendering.text
    return text, spans


def best_answer(reading: Reading, part: Span, text: str) -> tuple[float, Span | None]:
    """The strongest answer within a part of a read text: start plus end logit, and its characters without the
    white space around them."""
    inside = np.flatnonzero((reading.offsets[:, 0] >= part.start) & (reading.offsets[:, 1] <= part.end))
    inside = inside[reading.offsets[inside, 1] > reading.offsets[inside, 0]]
    if not len(inside):
        return UNREAD_SPAN, None
    starts, ends = reading.starts[inside], reading.ends[inside]
    count = len(inside)
    possible = np.tri(count, k=LONGEST_ANSWER, dtype=bool).T & ~np.tri(count, k=-1, dtype=bool)
    table = np.where(possible, starts[:, None] + ends[None, :], -np.inf)
    first, last = divmod(int(table.argmax()), count)
    start, end = int(reading.offsets[inside[first], 0]), int(reading.offsets[inside[last], 1])
    words = text[start:end]
    start, end = start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
    return float(table[first, last]), Span(start, end) if start < end else None


def _shifted(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


@lru_cache(maxsize=1)
def load_weights() -> dict[str, dict[str, float]]:
    """Language (with "+rendered" where renderings are read) → feature → weight, from reading.json."""
    return json.loads(files("baycase.search").joinpath("reading.json").read_text(encoding="utf-8"))["weights"]


def _weights(query: Query, scored: Scored) -> Mapping[str, float]:
    return load_weights()[query.language + ("+rendered" if scored.candidates.rendered else "")]


def _strength(sentence: ReadSentence, weights: Mapping[str, float]) -> float:
    return sum(weight * sentence.features.get(name, 0.0) for name, weight in weights.items())


def rescore(
    query: Query, scored: Scored, sentences: list[ReadSentence], weights: Mapping[str, float] | None = None
) -> Scored:
    """The candidates with the scores that reading gives; the unread behind the read, in their order."""
    weights = weights or _weights(query, scored)
    scores, chosen = np.full(len(scored.scores), -np.inf, np.float32), scored.sentences.copy()
    answers: dict[int, ReadSentence] = {}
    for sentence in sentences:
        strength = _strength(sentence, weights)
        if strength > scores[sentence.passage]:
            scores[sentence.passage] = strength
            chosen[sentence.passage] = scored.candidates.sentences[sentence.number]
            answers[sentence.passage] = sentence
    unread = ~np.isfinite(scores)
    if answers and unread.any():
        lowest = scores[~unread].min()
        scores[unread] = lowest - 1 - (scored.scores.max() - scored.scores[unread])
    return replace(scored, scores=scores, sentences=chosen, read=answers)
