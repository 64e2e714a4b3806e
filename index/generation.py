"""A generation: everything that search reads, derived from library.db, in one folder that never changes.

    generations/7/  manifest.json  documents.jsonl  documents.npy  passages.npy  sentences.npy
                    passages.faiss  sentences.faiss  rendered_…faiss  terms/…

Rows count from 0: passages in the order of documents, sentences in the order of
passages; vector r of `passages.faiss` is of passage r, or of row `labels[r]` where not every
row has one. A reader that opened a generation needs nothing else and may keep it while
newer ones are published.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from baycase.corpus.records import Case, Document, Piece, Rendering, SourceMap
from baycase.errors import DamagedLibraryError
from baycase.index.content import other_language
from baycase.index.database import case_from_fields
from baycase.index.dense import VectorIndex
from baycase.index.durable import file_digest, sync_file, sync_folder, write_file
from baycase.index.lexical import TermIndex

FORMAT = 1
HASH_WHEN_OPENED = 512 << 20  # bytes; larger files are hashed when published and by the doctor

PASSAGE = np.dtype([("document", "<i4"), ("start", "<i4"), ("end", "<i4"), ("section", "<i4"),
                    ("first_sentence", "<i8"), ("sentences", "<i4"), ("rendered", "<i4")])  # fmt: skip
SENTENCE = np.dtype(
    [("passage", "<i4"), ("start", "<i4"), ("end", "<i4"), ("heading_start", "<i4"), ("heading_end", "<i4")]
)
NO_HEADING = -1
RENDERED = {"en": 1, "zh": 2}  # `rendered`: the language of a passage's renderings into the other language, 0 for none


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as a generation keeps it; its passages are rows of the generation."""

    doc_id: str
    title: str
    text: str
    source: str
    collection: str
    case: Case | None
    source_map: SourceMap
    renderings: tuple[Rendering, ...]

    def renderings_in(self, language: str) -> dict[str, Rendering]:
        """Source text → its rendering in a language (zh-Hans, zh-Hant and zh are one)."""
        return {r.source_text: r for r in self.renderings if r.language[:2] == language[:2]}


class Generation:
    """An opened generation: arrays, indexes and documents, all read-only."""

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder, self.manifest = folder, manifest
        self.number: int = manifest["number"]
        self.model: str = manifest["model"]
        self.sections: list[str] = manifest["sections"]
        self.passages = _open_array(folder / "passages.npy", PASSAGE)
        self.sentences = _open_array(folder / "sentences.npy", SENTENCE)
        self._offsets = np.load(folder / "documents.npy", mmap_mode="r", allow_pickle=False)
        self._documents = (
            np.memmap(folder / "documents.jsonl", np.uint8, "r") if len(self._offsets) > 1 else np.empty(0, np.uint8)
        )
        self.vectors = {name: _open_vectors(folder, name, partial) for name, partial in manifest["vectors"].items()}
        counts = {"passages": len(self.passages), "sentences": len(self.sentences)}
        self.fields = {name: TermIndex.open(folder / name, counts[level]) for name, level in manifest["fields"].items()}
        self.document = lru_cache(maxsize=4096)(self._read_document)
        if (len(self.vectors["passages"]), len(self.vectors["sentences"])) != (len(self.passages), len(self.sentences)):
            raise DamagedLibraryError(f"{folder}: vectors and passages differ in number; run  baycase doctor")

    @property
    def document_count(self) -> int:
        return len(self._offsets) - 1

    def _read_document(self, row: int) -> StoredDocument:
        """Document number `row`."""
        line = bytes(self._documents[self._offsets[row] : self._offsets[row + 1]])
        record = json.loads(line)
        case = record.pop("case")
        pieces = tuple(Piece(*piece) for piece in record.pop("source_map"))
        renderings = tuple(Rendering(**rendering) for rendering in record.pop("renderings"))
        return StoredDocument(
            **record, case=case and case_from_fields(case), source_map=SourceMap(pieces), renderings=renderings
        )

    def documents(self) -> Iterable[StoredDocument]:
        return map(self._read_document, range(self.document_count))

    def find(self, doc_id: str) -> StoredDocument | None:
        for document in self.documents():
            if document.doc_id == doc_id:
                return document
        return None

    def section(self, passage: int) -> str:
        return self.sections[self.passages[passage]["section"]]

    def sentence_rows(self, passage: int) -> range:
        row = self.passages[passage]
        first = int(row["first_sentence"])
        return range(first, first + int(row["sentences"]))


def _open_vectors(folder: Path, name: str, partial: bool) -> VectorIndex:
    labels = np.load(folder / f"{name}.npy", allow_pickle=False) if partial else None
    return VectorIndex.open(folder / f"{name}.faiss", labels)


def _open_array(path: Path, dtype: np.dtype) -> np.ndarray:
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if array.dtype != dtype:
        raise DamagedLibraryError(f"{path} holds rows of another form; run  baycase doctor")
    return array


def open_generation(folder: Path) -> Generation:
    """Open a generation whose files are as the manifest says; raises DamagedLibraryError otherwise."""
    manifest = read_manifest(folder)
    for problem in check_files(folder, manifest, HASH_WHEN_OPENED):
        raise DamagedLibraryError(f"{problem}; run  baycase doctor, which makes it anew from library.db")
    try:
        return Generation(folder, manifest)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise DamagedLibraryError(f"{folder} cannot be opened ({error}); run  baycase doctor") from error


