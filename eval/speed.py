"""What `baycase bench` measures: embedding, indexing, questions, start-up, against the program usually written.

That program (`Naive`) is sentence-transformers in fp32 and a flat FAISS index over passages only,
with the same weights and texts. It knows the machine's figures and no quality.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from baycase.corpus.records import Document
from baycase.eval.stopwatch import Row, Time, by_turns, one_by_one, process, timed
from baycase.index.build import Progress, no_progress, open_writer
from baycase.index.content import passage_texts
from baycase.index.database import Database
from baycase.index.encoder import Encoder
from baycase.index.intake import take_in
from baycase.index.models import PASSAGE_PROMPT, QUERY_PROMPT, default_model_path
from baycase.index.tokenizer import UnigramTokenizer
from baycase.search.library import Library

SHORT, LONG = 50, 300  # tokens of a text, begin and end included
NAIVE = "sentence-transformers fp32 + FAISS flat"
TXTAI = "txtai (the same model, its defaults)"
BATCH = 1_000  # questions asked in one call


class Plain(Protocol):
    """What is measured of the other program."""

    def encode(self, texts: Sequence[str]) -> np.ndarray: ...

    def index(self, texts: Sequence[str]) -> None: ...

    def search(self, text: str, k: int) -> Any: ...


class Naive:
    """sentence-transformers and FAISS, as their own introductions use them."""

    def __init__(self, folder: Path | None = None) -> None:
        from sentence_transformers import SentenceTransformer

        path = str(folder or default_model_path())
        self._model: Any = SentenceTransformer(path, device="cpu", local_files_only=True)
        self._index: Any = None

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return self._model.encode_document(list(texts), normalize_embeddings=True, show_progress_bar=False)

    def index(self, texts: Sequence[str]) -> None:
        import faiss

        vectors = self.encode(texts)
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)

    def search(self, text: str, k: int) -> np.ndarray:
        """Rows of the k nearest passages."""
        vector = self._model.encode_query([text], normalize_embeddings=True, show_progress_bar=False)
        return self._index.search(vector, k)[1][0]


class Txtai:
    """txtai as its introduction uses it, with the bundled model; the dependency group `compare` brings it."""

    def __init__(self) -> None:
        from txtai import Embeddings  # pyright: ignore[reportMissingImports]

        instructions = {"query": QUERY_PROMPT, "data": PASSAGE_PROMPT}
        self._embeddings: Any = Embeddings(
            {"path": str(default_model_path()), "content": False, "instructions": instructions}
        )

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return self._embeddings.batchtransform(list(texts), "data")

    def index(self, texts: Sequence[str]) -> None:
        self._embeddings.index(list(enumerate(texts)))

    def search(self, text: str, k: int) -> Any:
        return self._embeddings.search(text, k)


def txtai() -> Txtai | None:
    """None where txtai is not installed."""
    return Txtai() if find_spec("txtai") is not None else None


def texts_of_tokens(text: str, tokens: int, tokenizer: UnigramTokenizer, most: int) -> list[str]:
    """Consecutive pieces of a text of about so many tokens each, begin, end and prompt included."""
    room, found = tokens - 5, []  # "passage: " is three
    for start in range(0, len(text), 8_000):
        part = text[start : start + 8_000]
        offsets = tokenizer.pieces(part)[1]
        for at in range(0, len(offsets) - room, room):
            found.append(part[offsets[at][0] : offsets[at + room - 1][1]])
            if len(found) == most:
                return found
    return found


def embedding(encoder: Encoder, naive: Plain, text: str, rounds: int = 3) -> Iterator[Row]:
    """Milliseconds a passage, short and long ones, of the collection's own text."""
    tokenizer = UnigramTokenizer(default_model_path())
    for name, tokens, count in (("short", SHORT, 64), ("long", LONG, 16)):
        texts = texts_of_tokens(text, tokens, tokenizer, count)
        times = by_turns(
            {"own": lambda t=texts: encoder.encode_passages(t), "naive": lambda t=texts: naive.encode(t)}, rounds
        )
        what = f"embed a {name} passage ({tokens} tokens; {len(texts)} at once)"
        own, other = (times[which].each(len(texts)) for which in ("own", "naive"))
        yield Row(what, own, "sentence-transformers fp32", other)


def index_cases(
    folder: Path, encoder: Encoder, naive: Plain, progress: Progress = no_progress, other_too: Plain | None = None
) -> Iterator[Row]:
    """The shipped cases into a new library in `folder`, with all legs; the other programs embed the passages only."""
    with open_writer(folder) as writer:
        own = timed(lambda: take_in(writer, [], encoder, progress))
        documents = list(writer.database.documents())
    texts = _passages(documents)
    about = f"index {len(documents)} documents, {len(texts)} passages: passages, sentences, renderings, all legs"
    yield from _against_passages(about, own, texts, naive, other_too)
    yield refreshing(folder, encoder, documents)


