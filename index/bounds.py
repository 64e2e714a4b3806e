"""Whether the numbers in a generation lead where they may: rows within arrays, offsets within texts.

Checked when a generation is opened and before anything follows one of its numbers, because a
file whose hash fits its manifest may still have been made by somebody else. It knows
arrays and no document.
"""

from typing import Any, Protocol

import numpy as np


class Rows(Protocol):
    """What is checked of a generation; the arrays' fields are described there."""

    manifest: dict[str, Any]
    sections: list[str]
    collections: list[str]
    rows: np.ndarray
    passages: np.ndarray
    sentences: np.ndarray


def bounds_problem(generation: Rows, document_bytes: int) -> str | None:
    """The first thing that leads out of bounds, or None; `document_bytes` is the size of documents.jsonl."""
    rows, passages, sentences = generation.rows, generation.passages, generation.sentences
    counts = generation.manifest
    if (len(rows) - 1, len(passages), len(sentences)) != (counts["documents"], counts["passages"], counts["sentences"]):
        return "the arrays have other numbers of rows than the manifest says"
    places = rows["place"]
    if places[0] != 0 or places[-1] != document_bytes or (np.diff(places) <= 0).any():
        return "the places of documents lead out of their file"
    if not _within(rows["collection"][:-1], 0, len(generation.collections)):
        return "a document is in a collection that does not exist"
    if not len(passages):
        return None if not len(sentences) else "there are sentences without passages"
    if not _within(passages["document"], 0, len(rows) - 1) or (np.diff(passages["document"]) < 0).any():
        return "a passage is of a document that does not exist"
    if not _within(passages["section"], 0, len(generation.sections)):
        return "a passage is in a section that does not exist"
    if not _spans(passages["start"], passages["end"], np.zeros(1), rows["characters"][passages["document"]]):
        return "a passage lies outside its document"
    ends = np.cumsum(passages["sentences"], dtype=np.int64)
    if (passages["sentences"] < 0).any() or ends[-1] != len(sentences):
        return "passages and sentences differ in number"
    if (passages["first_sentence"] != ends - passages["sentences"]).any():
        return "the sentences of a passage are not where they should be"
    owner = np.repeat(np.arange(len(passages)), passages["sentences"])
    if (sentences["passage"] != owner).any():
        return "a sentence is of another passage than it should be"
    if not _spans(sentences["start"], sentences["end"], passages["start"][owner], passages["end"][owner]):
        return "a sentence lies outside its passage"
    headed = sentences["heading_start"] >= 0
    headings = sentences[headed]
    if not _spans(headings["heading_start"], headings["heading_end"], headings["start"], headings["end"]):
        return "a heading lies outside its sentence"
    return None


def _within(values: np.ndarray, low: int, high: int) -> bool:
    return bool(((values >= low) & (values < high)).all())


def _spans(start: np.ndarray, end: np.ndarray, low: np.ndarray, high: np.ndarray) -> bool:
    return bool(((low <= start) & (start <= end) & (end <= high)).all())
