"""A generation: everything that search reads, derived from library.db, in one folder that never changes.

    generations/7/  manifest.json  documents.jsonl  documents.npy  passages.npy  sentences.npy
                    passages.faiss  sentences.faiss  rendered_…faiss  terms/…  kept/…

Rows count from 0: passages in the order of documents, sentences in the order of
passages; vector r of `passages.faiss` is of passage r, or of row `labels[r]` where not every
row has one. A reader that opened a generation needs nothing else and may keep it while
newer ones are published. What is opened is hashed and measured first: a generation may
be damaged, or come from somebody else.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from baycase.corpus.figures import figures
from baycase.corpus.records import Case, Document, Piece, Rendering, SourceMap
from baycase.errors import DamagedLibraryError
from baycase.index.arrays import write_array
from baycase.index.bounds import bounds_problem
from baycase.index.content import other_language
from baycase.index.dense import VectorIndex
from baycase.index.document_rows import case_from_fields
from baycase.index.duplicates import Duplicate
from baycase.index.durable import file_digest, sync_folder, write_file
from baycase.index.lexical import TermIndex

FORMAT = 4
KEPT = "kept"  # the folder of what the next generation reuses; readers open nothing of it
HASH_WHEN_OPENED = 512 << 20  # bytes; larger files are hashed when published and by the doctor

# `place` is the byte in documents.jsonl; one row more than there are documents, for the end of the last.
DOCUMENT = np.dtype([("place", "<i8"), ("characters", "<i8"), ("collection", "<i4"), ("id_hash", "<u8")])
PASSAGE = np.dtype([("document", "<i4"), ("start", "<i4"), ("end", "<i4"), ("section", "<i4"),
                    ("first_sentence", "<i8"), ("sentences", "<i4"), ("rendered", "<i4")])  # fmt: skip
SENTENCE = np.dtype(
    [("passage", "<i4"), ("start", "<i4"), ("end", "<i4"), ("heading_start", "<i4"), ("heading_end", "<i4"),
     ("holds", "<i4")]
)  # fmt: skip
HOLDS = {"figure": 1, "date": 2}  # `holds`: bits for the kinds of figures in a sentence
NO_HEADING = -1
RENDERED = {"en": 1, "zh": 2}  # `rendered`: the language of a passage's renderings into the other language, 0 for none


@dataclass(frozen=True)
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
    near: tuple[str, float] | None = None
    """The doc_id of an earlier document that says nearly the same, and their similarity, 0.8 to 1."""

    def renderings_in(self, language: str) -> dict[str, Rendering]:
        """Source text → its rendering in a language (zh-Hans, zh-Hant and zh are one)."""
        return self._renderings.get(language[:2], {})

    @cached_property
    def _renderings(self) -> dict[str, dict[str, Rendering]]:
        found: dict[str, dict[str, Rendering]] = {}
        for rendering in self.renderings:
            found.setdefault(rendering.language[:2], {})[rendering.source_text] = rendering
        return found


class Generation:
    """An opened generation: arrays, indexes and documents, all read-only."""

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder, self.manifest = folder, manifest
        self.number: int = manifest["number"]
        self.model: str = manifest["model"]
        self.content: str = manifest["content"]
        self.sections: list[str] = manifest["sections"]
        self.collections: list[str] = manifest["collections"]
        self.rows = _open_array(folder / "documents.npy", DOCUMENT)
        self.passages = _open_array(folder / "passages.npy", PASSAGE)
        self.sentences = _open_array(folder / "sentences.npy", SENTENCE)
        path = folder / "documents.jsonl"
        self._documents = np.memmap(path, np.uint8, "r") if path.stat().st_size else np.empty(0, np.uint8)
        if problem := bounds_problem(self, len(self._documents)):
            raise DamagedLibraryError(f"{folder}: {problem}; run  baycase doctor")
        self.vectors = {name: _open_vectors(folder, name, partial) for name, partial in manifest["vectors"].items()}
        counts = {"passages": len(self.passages), "sentences": len(self.sentences)}
        self.fields = {name: TermIndex.open(folder / name, counts[level]) for name, level in manifest["fields"].items()}
        self.document = lru_cache(maxsize=4096)(self._read_document)
        if (len(self.vectors["passages"]), len(self.vectors["sentences"])) != (len(self.passages), len(self.sentences)):
            raise DamagedLibraryError(f"{folder}: vectors and passages differ in number; run  baycase doctor")

    @property
    def document_count(self) -> int:
        return len(self.rows) - 1

    def _read_document(self, row: int) -> StoredDocument:
        """Document number `row`."""
        line = bytes(self._documents[self.rows["place"][row] : self.rows["place"][row + 1]])
        record = json.loads(line)
        case = record.pop("case")
        pieces = tuple(Piece(*piece) for piece in record.pop("source_map"))
        renderings = tuple(Rendering(**rendering) for rendering in record.pop("renderings"))
        near = record.pop("near")
        return StoredDocument(
            **record,
            case=case and case_from_fields(case),
            source_map=SourceMap(pieces),
            renderings=renderings,
            near=near and tuple(near),
        )

    def documents(self) -> Iterable[StoredDocument]:
        return map(self._read_document, range(self.document_count))

    def find(self, doc_id: str) -> StoredDocument | None:
        for row in np.flatnonzero(self.rows["id_hash"][:-1] == _id_hash(doc_id)):
            if (document := self.document(int(row))).doc_id == doc_id:
                return document
        return None

    def in_collections(self, names: Iterable[str]) -> np.ndarray:
        """(documents,) bool: which documents are in one of these collections; no document is read for it."""
        numbers = [self.collections.index(name) for name in names if name in self.collections]
        return np.isin(self.rows["collection"][:-1], numbers)

    def section(self, passage: int) -> str:
        return self.sections[self.passages[passage]["section"]]

    def section_number(self, name: str) -> int:
        """The number of a section's name in `passages["section"]`, -1 where no passage is of it."""
        return self.sections.index(name) if name in self.sections else -1

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
    try:
        manifest = read_manifest(folder)
        before = _stamps(folder, manifest)
        for problem in check_files(folder, manifest, HASH_WHEN_OPENED):
            raise DamagedLibraryError(f"{problem}; run  baycase doctor, which makes it anew from library.db")
        generation = Generation(folder, manifest)
        if _stamps(folder, manifest) != before:  # what was opened must be what was hashed
            raise DamagedLibraryError(f"{folder} was changed while it was opened; run  baycase doctor")
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError, EOFError) as error:
        raise DamagedLibraryError(f"{folder} cannot be opened ({error}); run  baycase doctor") from error
    return generation


