"""`Library`: an opened library to search, ask and compare; what the command line, the page and Python use.

Opening is cheap; the model loads with the first question. A library that another
process has changed is noticed at the next call, which then uses the new generation;
a call under way keeps the one that it began with.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from baycase.errors import ModelError, NotFoundError
from baycase.index.current import CurrentGeneration
from baycase.index.encoder import Encoder, open_encoder
from baycase.index.generation import Generation, StoredDocument
from baycase.places import default_library
from baycase.search.answer import answer
from baycase.search.candidates import find_candidates, near_vectors
from baycase.search.filters import Where, allowed_rows
from baycase.search.proposal import points_of
from baycase.search.query import MAX_PROPOSAL, Query, checked, understand
from baycase.search.reader_model import open_reader
from baycase.search.reading import read as read_anew
from baycase.search.results import AskResult, Hit, SearchResult, SimilarResult
from baycase.search.retrieve import hits_of
from baycase.search.scorer import score
from baycase.search.similar import similar_cases

DEFAULT_K = 10
_TOGETHER = 128  # questions embedded together
Legs = frozenset[str]
"""Names of legs, as `weights.json` has them."""


class Library:
    """A library folder, open for reading. Methods may be called from several threads at once."""

    def __init__(
        self,
        folder: str | Path | None = None,
        *,
        model: str | None = None,
        encoder: Encoder | None = None,
        reranker: str | None = None,
    ) -> None:
        """`encoder` is opened from `model` (default: the bundled one) when first needed, unless given.

        `reranker` names a cross-encoder that orders the hits of search and ask anew.
        """
        self.folder = Path(folder) if folder is not None else default_library()
        self._model, self._encoder = model, encoder
        self._lock = threading.Lock()
        self._reranker_name, self._reranker = reranker, None
        self._current = CurrentGeneration(self.folder)
        self._current.get()

    # -- what it holds -----------------------------------------------------------------------

    @property
    def generation(self) -> Generation:
        """The newest generation, reopened when the library has changed since the last call."""
        return self._current.get()

    @property
    def encoder(self) -> Encoder:
        return self._model_of(self.generation)

    def _model_of(self, generation: Generation) -> Encoder:
        """The encoder, once it is known to be the one that this generation was embedded with."""
        with self._lock:
            if self._encoder is None:
                self._encoder = open_encoder(self._model)
            if self._encoder.fingerprint != generation.model:
                raise ModelError(
                    f"{self.folder} was embedded with another model ({generation.model}), not with "
                    f"{self._encoder.name} ({self._encoder.fingerprint}): name that one with --model, or run  "
                    "baycase index --re-embed"
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

    def search(
        self,
        query: str,
        k: int = DEFAULT_K,
        *,
        query_id: str | None = None,
        where: Where | None = None,
        read: bool = False,
    ) -> SearchResult:
        """The passages that fit a query, from k documents at least where there are as many; `read` reads them too."""
        return next(self.search_many([(query_id, query)], k, where=where, read=read))

    def ask(
        self,
        question: str,
        k: int = DEFAULT_K,
        *,
        query_id: str | None = None,
        where: Where | None = None,
        legs: Legs | None = None,
        read: bool = True,
    ) -> AskResult:
        """An answer with its citation, or an abstention with the nearest passages."""
        return next(self.ask_many([(query_id, question)], k, where=where, legs=legs, read=read))

    def similar(
        self, text: str, k: int = DEFAULT_K, *, query_id: str | None = None, where: Where | None = None
    ) -> SimilarResult:
        """The cases most like a proposal, each of its points against each case."""
        text = checked(text, MAX_PROPOSAL, "proposal")
        spans = points_of(text)
        whole = understand(text[:2000])
        queries = [understand(span.of(text)) for span in spans]
        generation = self.generation
        vectors = self._model_of(generation).encode_queries([whole.text, *(query.text for query in queries)])
        cases = similar_cases(
            (whole, vectors[0]),
            list(zip(spans, queries, vectors[1:], strict=True)),
            generation,
            k,
            allowed_rows(generation, where),
        )
        return SimilarResult(query_id, text, whole.language, cases)

    def search_many(
        self,
        queries: Sequence[tuple[str | None, str]],
        k: int = DEFAULT_K,
        *,
        where: Where | None = None,
        read: bool = False,
    ) -> Iterator[SearchResult]:
        """Results for (query_id, text) pairs, in order; embedded together."""
        for query_id, text, query, hits in self._found(queries, k, where, None, read):
            yield SearchResult(query_id, text, query.language, hits)

    def ask_many(
        self,
        questions: Sequence[tuple[str | None, str]],
        k: int = DEFAULT_K,
        *,
        where: Where | None = None,
        legs: Legs | None = None,
        read: bool = True,
    ) -> Iterator[AskResult]:
        """Answers for (query_id, text) pairs, in order; embedded together. `legs` leaves the other legs out."""
        for query_id, _, query, hits in self._found(questions, k, where, legs, read):
            yield answer(query, hits, query_id)

    def similar_many(
        self, proposals: Sequence[tuple[str | None, str]], k: int = DEFAULT_K, *, where: Where | None = None
    ) -> Iterator[SimilarResult]:
        for query_id, text in proposals:
            yield self.similar(text, k, query_id=query_id, where=where)

    def _found(
        self,
        queries: Sequence[tuple[str | None, str]],
        k: int,
        where: Where | None,
        legs: Legs | None,
        read: bool,
    ) -> Iterator[tuple[str | None, str, Query, tuple[Hit, ...]]]:
        """Each query with its hits. Vectors and passages of one answer come from one generation."""
        understood = [understand(text) for _, text in queries]
        slices = [slice(at, at + _TOGETHER) for at in range(0, len(queries), _TOGETHER)]
        # While one slice is scored, the next one is embedded: the model does not hold Python's lock.
        with ThreadPoolExecutor(1) as ahead:
            coming = deque([self._embedded(understood[slices[0]])] if slices else [])
            for number, part in enumerate(slices):
                generation, vectors = coming.popleft()()
                if number + 1 < len(slices):
                    coming.append(ahead.submit(self._embedded(understood[slices[number + 1]])).result)
                allowed = allowed_rows(generation, where)
                near = near_vectors(vectors, generation, allowed)
                for (query_id, text), query, vector, named in zip(
                    queries[part], understood[part], vectors, near, strict=True
                ):
                    hits = _hits(query, vector, generation, k, allowed, legs, read, named)
                    yield query_id, text, query, self._reranked(query, hits)

    def _embedded(self, queries: Sequence[Query]) -> Callable[[], tuple[Generation, np.ndarray]]:
        """What gives the newest generation and the vectors of queries by its model."""

        def embed() -> tuple[Generation, np.ndarray]:
            generation = self.generation
            return generation, self._model_of(generation).encode_queries([query.text for query in queries])

        return embed

    def _reranked(self, query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        if self._reranker_name is None:
            return hits
        with self._lock:
            if self._reranker is None:
                from baycase.search.rerank import Reranker

                self._reranker = Reranker(self._reranker_name)
        return self._reranker.order(query, hits)


def _hits(
    query: Query,
    vector: np.ndarray,
    generation: Generation,
    k: int,
    allowed: np.ndarray | None,
    legs: Legs | None,
    read: bool,
    near: np.ndarray,
) -> tuple[Hit, ...]:
    if not len(generation.passages):
        return ()
    scored = score(find_candidates(query, vector, generation, allowed, near), query.language, legs)
    if read:
        scored = read_anew(query, scored, generation, open_reader())
    return hits_of(query, scored, generation, k)
