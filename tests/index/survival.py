"""A quick library to break: an encoder without a model, a few documents, and what a library holds and answers."""

import hashlib
import json
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from baycase.corpus.reader import text_documents
from baycase.corpus.records import Document, Rendering, SourceMap
from baycase.errors import LibraryError
from baycase.index.build import open_writer
from baycase.index.database import FILE, Database
from baycase.index.doctor import examine
from baycase.index.schema import TABLES, columns
from baycase.search.library import Library

QUESTIONS = ("深圳数据跨境流动", "How are licences recognised in Macao?", "橫琴口岸通關")
_PLACES = ("深圳", "珠海", "横琴", "前海", "南沙", "香港", "澳门", "东莞")
_THINGS = ("数据跨境流动", "口岸通关", "执业资格认可", "社会保险", "商事登记", "licence recognition", "車輛保險")


class HashEncoder:
    """Vectors from the hash of a text: alike for equal texts only, and nothing is loaded."""

    def __init__(self, fingerprint: str = "hash-1", dim: int = 16) -> None:
        self.name, self.fingerprint, self.dim = f"model {fingerprint}", fingerprint, dim
        self.encoded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        rows = [
            np.frombuffer(hashlib.shake_256(f"{self.fingerprint} {t}".encode()).digest(self.dim), np.int8)
            for t in texts
        ]
        vectors = np.array(rows, np.float32).reshape(len(texts), self.dim) + 0.5
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        self.encoded += texts
        if progress:
            progress(len(texts))
        return self.encode_queries(texts)


def document(name: str, seed: int = 0) -> Document:
    """A document of a few sentences; another seed, another text."""
    draw = random.Random(f"{name} {seed}")
    sentences = [
        f"{draw.choice(_PLACES)}推进{draw.choice(_THINGS)}，第{seed}版办理{draw.randrange(1000)}件。" for _ in range(3)
    ]
    text = "\n\n".join(sentences)
    (made,) = text_documents(text, SourceMap(), name, f"/files/{name}.txt")
    return made


def put(folder: Path, documents: Sequence[Document], encoder: HashEncoder | None = None) -> None:
    with open_writer(folder) as writer:
        writer.refresh(documents, encoder or HashEncoder(), {d.source: f"{len(d.text)}" for d in documents})


def remove(folder: Path, *doc_ids: str) -> None:
    with open_writer(folder) as writer:
        writer.remove(doc_ids, HashEncoder())


def render(folder: Path, document: Document) -> None:
    sentence = document.passages[0].sentences[0].span.of(document.text)
    with open_writer(folder) as writer:
        writer.add_renderings([Rendering(sentence, "en", "Shenzhen moves data.", "project")], HashEncoder())


def held(folder: Path) -> dict[str, str] | None:
    """doc_id → text as library.db has it; None where there is no library or nothing published yet."""
    if not (folder / FILE).is_file():
        return None
    try:
        with Database.open_to_read(folder) as database:
            return {d.doc_id: d.text for d in database.documents()} if database.published() else None
    except LibraryError as error:
        if "no library" in str(error):
            return None
        raise


def answers(folder: Path, encoder: HashEncoder | None = None) -> str:
    """What a fresh reader makes of the questions, and of every document, as JSON."""
    library = Library(folder, encoder=encoder or HashEncoder())
    found = [library.search(question, 5).to_dict() for question in QUESTIONS]
    texts = {d.doc_id: d.text for d in library.documents()}
    for hit in (hit for result in found for hit in result["hits"]):
        assert texts[hit["doc_id"]][hit["start"] : hit["end"]] == hit["passage"]
    return json.dumps([found, texts, [library.ask(question, read=False).to_dict() for question in QUESTIONS]])


def check(folder: Path) -> None:
    """The doctor finds nothing, and readers get exactly what library.db holds."""
    assert examine(folder) == ([], [])
    library = Library(folder, encoder=HashEncoder())
    generation = library.generation
    assert {d.doc_id: d.text for d in library.documents()} == held(folder)
    with Database.open_to_read(folder) as database:
        passages = sum(len(d.passages) for d in database.documents())
    assert passages == len(generation.passages) == len(generation.vectors["passages"])


def stored_values(folder: Path) -> object:
    """Every value of every row as SQLite gives them, without checksums: what a program without checks would see."""
    try:
        with closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro&immutable=1", uri=True)) as connection:
            connection.text_factory = bytes
            return [
                connection.execute("PRAGMA user_version").fetchall(),
                *(
                    sorted(
                        connection.execute(f"SELECT {', '.join(columns(t))} FROM {t} NOT INDEXED").fetchall(), key=repr
                    )
                    for t in TABLES
                ),
            ]
    except (sqlite3.Error, UnicodeError) as error:  # UnicodeError: SQLite's message quotes the damaged schema
        return f"unreadable: {error}"