def read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_bytes())
        digest = manifest.pop("digest")
        sound = digest == _manifest_digest(manifest) and manifest["format"] == FORMAT
        sound = sound and all(re.fullmatch("[a-z_]+", name) for name in [*manifest["vectors"], *manifest["fields"]])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedLibraryError(f"{path} is missing or not readable; run  baycase doctor") from error
    if not sound:
        raise DamagedLibraryError(f"{path} does not match its own hash or form; run  baycase doctor")
    return manifest


def check_files(folder: Path, manifest: dict[str, Any], hash_limit: float = float("inf")) -> list[str]:
    """What is wrong with a generation's files: missing, of another size, or of another content."""
    problems = [f"{folder / name} is not in the manifest" for name in _opened(manifest) - manifest["files"].keys()]
    problems += _wrong(folder, manifest["files"], hash_limit)
    # What readers do not open they need not hash.
    return problems if hash_limit < float("inf") else problems + _wrong(folder, manifest["kept"], hash_limit)


def kept_problem(folder: Path, manifest: dict[str, Any]) -> str | None:
    """What is wrong with the files that a generation keeps for the next one, the first thing; None if nothing is."""
    there = {f"{KEPT}/{path.name}" for path in (folder / KEPT).glob("*")}
    if strange := there - manifest["kept"].keys():
        return f"{folder / min(strange)} is not in the manifest"
    return next(iter(_wrong(folder, manifest["kept"], float("inf"))), None)


def _wrong(folder: Path, files: Mapping[str, Any], hash_limit: float) -> list[str]:
    problems = []
    for name, (size, digest) in files.items():
        path = folder / name
        if not path.is_file():
            problems.append(f"{path} is missing")
        elif path.stat().st_size != size:
            problems.append(f"{path} has {path.stat().st_size} bytes, its manifest says {size}")
        elif size <= hash_limit and file_digest(path) != digest:
            problems.append(f"{path} does not match the hash in its manifest")
    return problems


def _opened(manifest: dict[str, Any]) -> set[str]:
    """The files that are opened by name, and so must be among the hashed ones."""
    names = {"documents.jsonl", "documents.npy", "passages.npy", "sentences.npy"}
    for name, partial in manifest["vectors"].items():
        names |= {f"{name}.faiss", *([f"{name}.npy"] if partial else [])}
    return names | {f"{name}/{part}" for name in manifest["fields"] for part in TermIndex.FILES}


