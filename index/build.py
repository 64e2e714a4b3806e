"""The writer of a library: documents in, embeddings kept, a generation published.

One writer at a time, by a file lock. Embedding comes first and is kept as it is made, so
an interrupted run loses nothing. Then one transaction changes the documents, writes the
new generation beside the old ones, syncs it, and names it: that commit is the only
moment at which anything becomes visible.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from baycase.corpus.records import Document, Rendering
from baycase.errors import LibraryBusyError, LibraryError, ModelError, NotFoundError
from baycase.index.content import TERM_FIELDS, VECTOR_FIELDS, Field, embedded_texts, other_language
from baycase.index.database import Database, text_hash
from baycase.index.dense import VectorIndex
from baycase.index.durable import publish_folder
from baycase.index.encoder import Encoder
from baycase.index.generation import renderable_texts, write_generation
from baycase.index.lexical import TermIndex

GENERATIONS = "generations"
KEPT = 2  # the current generation and the one before it, which a reader may be opening
EMBED_CHUNK = 2048  # texts embedded between two commits

Progress = Callable[[str, int, int], None]
"""`progress(stage, done, total)`; called often, must be cheap."""


def no_progress(stage: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Change:
    """What a run of the writer did, by doc_id; `embedded` counts texts that went through the model."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    embedded: int = 0
    generation: int = 0


@dataclass(slots=True)
class _Plan:
    put: list[Document] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)


