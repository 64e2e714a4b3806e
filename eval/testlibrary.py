"""The library that a test set is asked of: its own corpus, indexed once and kept in the cache.

A corpus.jsonl that has changed is read again and only its new texts are embedded; a newer
reader or another way of cutting sentences reads everything again. The user's own libraries are never touched.
"""

import hashlib
import re
import shutil
from importlib.resources import files
from pathlib import Path

from baycase.corpus.reader import read_path
from baycase.eval.testset import SHIPPED, TestSet
from baycase.index.build import Progress, no_progress, open_writer
from baycase.index.durable import file_digest
from baycase.index.encoder import Encoder, open_encoder
from baycase.index.intake import take_in
from baycase.places import cache_folder
from baycase.search.library import Library

_SOURCE = "corpus.jsonl"
KEPT = 2  # libraries of the shipped cases beside the newest


def open_library(
    test_set: TestSet,
    folder: Path | None,
    model: str | None,
    progress: Progress = no_progress,
    reranker: str | None = None,
) -> Library:
    """The library in `folder`, or without one that of the test set's own corpus."""
    encoder = open_encoder(model)
    return Library(folder or library_of(test_set, encoder, progress), encoder=encoder, reranker=reranker)


def library_of(test_set: TestSet, encoder: Encoder, progress: Progress = no_progress) -> Path:
    """The folder of the library of a set's corpus (without one: of the shipped cases), up to date."""
    if test_set.corpus is None:
        return _shipped(encoder, progress)
    where = f"{test_set.corpus.resolve()}\n{encoder.fingerprint}"
    folder = cache_folder() / "testsets" / f"{_plain(test_set.name)}-{_short(where)}"
    digest = _short(f"{file_digest(test_set.corpus)}\n{reading_digest()}")
    with open_writer(folder, wait_s=600) as writer:
        if writer.database.sources().get(_SOURCE) != digest:
            documents = list(read_path(test_set.corpus, _SOURCE))
            change = writer.refresh(documents, encoder, {_SOURCE: digest}, progress)
            if not (change.added or change.changed or change.removed):
                writer.rebuild(encoder, progress)  # the same texts, but perhaps other terms
    return folder


def _shipped(encoder: Encoder, progress: Progress) -> Path:
    """A small corpus: a new version of the reader gets a library of its own."""
    key = _short(f"{reading_digest()}\n{encoder.fingerprint}")
    folder = cache_folder() / "testsets" / f"{SHIPPED}-{key}"
    with open_writer(folder, wait_s=600) as writer:
        if not writer.database.document_ids():
            take_in(writer, [], encoder, progress)
            _forget_old(folder)
    return folder


def _forget_old(newest: Path) -> None:
    """Libraries of earlier readers: the latest few stay, for runs that are under way."""
    others = sorted(newest.parent.glob(f"{SHIPPED}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in [path for path in others if path != newest][KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def reading_digest() -> str:
    """A digest of what turns files into passages, sentences and terms: the rooms corpus and index, with their data."""
    digest = hashlib.sha256()
    for room in ("corpus", "index"):
        root = Path(str(files(f"baycase.{room}")))
        for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix != ".pyc"):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]", "-", name)[:60]
