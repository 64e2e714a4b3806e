"""The writer of a library: documents in, embeddings kept, a generation published.

One writer at a time, by a file lock. Embedding comes first and is kept as it is made, so
an interrupted run loses nothing. Then one transaction changes the documents, writes the
new generation beside the old ones, syncs it, and names it: that commit is the only
moment at which anything becomes visible.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from baycase.corpus.records import Document, Rendering
from baycase.errors import DamagedLibraryError, ModelError, NotFoundError
from baycase.index.arrays import Ragged, TermRows
from baycase.index.content import TERM_FIELDS, VECTOR_FIELDS, embedded_texts, other_language
from baycase.index.database import GENERATIONS, Database, text_hash
from baycase.index.dense import VectorIndex
from baycase.index.duplicates import Duplicate, near_duplicates
from baycase.index.durable import make_folder, publish_folder
from baycase.index.encoder import Encoder
from baycase.index.generation import KEPT as KEPT_TERMS
from baycase.index.generation import kept_problem, read_manifest, renderable_texts, write_generation
from baycase.index.lexical import TermIndex
from baycase.index.locking import locked
from baycase.index.matching import match, news
from baycase.index.naming import named_apart
from baycase.index.pieces import NOTHING, Kept, PieceTerms, analysis_digest, open_kept
from baycase.index.stored_model import StoredModel

KEPT = 2  # the current generation and the one before it, which a reader may be opening
EMBED_CHUNK = 256  # texts embedded between two commits: what an interruption may cost

Progress = Callable[[str, int, int], None]
"""`progress(stage, done, total)`; called often, must be cheap."""


def no_progress(stage: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Change:
    """What a run of the writer did, by doc_id; `embedded` counts texts that went through the model.

    `near` names added or changed documents that say nearly what another one says: (doc_id, the other,
    similarity from 0.8 to 1). They are kept. `rendered` counts renderings that are new or have changed;
    `unmatched` are those whose text is in no document: they were not stored.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    embedded: int = 0
    generation: int = 0
    near: tuple[tuple[str, str, float], ...] = ()
    rendered: int = 0
    unmatched: tuple[Rendering, ...] = ()


@dataclass(slots=True)
class _Plan:
    put: list[Document] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Embedded:
    """Texts and their vectors, (texts, dim) float32 of length 1."""

    rows: dict[str, int]
    vectors: np.ndarray

    def index(self, texts: Sequence[str | None]) -> VectorIndex:
        """The vectors of these texts as an index; rows without a text have none."""
        labels = np.array([row for row, text in enumerate(texts) if text], np.int64)
        rows = np.array([self.rows[text] for text in texts if text], np.int64)
        return VectorIndex.build(self.vectors, None if len(labels) == len(texts) else labels, rows)


def _term_index(terms: TermRows, numbers: Ragged) -> TermIndex:
    """The index of texts by the terms of their pieces; `numbers` are those of each text's pieces."""
    return TermIndex.of(TermRows(terms.rows.joined(numbers), terms.names).only_used())


