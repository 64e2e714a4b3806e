"""`Library`: an opened library to search, ask and compare; what the command line, the page and Python use.

Opening is cheap; the model loads with the first question. A library that another
process has changed is noticed at the next call, which then uses the new generation;
a call under way keeps the one that it began with.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from baycase.errors import LibraryError, ModelError, NotFoundError
from baycase.index.build import GENERATIONS
from baycase.index.database import FILE, Database
from baycase.index.encoder import Encoder, open_encoder
from baycase.index.generation import Generation, StoredDocument, open_generation
from baycase.places import default_library
from baycase.search.answer import answer
from baycase.search.candidates import find_candidates
from baycase.search.proposal import points_of
from baycase.search.query import MAX_PROPOSAL, Query, checked, understand
from baycase.search.results import AskResult, Hit, SearchResult, SimilarResult
from baycase.search.retrieve import hits_of
from baycase.search.scorer import score
from baycase.search.similar import similar_cases

DEFAULT_K = 10


class Library:
    """A library folder, open for reading. Methods may be called from several threads at once."""

    def __init__(
        self, folder: str | Path | None = None, *, model: str | None = None, encoder: Encoder | None = None
    ) -> None:
        """`encoder` is opened from `model` (default: the bundled one) when first needed, unless given."""
        self.folder = Path(folder) if folder is not None else default_library()
        self._model, self._encoder = model, encoder
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._generation = self._open()

    # -- what it holds -----------------------------------------------------------------------

    @property
    def generation(self) -> Generation:
        """The newest generation, reopened when the library has changed since the last call."""
        with self._lock:
            if self._stamp() != self._seen:
                self._generation = self._open()
            return self._generation

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = (self.folder / FILE).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _open(self) -> Generation:
        stamp = self._stamp()
        for _ in range(3):  # a generation may be swept away between reading its name and opening it
            with Database.open_to_read(self.folder) as database:
                number = database.meta("generation")
            if number is None:
                raise LibraryError(f"{self.folder} holds no documents yet: add some with  baycase index")
            held = getattr(self, "_generation", None)
            if held is not None and held.number == int(number):
                break
            folder = self.folder / GENERATIONS / number
            if folder.is_dir():
                held = open_generation(folder)
                break
        else:
            raise LibraryError(f"{self.folder}: generation {number} is missing; run  baycase doctor")
        self._seen = stamp
        return held

    @property
    def encoder(self) -> Encoder:
        with self._lock:
            if self._encoder is None:
                self._encoder = open_encoder(self._model)
            if self._encoder.fingerprint != self._generation.model:
                raise ModelError(
                    f"{self.folder} was embedded with another model ({self._generation.model}), not with {self._encoder.name} "
                    f"({self._encoder.fingerprint}): name that one with --model, or run  baycase index --re-embed"
                )
            return self._encoder

    def documents(self) -> Iterator[StoredDocument]:
        """Every document, in the order in which they were added."""
        return iter(self.generation.documents())

    def document(self, doc_id: str) -> StoredDocument:
        found = self.generation.find(doc_id)
        if found is None:
            raise NotFoundError(f"no document {doc_id!r} in {self.folder}; `baycase list` shows what there is")
        return found

    # -- the three questions -------------------------------------------------------------------

    def search(self, query: str, k: int = DEFAULT_K, *, query_id: str | None = None,
               where: Callable[[StoredDocument], bool] | None = None) -> SearchResult:  # fmt: skip
        """The passages that fit a query, from k documents at least where there are as many."""
        understood = understand(query)
        vector = self.encoder.encode_queries([understood.text])[0]
        generation = self.generation
        return SearchResult(query_id, query, understood.language, self._hits(understood, vector, generation, k, where))

    def ask(self, question: str, k: int = DEFAULT_K, *, query_id: str | None = None,
            where: Callable[[StoredDocument], bool] | None = None) -> AskResult:  # fmt: skip
        """An answer with its citation, or an abstention with the nearest passages."""
        understood = understand(question)
        vector = self.encoder.encode_queries([understood.text])[0]
        return answer(understood, self._hits(understood, vector, self.generation, k, where), query_id)

    def similar(self, text: str, k: int = DEFAULT_K, *, query_id: str | None = None,
                where: Callable[[StoredDocument], bool] | None = None) -> SimilarResult:  # fmt: skip
        """The cases most like a proposal, each of its points against each case."""
        text = checked(text, MAX_PROPOSAL, "proposal")
        spans = points_of(text)
        whole = understand(text[:2000])
        queries = [understand(span.of(text)) for span in spans]
        vectors = self.encoder.encode_queries([whole.text, *(query.text for query in queries)])
        generation = self.generation
        cases = similar_cases(
            (whole, vectors[0]),
            list(zip(spans, queries, vectors[1:], strict=True)),
            generation,
            k,
            _allowed(generation, where),
        )
        return SimilarResult(query_id, text, whole.language, cases)

    def search_many(self, queries: Sequence[tuple[str, str]], k: int = DEFAULT_K) -> Iterator[SearchResult]:
        """Results for (query_id, text) pairs, in order; embedded together."""
        for query_id, text, query, vector in self._embedded(queries):
            yield SearchResult(query_id, text, query.language, self._hits(query, vector, self.generation, k, None))

    def ask_many(self, questions: Sequence[tuple[str, str]], k: int = DEFAULT_K) -> Iterator[AskResult]:
        """Answers for (query_id, text) pairs, in order; embedded together."""
        for query_id, _, query, vector in self._embedded(questions):
            yield answer(query, self._hits(query, vector, self.generation, k, None), query_id)

    def similar_many(self, proposals: Sequence[tuple[str, str]], k: int = DEFAULT_K) -> Iterator[SimilarResult]:
        for query_id, text in proposals:
            yield self.similar(text, k, query_id=query_id)

    def _embedded(self, queries: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, Query, np.ndarray]]:
        understood = [understand(text) for _, text in queries]
        for at in range(0, len(queries), 256):
            some = understood[at : at + 256]
            vectors = self.encoder.encode_queries([query.text for query in some])
            for (query_id, text), query, vector in zip(queries[at : at + 256], some, vectors, strict=True):
                yield query_id, text, query, vector

    def _hits(self, query: Query, vector: np.ndarray, generation: Generation, k: int,
              where: Callable[[StoredDocument], bool] | None) -> tuple[Hit, ...]:  # fmt: skip
        if not len(generation.passages):
            return ()
        candidates = find_candidates(query, vector, generation, _allowed(generation, where))
        return hits_of(query, score(candidates, query.language), generation, k)


def _allowed(generation: Generation, where: Callable[[StoredDocument], bool] | None) -> np.ndarray | None:
    if where is None:
        return None
    return np.array([where(document) for document in generation.documents()], bool)