def index_documents(
    folder: Path, documents: Sequence[Document], encoder: Encoder, naive: Plain, other_too: Plain | None = None
) -> Iterator[Row]:
    """Documents into a new library, with all legs; the other programs embed the passages only."""
    with open_writer(folder) as writer:
        own = timed(lambda: writer.refresh(documents, encoder))
    texts = _passages(documents)
    about = f"index {len(texts):,} passages with sentences and all legs"
    yield from _against_passages(about, own, texts, naive, other_too)


def _against_passages(
    about: str, own: Time, texts: Sequence[str], naive: Plain, other_too: Plain | None
) -> Iterator[Row]:
    """What indexing took, beside what the other programs take for the passages alone."""
    yield Row(about, own, f"{NAIVE}, passages only", timed(lambda: naive.index(texts)))
    if other_too is not None:
        yield Row(about, own, f"{TXTAI}, passages only", timed(lambda: other_too.index(texts)))


def refreshing(folder: Path, encoder: Encoder, documents: Sequence[Document]) -> Row:
    """A refresh in which one document has changed by one sign; the library is left changed."""
    return Row(f"refresh, 1 of {len(documents):,} documents changed", change_one(folder, encoder))


def change_one(folder: Path, encoder: Encoder) -> Time:
    """How long it takes to refresh the source of the library's first document with that document changed.

    Opening the library is timed, reading the file is not.
    """
    with Database.open_to_read(folder) as database:
        first, *others = database.documents()
    signs = {"。": "！", "！": "。"}
    at = next(at for at, sign in enumerate(first.text) if sign in signs)
    changed = replace(first, text=first.text[:at] + signs[first.text[at]] + first.text[at + 1 :])
    read = [changed, *(document for document in others if document.source == first.source)]

    def refresh() -> None:
        with open_writer(folder) as writer:
            writer.refresh(read, encoder)

    return timed(refresh)


def questions(
    library: Library,
    naive: Plain,
    texts: Sequence[str],
    k: int = 10,
    other_too: Plain | None = None,
    indexed: bool = False,
) -> Iterator[Row]:
    """Some of the questions one at a time, warm; then all of them in one call.

    `indexed`: the other programs have the library's passages already.
    """
    alone = texts[:: max(1, len(texts) // 25)]
    if not indexed:
        passages_of_it = _passages(list(_documents(library)))
        for program in (naive, other_too):
            if program is not None:
                program.index(passages_of_it)
    ways = {
        "search": lambda text: library.search(text, k),
        "ask without reading": lambda text: library.ask(text, k, read=False),
        "ask": lambda text: library.ask(text, k),
    }
    naive.search(texts[0], k)
    other, _ = one_by_one(lambda text: naive.search(text, k), alone)
    passages = len(library.generation.passages)
    for name, way in ways.items():
        way(texts[0])  # the first question opens the model
        own, p95 = one_by_one(way, alone)
        yield Row(f"a warm question: {name} (median of {len(alone)}; {passages:,} passages)", own,
                  f"{NAIVE}, a nearest passage", other, p95)  # fmt: skip
        if name == "search" and other_too is not None:
            other_too.search(texts[0], k)
            third, _ = one_by_one(lambda text: other_too.search(text, k), alone)
            yield Row(f"a warm question: {name} (median of {len(alone)}; {passages:,} passages)", own,
                      f"{TXTAI}, a nearest passage", third, p95)  # fmt: skip
    pairs = [(None, text) for text in texts]
    times = by_turns(
        {
            "together": lambda: list(library.search_many(pairs, k)),
            "apart": lambda: [library.search(text, k) for text in texts],
        },
        rounds=2,
    )
    count = len(texts)
    yield Row(f"a question of a batch of {count}: search", times["together"].each(count),
              "the same, one by one", times["apart"].each(count))  # fmt: skip


def start_up(folder: Path, question: str, rounds: int = 3) -> Iterator[Row]:
    """New processes: the help, a search, an answer, with the memory that each held."""
    environment = {"BAYCASE_LIBRARY": str(folder)}
    for arguments in (["--help"], ["search", question], ["ask", question]):
        time, memory = process(arguments, environment, rounds)
        yield Row(f"a new process: baycase {arguments[0]}", time, memory_mb=memory)


def quick(
    encoder: Encoder,
    naive: Plain,
    asked: Sequence[str],
    progress: Progress = no_progress,
    other_too: Plain | None = None,
) -> list[Row]:
    """The table of `baycase bench`, on the shipped cases in a library of their own."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "library"
        rows = list(index_cases(folder, encoder, naive, progress, other_too))
        library = Library(folder, encoder=encoder)
        text = "\n".join(document.text for document in _documents(library))
        rows = [
            *embedding(encoder, naive, text),
            *rows,
            *questions(library, naive, asked, other_too=other_too, indexed=True),
        ]
        return [*rows, *start_up(folder, asked[0])]


def _documents(library: Library) -> Iterator[Document]:
    with Database.open_to_read(library.folder) as database:
        yield from list(database.documents())


def _passages(documents: Sequence[Document]) -> list[str]:
    return [text for document in documents for text in passage_texts(document, {}) if text]
