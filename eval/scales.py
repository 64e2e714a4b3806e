"""How cost grows: libraries of 1,000 to 100,000 passages and more, through the writer and search as they are.

Such a passage is three sentences of a given collection, drawn at random, one a line. Its vector is not
computed by the model but is the mean of its sentences' vectors, scaled to length 1, so that a large library is
made in minutes: what the model costs is measured elsewhere, and everything else is done as
for any documents. Its text and vectors are real enough to search, and no text to learn quality from.
"""

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from baycase.corpus.records import Document, Passage, Sentence, Span
from baycase.eval.speed import change_one
from baycase.eval.stopwatch import one_by_one, timed
from baycase.index.build import Progress, no_progress, open_writer
from baycase.index.encoder import Encoder
from baycase.search.library import Library

DRAWN = 3  # sentences a passage
PASSAGES = 10  # a document


@dataclass(frozen=True, slots=True)
class Scale:
    """Figures of one size. Seconds on the clock and of the processor; milliseconds; megabytes."""

    passages: int
    sentences: int
    index: dict[str, str]
    build_s: float
    build_processor_s: float
    refresh_s: float
    refresh_processor_s: float
    open_ms: float
    query_p50_ms: float
    query_p95_ms: float
    query_processor_ms: float
    disk_mb: float
    memory_mb: float | None


class ComposedEncoder:
    """Knows the sentences' vectors; a text of several lines has the mean of its lines', scaled to length 1."""

    def __init__(self, encoder: Encoder, sentences: Sequence[str]) -> None:
        self._encoder = encoder
        self.name, self.fingerprint, self.dim = encoder.name, encoder.fingerprint, encoder.dim
        self._vectors = dict(zip(sentences, encoder.encode_passages(list(sentences)), strict=True))

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            for line in text.split("\n"):
                known = self._vectors.get(line)
                if known is None:  # one that a change has made
                    known = self._vectors[line] = self._encoder.encode_passages([line])[0]
                vectors[row] += known
        if progress is not None:
            progress(len(texts))
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def sentences_of(documents: Sequence[Document]) -> list[str]:
    """The different sentences of documents, without line breaks, in order."""
    spans = ((d, s.span) for d in documents for p in d.passages for s in p.sentences)
    return list(dict.fromkeys(" ".join(span.of(document.text).split()) for document, span in spans))


def synthetic(sentences: Sequence[str], passages: int, seed: int = 0) -> Iterator[Document]:
    """Documents of ten passages of three sentences, each sentence a line; the same for the same seed."""
    draw = random.Random(seed)
    for number in range(0, passages, PASSAGES):
        text, made = "", []
        for _ in range(min(PASSAGES, passages - number)):
            text += "\n" if text else ""
            start, spans = len(text), []
            for sentence in draw.choices(sentences, k=DRAWN):
                text += "\n" if len(text) > start else ""
                spans.append(Sentence(Span(len(text), len(text) + len(sentence))))
                text += sentence
            made.append(Passage(Span(start, len(text)), "", tuple(spans)))
        name = f"synthetic-{number // PASSAGES}"
        yield Document(name, "", text, f"{name}.txt", tuple(made))


def scale(
    passages: int, sentences: Sequence[str], encoder: Encoder, asked: Sequence[str], progress: Progress = no_progress
) -> Scale:
    """Build, refresh, open and ask a library of that many passages."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "library"
        with open_writer(folder) as writer:
            build = timed(lambda: writer.refresh(synthetic(sentences, passages), encoder, None, progress))
        refresh = change_one(folder, encoder)
        opened: list[Library] = []
        before = _resident()
        opening = timed(lambda: opened.append(Library(folder, encoder=encoder)))
        library = opened[0]
        for text in asked[:3]:
            library.search(text)
        own, p95 = one_by_one(library.search, asked)
        generation = library.generation
        return Scale(
            passages=len(generation.passages),
            sentences=len(generation.sentences),
            index={name: generation.manifest["index"][name] for name in ("passages", "sentences")},
            build_s=round(build.wall, 2),
            build_processor_s=round(build.processor, 2),
            refresh_s=round(refresh.wall, 2),
            refresh_processor_s=round(refresh.processor, 2),
            open_ms=round(opening.wall * 1000, 1),
            query_p50_ms=round(own.wall * 1000, 2),
            query_p95_ms=round(p95 * 1000, 2),
            query_processor_ms=round(own.processor * 1000, 2),
            disk_mb=round(sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6, 1),
            memory_mb=None if before is None else round((_resident() or 0.0) - before, 1),
        )


def _resident() -> float | None:
    """Megabytes that this process holds now, files mapped included; None where /proc does not say."""
    try:
        line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return None
    return int(line.split()[1]) / 1024