def _stamps(folder: Path, manifest: dict[str, Any]) -> list[tuple[int, ...]]:
    """What tells a file from another one put in its place, or from itself before a change."""
    found = [(folder / name).stat() for name in manifest["files"]]
    return [(s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in found]


def write_generation(
    folder: Path,
    number: int,
    model: str,
    content: str,
    documents: Sequence[Document],
    renderings: Iterable[Rendering],
    near: Sequence[Duplicate],
    vectors: Iterable[tuple[str, VectorIndex]],
    fields: Iterable[tuple[str, str, TermIndex]],
    analysis: str,
) -> None:
    """Write every file of a generation into a folder and sync it; the caller publishes the folder.

    The folder holds nothing yet, or what the next generation may reuse, in `KEPT`; `analysis` is the digest of what
    that depends on.

    `content` is the digest of the database's content, by which a reader knows that both belong together;
    `vectors` are "passages" and "sentences", one vector a row, and further fields by name;
    `fields` are a lexical leg's name, what it scores ("passages" or "sentences") and its index.
    """
    renderings = list(renderings)
    passages, sentences, sections = _rows_of(documents, other_language(renderings))
    translations: dict[str, list[Rendering]] = {}
    for rendering in renderings:
        translations.setdefault(rendering.source_text, []).append(rendering)
    alike = {d.row: (documents[d.of].doc_id, round(d.similarity, 3)) for d in near}
    lines = [_document_line(document, translations, alike.get(row)) for row, document in enumerate(documents)]
    write_file(folder / "documents.jsonl", b"".join(lines))
    rows, collections = _document_rows(documents, lines)
    arrays = {"documents": rows, "passages": passages, "sentences": sentences}
    for name, array in arrays.items():
        write_array(folder / f"{name}.npy", array)
    # Each index is made, written and let go before the next: at a million passages one takes gigabytes.
    partial, kinds, levels = {}, {}, {}
    for name, index in vectors:
        partial[name], kinds[name] = index.labels is not None, index.kind
        if index.labels is not None:
            write_array(folder / f"{name}.npy", index.labels)
        write_file(folder / f"{name}.faiss", index.to_bytes())
        del index
    for name, level, field in fields:
        levels[name] = level
        field.save(folder / name)
        sync_folder(folder / name)
        del field
    found = {
        path.relative_to(folder).as_posix(): [path.stat().st_size, file_digest(path)]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    kept = {name: found.pop(name) for name in [*found] if name.startswith(f"{KEPT}/")}
    manifest = {
        "format": FORMAT, "number": number, "model": model, "content": content, "documents": len(documents),
        "passages": len(passages), "sentences": len(sentences), "sections": sections, "collections": collections,
        "fields": dict(sorted(levels.items())), "vectors": partial, "index": kinds, "files": found, "kept": kept,
        "analysis": analysis,
    }  # fmt: skip
    content = json.dumps({**manifest, "digest": _manifest_digest(manifest)}, indent=1)
    write_file(folder / "manifest.json", content.encode())


def _manifest_digest(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _id_hash(doc_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(doc_id.encode(), digest_size=8).digest(), "little")


def _document_rows(documents: Sequence[Document], lines: Sequence[bytes]) -> tuple[np.ndarray, list[str]]:
    collections: dict[str, int] = {}
    numbers = [collections.setdefault(document.collection, len(collections)) for document in documents]
    rows = np.zeros(len(documents) + 1, DOCUMENT)
    rows["place"] = np.cumsum([0, *map(len, lines)])
    rows["characters"][:-1] = [len(document.text) for document in documents]
    rows["collection"][:-1] = numbers
    rows["id_hash"][:-1] = [_id_hash(document.doc_id) for document in documents]
    return rows, list(collections)


def _rows_of(
    documents: Sequence[Document], renderings: Mapping[str, Rendering]
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    sections: dict[str, int] = {}
    passages, sentences = [], []
    for row, document in enumerate(documents):
        texts = renderable_texts(document) if renderings else ()
        languages = [renderings[text].language[:2] for text in texts if text in renderings]
        rendered = RENDERED.get(languages[0], 0) if languages else 0
        for passage in document.passages:
            section = sections.setdefault(passage.section, len(sections))
            span, count = passage.span, len(passage.sentences)
            passages.append((row, span.start, span.end, section, len(sentences), count, rendered))
            for sentence in passage.sentences:
                heading = (
                    (sentence.heading.start, sentence.heading.end) if sentence.heading else (NO_HEADING, NO_HEADING)
                )
                start, end = sentence.span.start, sentence.span.end
                holds = sum({HOLDS[figure.kind] for figure in figures(document.text, start, end)})
                sentences.append((len(passages) - 1, start, end, *heading, holds))
    return np.array(passages, PASSAGE), np.array(sentences, SENTENCE), list(sections)


def _document_line(
    document: Document, renderings: Mapping[str, Sequence[Rendering]], near: tuple[str, float] | None
) -> bytes:
    texts = renderable_texts(document) if renderings else ()
    record = {
        "doc_id": document.doc_id, "title": document.title, "text": document.text, "source": document.source,
        "collection": document.collection, "case": document.case and asdict(document.case),
        "source_map": [[p.start, p.source_start, p.length, p.page] for p in document.source_map.pieces],
        "renderings": [asdict(r) for text in texts for r in renderings.get(text, ())],
        "near": near,
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