class Writer:
    """An open library, locked for writing. Use `open_writer`."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder, self.database = folder, database

    # -- what callers do ---------------------------------------------------------------------

    def refresh(
        self,
        documents: Iterable[Document],
        encoder: Encoder,
        digests: dict[str, str] | None = None,
        progress: Progress = no_progress,
    ) -> Change:
        """Add or refresh the documents of the sources they come from.

        A document of one of these sources that is not among `documents` any more is removed.
        `digests` (source → digest) is remembered, so that callers can skip unchanged files.
        """
        self._check_model(encoder)
        plan = _Plan(digests=dict(digests or {}))
        held = self.database.document_ids()
        sources, seen, added, changed, unchanged = set(plan.digests), set(), [], [], []
        for document in documents:
            sources.add(document.source)
            document = _unique(document, held, seen)
            seen.add(document.doc_id)
            if document.doc_id not in held:
                added.append(document.doc_id)
            elif self.database.document(document.doc_id) == document:
                unchanged.append(document.doc_id)
                continue
            else:
                changed.append(document.doc_id)
            plan.put.append(document)
        plan.remove = [doc_id for doc_id, source in held.items() if source in sources and doc_id not in seen]
        embedded, number = self._apply(plan, encoder, progress)
        return Change(tuple(added), tuple(changed), tuple(unchanged), tuple(plan.remove), embedded, number)

    def remove(self, doc_ids: Sequence[str], encoder: Encoder, progress: Progress = no_progress) -> Change:
        """Remove documents; all of them or, where one is not held, none."""
        self._check_model(encoder)
        held = self.database.document_ids()
        unknown = [doc_id for doc_id in doc_ids if doc_id not in held]
        if unknown:
            raise NotFoundError(f"no document {unknown[0]!r} in {self.folder}; `baycase list` shows what there is")
        plan = _Plan(remove=list(dict.fromkeys(doc_ids)))
        embedded, number = self._apply(plan, encoder, progress)
        return Change(removed=tuple(plan.remove), embedded=embedded, generation=number)

    def add_renderings(
        self, renderings: Sequence[Rendering], encoder: Encoder, progress: Progress = no_progress
    ) -> int:
        """Keep renderings of texts that the library holds; returns the new generation's number."""
        self._check_model(encoder)
        return self._apply(_Plan(), encoder, progress, renderings)[1]

    def rebuild(self, encoder: Encoder, progress: Progress = no_progress) -> Change:
        """Make the generation anew from the database (embedding only what has no vector)."""
        self._check_model(encoder)
        embedded, number = self._apply(_Plan(), encoder, progress, force=True)
        return Change(embedded=embedded, generation=number)

    def change_model(self, encoder: Encoder, progress: Progress = no_progress) -> Change:
        """Embed everything with another model; interrupted, it goes on where it stopped."""
        embedded, number = self._apply(_Plan(), encoder, progress, force=True)
        return Change(embedded=embedded, generation=number)

    # -- how it is done ----------------------------------------------------------------------

    def _check_model(self, encoder: Encoder) -> None:
        held = self.database.meta("model")
        if held is not None and held != encoder.fingerprint:
            raise ModelError(
                f"{self.folder} was embedded with {self.database.meta('model_name')} ({held}), not with {encoder.name} "
                f"({encoder.fingerprint}). Search with that model, or embed again:  baycase index --re-embed --model "
                f"{encoder.name} --library {self.folder}"
            )

    def _apply(
        self,
        plan: _Plan,
        encoder: Encoder,
        progress: Progress,
        renderings: Sequence[Rendering] = (),
        force: bool = False,
    ) -> tuple[int, int]:
        current = int(self.database.meta("generation") or 0)
        fresh_model = self.database.meta("model") != encoder.fingerprint
        if not (plan.put or plan.remove or renderings or force or fresh_model or not current):
            if any(self.database.sources().get(s) != d for s, d in plan.digests.items()):
                with self.database.transaction():
                    self._set_sources(plan)
            return 0, current
        gone = set(plan.remove) | {d.doc_id for d in plan.put}
        known = other_language([*self.database.renderings(), *renderings])
        documents = [*(d for d in self.database.documents() if d.doc_id not in gone), *plan.put]
        texts = list(dict.fromkeys(text for document in documents for text in embedded_texts(document, known)))
        embedded = self._embed(texts, encoder, progress)
        number = self._next_number(current)
        with self.database.transaction():
            self.database.remove_documents(plan.remove)
            for document in plan.put:
                self.database.put_document(document)
            self._set_sources(plan)
            self.database.put_renderings(renderings)
            documents = list(self.database.documents())
            self._forget_unused(documents, texts, encoder)
            self._write_generation(number, documents, list(self.database.renderings()), encoder, progress)
            self.database.set_meta("generation", str(number))
            self.database.set_meta("model", encoder.fingerprint)
            self.database.set_meta("model_name", encoder.name)
        self._sweep(number)
        return embedded, number

    def _set_sources(self, plan: _Plan) -> None:
        for source, digest in plan.digests.items():
            self.database.set_source(source, digest)

    def _embed(self, texts: Sequence[str], encoder: Encoder, progress: Progress) -> int:
        """Give every text a vector for this model; returns how many were new."""
        hashes = [text_hash(text) for text in texts]
        held = self.database.embeddings(hashes, encoder.fingerprint)
        missing = [(h, t) for h, t in zip(hashes, texts, strict=True) if h not in held]
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            progress("embed", done, len(missing))

        for at in range(0, len(missing), EMBED_CHUNK):
            some = missing[at : at + EMBED_CHUNK]
            vectors = encoder.encode_passages([text for _, text in some], advance)
            self.database.put_embeddings([h for h, _ in some], vectors, encoder.fingerprint)
        return len(missing)

    def _forget_unused(self, documents: Sequence[Document], texts: Sequence[str], encoder: Encoder) -> None:
        self.database.forget_embeddings(map(text_hash, texts), encoder.fingerprint)
        wanted = {text for document in documents for text in renderable_texts(document)}
        self.database.forget_renderings(
            r.source_text for r in self.database.renderings() if r.source_text not in wanted
        )

    def _write_generation(
        self,
        number: int,
        documents: Sequence[Document],
        renderings: Sequence[Rendering],
        encoder: Encoder,
        progress: Progress,
    ) -> None:
        progress("write", 0, len(documents))
        root = self.folder / GENERATIONS
        draft = root / f".{number}.draft"
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(parents=True)
        known = other_language(renderings)

        def texts(field: Field) -> list[str | None]:
            return [text for document in documents for text in field.texts(document, known)]

        vectors = {name: self._vectors(texts(field), encoder) for name, field in VECTOR_FIELDS.items()}
        fields = {
            name: (field.level, TermIndex.build([field.terms(text) if text else [] for text in texts(field)]))
            for name, field in TERM_FIELDS.items()
        }
        write_generation(draft, number, encoder.fingerprint, documents, renderings, vectors, fields)
        publish_folder(draft, root / str(number))
        progress("write", len(documents), len(documents))

    def _vectors(self, texts: Sequence[str | None], encoder: Encoder) -> VectorIndex:
        """The stored vectors of texts as an index; rows without a text have none."""
        labels = np.array([row for row, text in enumerate(texts) if text], np.int64)
        hashes = [text_hash(text) for text in texts if text]
        held = self.database.embeddings(hashes, encoder.fingerprint)
        vectors = np.array([held[h] for h in hashes], np.float32).reshape(len(hashes), encoder.dim)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return VectorIndex.build(vectors, None if len(labels) == len(texts) else labels)

    def _next_number(self, current: int) -> int:
        """Past the current generation and past folders that an interrupted run left behind."""
        root = self.folder / GENERATIONS
        taken = [int(p.name) for p in root.glob("[0-9]*") if p.name.isdigit()] if root.is_dir() else []
        return max([current, *taken]) + 1

    def _sweep(self, current: int) -> None:
        """Delete what no reader opens any more; a file in use on Windows stays for the next time."""
        root = self.folder / GENERATIONS
        numbers = sorted((int(p.name) for p in root.glob("[0-9]*") if p.name.isdigit()), reverse=True)
        for number in [n for n in numbers if n <= current][KEPT:]:
            shutil.rmtree(root / str(number), ignore_errors=True)
        for draft in root.glob(".*.draft"):
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def open_writer(folder: Path, wait_s: float = 10) -> Iterator[Writer]:
    """The library in `folder`, created where there is none, locked for this process while the block runs."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "writer.lock", timeout=wait_s)
        lock.acquire()
    except Timeout as error:
        raise LibraryBusyError(
            f"another process is writing to {folder}: wait until it is done and repeat the command"
        ) from error
    except OSError as error:
        raise LibraryError(
            f"{folder} cannot be written ({error.strerror}): check its permissions, or name another folder with --library"
        ) from error
    try:
        with Database.create_or_open(folder) as database:
            yield Writer(folder, database)
    except OSError as error:
        raise LibraryError(
            f"writing to {folder} failed ({error.strerror or error}); the library is as it was before"
        ) from error
    finally:
        lock.release()


def _unique(document: Document, held: dict[str, str], seen: set[str]) -> Document:
    """The document under a doc_id that no other document has: the next free `-2`, `-3` …, stable over refreshes."""
    from dataclasses import replace

    def taken(doc_id: str) -> bool:
        return doc_id in seen or held.get(doc_id, document.source) != document.source

    doc_id, number = document.doc_id, 1
    while taken(doc_id):
        number += 1
        doc_id = f"{document.doc_id}-{number}"
    return document if doc_id == document.doc_id else replace(document, doc_id=doc_id)
