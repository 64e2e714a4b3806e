"""Sentences of two languages paired by what they mean: moves, omissions, doubts."""

import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from baycase.corpus.reader import text_documents
from baycase.corpus.records import Document, Rendering, SourceMap
from baycase.errors import UsageError
from baycase.index.alignment import align
from baycase.index.pairing import paired


class MeaningEncoder:
    """Knows what a sentence means by the numbers in it: 第3条 and "article 3" are alike, in any language."""

    name, fingerprint, dim = "meaning", "meaning-1", 64

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.full((len(texts), self.dim), 0.02, np.float32)
        for row, text in enumerate(texts):
            for number in re.findall(r"\d+", text):
                vectors[row, int(number) % self.dim] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        return self.encode_queries(texts)


def chinese(*numbers: int) -> str:
    return "".join(f"第{number}条规定跨境车辆通关。" for number in numbers)


def english(*numbers: int) -> str:
    return " ".join(f"Article {number} is about the clearance of vehicles." for number in numbers)


def moves(source: list[str], target: list[str]) -> list[tuple[list[int], list[int]]]:
    return [(list(pair.source), list(pair.target)) for pair in align(source, target, MeaningEncoder())]


def test_one_to_one():
    assert moves([chinese(n) for n in range(8)], [english(n) for n in range(8)]) == [([n], [n]) for n in range(8)]


def test_one_sentence_made_two_and_two_made_one():
    source = [chinese(1), chinese(2, 3), chinese(4), chinese(5), chinese(6)]
    target = [english(1), english(2), english(3), english(4, 5), english(6)]
    assert moves(source, target) == [([0], [0]), ([1], [1, 2]), ([2, 3], [3]), ([4], [4])]


def test_a_sentence_that_one_side_lacks_is_in_no_pair():
    source = [chinese(n) for n in (1, 2, 3, 4, 5)]
    target = [english(n) for n in (1, 2, 4, 9, 5)]
    assert moves(source, target) == [([0], [0]), ([1], [1]), ([3], [2]), ([4], [4])]


def test_a_pair_that_means_another_thing_is_doubtful():
    pairs = align([chinese(n) for n in range(6)], [english(n if n != 3 else 40) for n in range(6)], MeaningEncoder())
    assert [list(pair.source) for pair in pairs if not pair.sure] in ([], [[3]])
    assert {pair.source.start for pair in pairs if pair.sure} == {0, 1, 2, 4, 5}


def test_a_pair_of_very_different_lengths_is_doubtful():
    target = [english(n) for n in range(6)]
    target[2] += " And so on, as is said elsewhere at more length than here, again and again, with many words more."
    assert [pair.sure for pair in align([chinese(n) for n in range(6)], target, MeaningEncoder())] == [
        number != 2 for number in range(6)
    ]


def test_nothing_and_one_sentence():
    assert align([], [english(1)], MeaningEncoder()) == []
    assert moves([chinese(1)], [english(1)]) == [([0], [0])]


def test_texts_too_long_for_one_table_are_refused():
    with pytest.raises(ValueError, match="3000 and 3000 sentences are too many"):
        align(["x"] * 3000, ["x"] * 3000, MeaningEncoder())


def document(text: str, name: str) -> Document:
    (made,) = text_documents(text, SourceMap(), name, f"/files/{name}.txt")
    return made


def test_two_documents_give_renderings_of_sentences():
    ours = document("".join(chinese(n) for n in range(5)), "zh")
    theirs = document(" ".join(english(n) for n in range(5)), "en")
    sure, doubtful = paired([ours], [theirs], MeaningEncoder(), "official")
    assert sure == [Rendering(chinese(n), "en", english(n), "official") for n in range(5)]
    assert doubtful == []
    back, _ = paired([theirs], [ours], MeaningEncoder(), "machine")
    assert back == [Rendering(english(n), "zh-Hans", chinese(n), "machine") for n in range(5)]


def test_two_documents_of_one_language_are_no_pair():
    ours = document(chinese(1), "one")
    with pytest.raises(UsageError, match="one text in Chinese and one in English"):
        paired([ours], [document(chinese(1), "other")], MeaningEncoder(), "official")
    with pytest.raises(UsageError, match="one text in Chinese"):
        paired([ours], [], MeaningEncoder(), "official")