def read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_bytes())
        digest = manifest.pop("digest")
        sound = digest == _manifest_digest(manifest) and manifest["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedLibraryError(f"{path} is missing or not readable; run  baycase doctor") from error
    if not sound:
        raise DamagedLibraryError(f"{path} does not match its own hash or form; run  baycase doctor")
    return manifest


def check_files(folder: Path, manifest: dict[str, Any], hash_limit: float = float("inf")) -> list[str]:
    """What is wrong with a generation's files: missing, of another size, or of another content."""
    problems = []
    for name, (size, digest) in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            problems.append(f"{path} is missing")
        elif path.stat().st_size != size:
            problems.append(f"{path} has {path.stat().st_size} bytes, its manifest says {size}")
        elif size <= hash_limit and file_digest(path) != digest:
            problems.append(f"{path} does not match the hash in its manifest")
    return problems


def write_generation(
    folder: Path,
    number: int,
    model: str,
    documents: Sequence[Document],
    renderings: Iterable[Rendering],
    vectors: Mapping[str, VectorIndex],
    fields: Mapping[str, tuple[str, TermIndex]],
) -> None:
    """Write every file of a generation into an empty folder and sync it; the caller publishes the folder.

    `vectors` holds "passages" and "sentences", one vector a row, and further fields by name;
    `fields` maps a lexical leg's name to what it scores ("passages" or "sentences") and its index.
    """
    renderings = list(renderings)
    passages, sentences, sections = _rows_of(documents, other_language(renderings))
    translations: dict[str, list[Rendering]] = {}
    for rendering in renderings:
        translations.setdefault(rendering.source_text, []).append(rendering)
    lines = [_document_line(document, translations) for document in documents]
    offsets = np.cumsum([0, *map(len, lines)], dtype=np.int64)
    write_file(folder / "documents.jsonl", b"".join(lines))
    arrays = {"documents": offsets, "passages": passages, "sentences": sentences}
    arrays |= {name: index.labels for name, index in vectors.items() if index.labels is not None}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
        sync_file(folder / f"{name}.npy")
    for name, index in vectors.items():
        write_file(folder / f"{name}.faiss", index.to_bytes())
    for name, (_, field) in fields.items():
        field.save(folder / name)
        for path in (folder / name).iterdir():
            sync_file(path)
        sync_folder(folder / name)
    files = {
        path.relative_to(folder).as_posix(): [path.stat().st_size, file_digest(path)]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = {
        "format": FORMAT, "number": number, "model": model, "documents": len(documents), "passages": len(passages),
        "sentences": len(sentences), "sections": sections,
        "fields": {name: level for name, (level, _) in sorted(fields.items())},
        "vectors": {name: index.labels is not None for name, index in vectors.items()},
        "index": {name: index.kind for name, index in vectors.items()}, "files": files,
    }  # fmt: skip
    content = json.dumps({**manifest, "digest": _manifest_digest(manifest)}, indent=1)
    write_file(folder / "manifest.json", content.encode())


def _manifest_digest(manifest: dict[str, Any]) -> str:
    import hashlib

    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _rows_of(
    documents: Sequence[Document], renderings: Mapping[str, Rendering]
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    sections: dict[str, int] = {}
    passages, sentences = [], []
    for row, document in enumerate(documents):
        languages = [renderings[text].language[:2] for text in renderable_texts(document) if text in renderings]
        rendered = RENDERED.get(languages[0], 0) if languages else 0
        for passage in document.passages:
            section = sections.setdefault(passage.section, len(sections))
            span, count = passage.span, len(passage.sentences)
            passages.append((row, span.start, span.end, section, len(sentences), count, rendered))
            for sentence in passage.sentences:
                heading = (
                    (sentence.heading.start, sentence.heading.end) if sentence.heading else (NO_HEADING, NO_HEADING)
                )
                sentences.append((len(passages) - 1, sentence.span.start, sentence.span.end, *heading))
    return np.array(passages, PASSAGE), np.array(sentences, SENTENCE), list(sections)


def _document_line(document: Document, renderings: Mapping[str, Sequence[Rendering]]) -> bytes:
    record = {
        "doc_id": document.doc_id, "title": document.title, "text": document.text, "source": document.source,
        "collection": document.collection, "case": document.case and asdict(document.case),
        "source_map": [[p.start, p.source_start, p.length, p.page] for p in document.source_map.pieces],
        "renderings": [asdict(r) for text in renderable_texts(document) for r in renderings.get(text, ())],
    }  # fmt: skip
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def renderable_texts(document: Document) -> list[str]:
    """The texts of a document that may have a rendering: title, units, headings, sentences; each once."""
    spans = list(document.case.units) if document.case else []
    for passage in document.passages:
        for sentence in passage.sentences:
            if sentence.heading:
                spans += [sentence.heading, type(sentence.span)(sentence.heading.end, sentence.span.end)]
            spans.append(sentence.span)
    texts = [document.title, *(span.of(document.text).strip() for span in spans)]
    return list(dict.fromkeys(text for text in texts if text))
