"""A Unigram tokenizer that opens in milliseconds: the vocabulary lies in memory-mapped arrays.

`tokenizers` parses a tokenizer.json of 250,002 pieces in most of a second, which a
single question does not have. Here the hash of every substring of a text is looked up
in one sorted array, and the best split found over the few that are pieces. It knows
one form of tokenizer (NFKC, spaces squeezed, Metaspace, Unigram, `<s> … </s>`), agrees
with `tokenizers` token for token, and leaves to that library long lists of texts and
texts that spell out a special token.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from baycase.corpus.folding import normal_map
from baycase.errors import ModelError
from baycase.index.models import SPACES, make_once

_FORMAT = 1  # raise when the arrays change
_UNKNOWN_PENALTY = 10.0  # as in `tokenizers`: an unknown character scores this much below the rarest piece
_MANY = 48  # from so many texts on, loading the library pays
_BASE = np.uint64(0x9E3779B97F4A7C15)
_META = "\u2581"
_SPACES = re.compile(SPACES)


class UnigramTokenizer:
    """Token ids of texts, with `<s>` and `</s>`, cut to `max_tokens`. Safe to use from several threads."""

    def __init__(self, folder: Path, max_tokens: int = 512) -> None:
        self._folder, self.max_tokens = folder, max_tokens
        arrays = make_once(folder.with_name(f"{folder.name}.pieces-{_FORMAT}"), lambda target: _convert(folder, target))
        self._hashes = np.load(arrays / "hashes.npy", mmap_mode="r", allow_pickle=False)
        self._ids = np.load(arrays / "ids.npy", mmap_mode="r", allow_pickle=False)
        self._scores = np.load(arrays / "scores.npy", mmap_mode="r", allow_pickle=False)
        about = json.loads((arrays / "about.json").read_text("utf-8"))
        self._longest: int = about["longest"]
        self._lowest: float = about["lowest"]
        self._unknown: int = about["unknown"]
        self._begin: int = about["begin"]
        self._end: int = about["end"]
        self._specials: list[str] = about["specials"]
        self._library: Any = None

    def encode_many(self, texts: Sequence[str]) -> list[list[int]]:
        """One list of ids a text, in order."""
        if len(texts) >= _MANY or self._library is not None:
            return [encoding.ids for encoding in self._tokenizers().encode_batch(list(texts))]
        return [self.encode(text) for text in texts]

    def encode(self, text: str) -> list[int]:
        """`<s>`, the ids of the best split, `</s>`; at most `max_tokens`."""
        if any(special in text for special in self._specials):
            return self._tokenizers().encode(text).ids
        return [self._begin, *(number for number, _ in self._split(_normalise(text))[: self.max_tokens - 2]), self._end]

    def pieces(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids of the best split, without `<s>` and `</s>`, uncut, and the characters of `text` that each stands for."""
        normal, offsets = normal_map(text)
        marked, origins = [_META], [0]
        for character, offset in zip(normal, offsets, strict=True):
            character = _META if _SPACES.match(character) else character
            if character != _META or marked[-1] != _META:
                marked.append(character)
                origins.append(offset)
        split = self._split("".join(marked))
        ends = [*(start for _, start in split[1:]), len(marked)]
        origins.append(len(text))
        return [number for number, _ in split], [
            (origins[start], origins[end]) for (_, start), end in zip(split, ends, strict=True)
        ]

    def _split(self, text: str) -> list[tuple[int, int]]:
        """(id, where it starts) a piece, in order."""
        length = len(text)
        edges = self._edges(text)
        best = [-np.inf] * (length + 1)
        best[0] = 0.0
        back: list[tuple[int, int]] = [(0, self._unknown)] * (length + 1)
        unknown_score = self._lowest - _UNKNOWN_PENALTY
        for start in range(length):
            here = best[start]
            single = False
            for span, number, score in edges[start]:
                single = single or span == 1
                if here + score > best[start + span]:
                    best[start + span] = here + score
                    back[start + span] = (start, number)
            if not single and here + unknown_score > best[start + 1]:
                best[start + 1] = here + unknown_score
                back[start + 1] = (start, self._unknown)
        found: list[tuple[int, int]] = []
        at = length
        while at > 0:
            at, number = back[at]
            # Neighbouring unknown characters are one unknown token.
            if number == self._unknown and found and found[-1][0] == self._unknown:
                found.pop()
            found.append((number, at))
        found.reverse()
        return found

    def _edges(self, text: str) -> list[list[tuple[int, int, float]]]:
        """For every position, the pieces that begin there: (characters, id, score), shortest first."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
        edges: list[list[tuple[int, int, float]]] = [[] for _ in text]
        meta = codes == ord(_META)
        rolling = np.zeros(len(codes), np.uint64)
        alive = np.ones(len(codes), bool)
        for span in range(1, min(self._longest, len(codes)) + 1):
            count = len(codes) - span + 1
            rolling = _step(rolling[:count], codes[span - 1 :])
            # The pre-tokenizer cuts before every Metaspace: no piece runs over one.
            alive = alive[:count] if span == 1 else alive[:count] & ~meta[span - 1 :]
            where = np.flatnonzero(alive)
            if not len(where):
                break
            wanted = rolling[where]
            found = np.minimum(np.searchsorted(self._hashes, wanted), len(self._hashes) - 1)
            hit = self._hashes[found] == wanted
            rows = found[hit]
            for start, number, score in zip(
                where[hit].tolist(), self._ids[rows].tolist(), self._scores[rows].tolist(), strict=True
            ):
                edges[start].append((span, number, score))
        return edges

    def _tokenizers(self) -> Any:
        if self._library is None:
            from tokenizers import Tokenizer

            library = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            library.enable_truncation(self.max_tokens)
            library.no_padding()
            self._library = library
        return self._library


def _step(rolling: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """The hash one character on: multiply, mix, add; arithmetic modulo 2**64."""
    mixed = (rolling ^ (rolling >> np.uint64(29))) * _BASE + codes + np.uint64(1)
    return mixed


def _normalise(text: str) -> str:
    text = _SPACES.sub(_META, unicodedata.normalize("NFKC", text))
    return text if text.startswith(_META) or not text else _META + text


def _convert(folder: Path, target: Path) -> None:
    """From tokenizer.json: the pieces' hashes in order, with ids and scores in the same order."""
    path = folder / "tokenizer.json"
    try:
        settings = json.loads(path.read_text("utf-8"))
        model = settings["model"]
        form = (model["type"], settings["pre_tokenizer"]["type"], settings["normalizer"]["normalizers"][0]["type"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is not a Unigram tokenizer with NFKC and Metaspace: {error!r}") from error
    if form != ("Unigram", "Metaspace", "NFKC"):
        raise ModelError(f"{path} is a {' / '.join(form)} tokenizer; expected Unigram / Metaspace / NFKC")
    specials = {added["content"]: added["id"] for added in settings["added_tokens"]}
    pieces: list[tuple[str, float]] = model["vocab"]
    hashes = np.zeros(len(pieces), np.uint64)
    by_length: dict[int, list[int]] = {}
    for number, (piece, _) in enumerate(pieces):
        by_length.setdefault(len(piece), []).append(number)
    for length, numbers in by_length.items():
        joined = "".join(pieces[number][0] for number in numbers)
        codes = np.frombuffer(joined.encode("utf-32-le"), "<u4").astype(np.uint64).reshape(len(numbers), length)
        rolling = np.zeros(len(numbers), np.uint64)
        for at in range(length):
            rolling = _step(rolling, codes[:, at])
        hashes[numbers] = rolling
    order = np.argsort(hashes, kind="stable")
    if len(np.unique(hashes)) != len(hashes):
        raise ModelError(f"{path}: two pieces of the vocabulary share a hash; this tokenizer cannot be converted")
    np.save(target / "hashes.npy", hashes[order], allow_pickle=False)
    np.save(target / "ids.npy", order.astype(np.int32), allow_pickle=False)
    np.save(target / "scores.npy", np.array([score for _, score in pieces], np.float64)[order], allow_pickle=False)
    about = {
        "longest": max(by_length), "lowest": min(score for _, score in pieces), "unknown": model["unk_id"],
        "begin": specials["<s>"], "end": specials["</s>"], "specials": sorted(specials),
    }  # fmt: skip
    (target / "about.json").write_text(json.dumps(about), encoding="utf-8")