class Writer:
    """An open library, locked for writing. Use `open_writer`.

    The database may be one that is to take the place of the folder's own; then `sweep` is False,
    because readers still open what the old one names.
    """

    def __init__(self, folder: Path, database: Database, sweep: bool = True) -> None:
        self.folder, self.database, self._sweeps = folder, database, sweep

    # -- what callers do ---------------------------------------------------------------------

    def refresh(
        self,
        documents: Iterable[Document],
        encoder: Encoder,
        digests: dict[str, str] | None = None,
        progress: Progress = no_progress,
        renderings: Sequence[Rendering] = (),
    ) -> Change:
        """Add or refresh the documents of the sources they come from, and keep renderings of the library's texts.

        A document of one of these sources that is not among `documents` any more is removed.
        `digests` (source → digest) is remembered, so that callers can skip unchanged files.
        """
        self._check_model(encoder)
        plan = _Plan(digests=dict(digests or {}))
        stored = {document.doc_id: document for document in self.database.documents()}
        held = {doc_id: document.source for doc_id, document in stored.items()}
        added, changed, unchanged = [], [], []
        for document in named_apart(list(documents), held):
            plan.seen.add(document.doc_id)
            plan.sources.add(document.source)
            if document.doc_id not in held:
                added.append(document.doc_id)
            elif stored[document.doc_id] == document:
                unchanged.append(document.doc_id)
                continue
            else:
                changed.append(document.doc_id)
            plan.put.append(document)
        sources = plan.sources | plan.digests.keys()
        plan.remove = [doc_id for doc_id, source in held.items() if source in sources and doc_id not in plan.seen]
        done = self._apply(plan, encoder, progress, renderings, stored=stored)
        return replace(done, added=tuple(added), changed=tuple(changed), unchanged=tuple(unchanged))

    def remove(self, doc_ids: Sequence[str], encoder: Encoder, progress: Progress = no_progress) -> Change:
        """Remove documents; all of them or, where one is not held, none."""
        self._check_model(encoder)
        held = self.database.document_ids()
        unknown = [doc_id for doc_id in doc_ids if doc_id not in held]
        if unknown:
            raise NotFoundError(f"no document {unknown[0]!r} in {self.folder}; `baycase list` shows what there is")
        plan = _Plan(remove=list(dict.fromkeys(doc_ids)))
        # Their files no longer count as read: adding one again brings its documents back.
        plan.digests = {held[doc_id]: "" for doc_id in plan.remove}
        return self._apply(plan, encoder, progress)

    def add_renderings(
        self, renderings: Sequence[Rendering], encoder: Encoder, progress: Progress = no_progress
    ) -> Change:
        """Keep renderings of texts that the library holds; the others come back as `unmatched`."""
        self._check_model(encoder)
        return self._apply(_Plan(), encoder, progress, renderings)

    def rebuild(self, encoder: Encoder, progress: Progress = no_progress) -> Change:
        """Make the generation anew from the database (embedding only what has no vector)."""
        self._check_model(encoder)
        return self._apply(_Plan(), encoder, progress, force=True)

    def change_model(self, encoder: Encoder, progress: Progress = no_progress) -> Change:
        """Embed everything with another model; interrupted, it goes on where it stopped.

        Until the commit at its end the library answers with the model that it had.
        """
        return self._apply(_Plan(), encoder, progress, force=True)

    def stored_model(self, opened: Callable[[], Encoder]) -> Encoder:
        """The library's own model, loaded only if something must be embedded after all."""
        published = self.database.published()
        dim = published and self.database.vector_length(published.model)
        if not published or not dim:
            return opened()
        return StoredModel(published.model, self.database.meta("model_name") or "", dim, opened)

    # -- how it is done ----------------------------------------------------------------------

    def _check_model(self, encoder: Encoder) -> None:
        published = self.database.published()
        if published and published.model != encoder.fingerprint:
            raise ModelError(
                f"{self.folder} was embedded with {self.database.meta('model_name')} ({published.model}), not with "
                f"{encoder.name} ({encoder.fingerprint}). Search with that model, or embed again:  "
                f"baycase index --re-embed --model {encoder.name} --library {self.folder}"
            )

    def _apply(
        self,
        plan: _Plan,
        encoder: Encoder,
        progress: Progress,
        renderings: Sequence[Rendering] = (),
        force: bool = False,
        stored: Mapping[str, Document] | None = None,
    ) -> Change:
        """Carry a plan out. `stored` are the documents as they are, where they have been read; `force` makes the
        generation anew where nothing has changed, and derives every part of it anew."""
        self.database.check_content()
        current = self._sound_generation(encoder)
        documents = self._documents_after(plan, stored) if renderings else []
        matched = match(renderings, documents)
        renderings = news(matched.found, self.database.renderings()) if matched.found else []
        if current and not (plan.put or plan.remove or renderings or force):
            if any(self.database.sources().get(s) != d for s, d in plan.digests.items()):
                with self.database.transaction():
                    self._set_sources(plan)
                    self.database.store_digests()
            return Change(generation=current, unmatched=matched.unmatched)
        known = other_language([*self.database.renderings(), *renderings])
        documents = documents or self._documents_after(plan, stored)
        texts = list(dict.fromkeys(text for document in documents for text in embedded_texts(document, known)))
        vectors, embedded = self._embed(texts, encoder, progress)
        kept = NOTHING if force or current is None else self._kept(current)
        number = self._next_number()
        published = self.database.published()
        switched = published is None or published.model != encoder.fingerprint
        with self.database.transaction():
            self.database.remove_documents(plan.remove)
            for document in plan.put:
                self.database.put_document(document)
            self._set_sources(plan)
            self.database.forget_sources(unused_only=True)
            self.database.put_renderings(renderings)
            documents = self._reread(documents, plan)
            self._forget_unused(documents, texts, encoder.fingerprint if switched else None)
            near = self._write_generation(number, documents, vectors, kept, encoder, progress)
            self.database.set_meta("generation", str(number))
            self.database.set_meta("model", encoder.fingerprint)
            self.database.set_meta("model_name", encoder.name)
            self.database.store_digests()
        if self._sweeps:
            self._sweep(number)
        put = {document.doc_id for document in plan.put}
        pairs = [(documents[d.row].doc_id, documents[d.of].doc_id, d.similarity) for d in near]
        return Change(
            removed=tuple(plan.remove),
            embedded=embedded,
            generation=number,
            near=tuple(pair for pair in pairs if pair[0] in put or pair[1] in put),
            rendered=len(renderings),
            unmatched=matched.unmatched,
        )

    def _documents_after(self, plan: _Plan, stored: Mapping[str, Document] | None = None) -> list[Document]:
        """Every document as it will be once the plan is carried out, in the order of the library."""
        put, gone = {document.doc_id: document for document in plan.put}, set(plan.remove)
        before = self.database.documents() if stored is None else stored.values()
        after = [put.pop(d.doc_id, d) for d in before if d.doc_id not in gone]
        return [*after, *put.values()]

    def _reread(self, documents: Sequence[Document], plan: _Plan) -> list[Document]:
        """The documents with those that have just been written as the database gives them back."""
        put = {document.doc_id for document in plan.put}
        if 2 * len(put) > len(documents):
            return list(self.database.documents())
        found = [self.database.document(d.doc_id) if d.doc_id in put else d for d in documents]
        return [document for document in found if document is not None]

    def _kept(self, current: int) -> Kept:
        """What the current generation kept for the next one, as far as it can be used."""
        folder = self.folder / GENERATIONS / str(current)
        manifest = read_manifest(folder)
        if manifest["analysis"] != analysis_digest() or kept_problem(folder, manifest):
            return NOTHING
        return open_kept(folder / KEPT_TERMS)

    def _sound_generation(self, encoder: Encoder) -> int | None:
        """The current generation's number, if its manifest is in order and it is of this model and content."""
        published = self.database.published()
        if published is None:
            return None
        try:
            manifest = read_manifest(self.folder / GENERATIONS / published.generation)
        except DamagedLibraryError:
            return None
        fits = (manifest["model"], manifest["content"]) == (encoder.fingerprint, published.content)
        return int(published.generation) if fits else None

    def _set_sources(self, plan: _Plan) -> None:
        for source, digest in plan.digests.items():
            self.database.set_source(source, digest)

    def _embed(self, texts: Sequence[str], encoder: Encoder, progress: Progress) -> tuple[_Embedded, int]:
        """Every text's vector for this model, stored; and how many of them were new."""
        hashes = [text_hash(text) for text in texts]
        held = self.database.embeddings(hashes, encoder.fingerprint)
        missing = [(h, t) for h, t in zip(hashes, texts, strict=True) if h not in held]
        missing.sort(key=lambda pair: len(pair[1]))  # texts of like length make full batches
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            progress("embed", done, len(missing))

        for at in range(0, len(missing), EMBED_CHUNK):
            some = missing[at : at + EMBED_CHUNK]
            vectors = encoder.encode_passages([text for _, text in some], advance)
            self.database.put_embeddings([h for h, _ in some], vectors, encoder.fingerprint)
        if missing:
            held |= self.database.embeddings([h for h, _ in missing], encoder.fingerprint)
        found = np.empty((len(texts), encoder.dim), np.float32)
        for row, key in enumerate(hashes):
            found[row] = held.pop(key)
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return _Embedded({text: row for row, text in enumerate(texts)}, found), len(missing)

    def _forget_unused(self, documents: Sequence[Document], texts: Sequence[str], only_model: str | None) -> None:
        self.database.forget_embeddings(map(text_hash, texts), only_model)
        if renderings := list(self.database.renderings()):
            wanted = {text for document in documents for text in renderable_texts(document)}
            self.database.forget_renderings(r.source_text for r in renderings if r.source_text not in wanted)

    def _write_generation(
        self,
        number: int,
        documents: Sequence[Document],
        embedded: _Embedded,
        kept: Kept,
        encoder: Encoder,
        progress: Progress,
    ) -> list[Duplicate]:
        """Write, sync and publish the folder of a generation, inside the transaction that will name it."""
        progress("write", 0, len(documents))
        root = self.folder / GENERATIONS
        draft = root / f".{number}.draft"
        if draft.exists():
            shutil.rmtree(draft)
        make_folder(root)
        draft.mkdir()
        renderings = list(self.database.renderings())
        known = other_language(renderings)
        makers = dict.fromkeys(leg.texts for leg in [*VECTOR_FIELDS.values(), *TERM_FIELDS.values()])
        texts = {make: [text for document in documents for text in make(document, known)] for make in makers}
        pieces = PieceTerms(kept)
        numbers = {make: pieces.number(of_field) for make, of_field in texts.items()}
        terms = pieces.terms()
        near = near_duplicates([d.text for d in documents], pieces.signatures([d.text for d in documents]))
        pieces.save(draft / KEPT_TERMS)
        fields = (
            (name, leg.level, _term_index(terms[leg.analysis], numbers[leg.texts])) for name, leg in TERM_FIELDS.items()
        )
        vectors = ((name, embedded.index(texts[leg.texts])) for name, leg in VECTOR_FIELDS.items())
        content = self.database.content()
        write_generation(
            draft, number, encoder.fingerprint, content, documents, renderings, near, vectors, fields, analysis_digest()
        )
        publish_folder(draft, root / str(number))
        progress("write", len(documents), len(documents))
        return near

    def _next_number(self) -> int:
        """Past the current generation and past folders that an interrupted run left behind."""
        return max([int(self.database.meta("generation") or 0), *generation_numbers(self.folder)]) + 1

    def _sweep(self, current: int) -> None:
        """Delete what no reader opens any more; a file in use on Windows stays for the next time."""
        root = self.folder / GENERATIONS
        for number in [n for n in generation_numbers(self.folder) if n <= current][:-KEPT]:
            shutil.rmtree(root / str(number), ignore_errors=True)
        for draft in root.glob(".*.draft"):
            shutil.rmtree(draft, ignore_errors=True)


def generation_numbers(folder: Path) -> list[int]:
    """The numbers of a library's generation folders, ascending, whether sound or not."""
    root = folder / GENERATIONS
    return sorted(int(p.name) for p in root.iterdir() if re.fullmatch("[1-9][0-9]*", p.name)) if root.is_dir() else []


@contextmanager
def open_writer(folder: Path, wait_s: float = 10) -> Iterator[Writer]:
    """The library in `folder`, created where there is none, locked for this process while the block runs."""
    with locked(folder, wait_s), Database.create_or_open(folder, fresh=not generation_numbers(folder)) as database:
        yield Writer(folder, database)
