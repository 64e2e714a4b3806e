"""A question and a window as tokens, ``<s> query: Q </s> passage: P </s>``, and batches of such pairs read.

It does not know groups, losses or where windows come from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch.nn import functional

from baycase.index.models import PASSAGE_PROMPT, QUERY_PROMPT
from baycase.search.reader_model import LONGEST, LONGEST_QUESTION
from baycase.search.reading import LONGEST_ANSWER
from baycase.training.network import ReaderNetwork
from baycase.training.reading import Window

STEP = 16  # lengths are padded to multiples of it


@dataclass(frozen=True)
class Pair:
    """Tokens of one question and window: `passage` is where the window's tokens begin, `span` the answer's first and
    last token, `offsets` the window's characters of each passage token."""

    ids: list[int]
    passage: int
    span: tuple[int, int] | None
    offsets: list[tuple[int, int]]


class Pairing:
    """Turns question and window into tokens as the reader sees them when searching; longer windows are cut."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def question(self, text: str) -> list[int]:
        """Tokens of the question with its prefix and both marks."""
        ids = self._tokenizer.encode(QUERY_PROMPT + text, add_special_tokens=False).ids
        return [0, *ids[:LONGEST_QUESTION], 2]

    def pair(self, question: list[int], window: Window) -> Pair:
        encoded = self._tokenizer.encode(PASSAGE_PROMPT + window.text, add_special_tokens=False)
        room = LONGEST - len(question) - 1
        ids = encoded.ids[:room]
        offsets = [(max(a - len(PASSAGE_PROMPT), 0), b - len(PASSAGE_PROMPT)) for a, b in encoded.offsets[:room]]
        span = None
        if window.answer is not None:
            inside = [i for i, (a, b) in enumerate(offsets) if b > window.answer[0] and a < window.answer[1] and b > a]
            if inside and offsets[inside[-1]][1] >= window.answer[1]:
                span = (len(question) + inside[0], len(question) + inside[-1])
        return Pair([*question, *ids, 2], len(question), span, offsets)


@dataclass(frozen=True)
class Scores:
    """A batch's scores: relevance (n,), start and end (n, longest), -inf outside the window's tokens."""

    relevance: torch.Tensor
    start: torch.Tensor
    end: torch.Tensor


def read(network: ReaderNetwork, pairs: Sequence[Pair], parts: int = 2) -> Scores:
    """Reads pairs in `parts` batches of like length, each padded to a multiple of 16 tokens."""
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i].ids))
    longest = max(len(pair.ids) for pair in pairs)
    size = -(-len(pairs) // parts)
    relevance, start, end = [], [], []
    for begin in range(0, len(order), size):
        rows = [pairs[i] for i in order[begin : begin + size]]
        length = -(-max(len(row.ids) for row in rows) // STEP) * STEP
        ids = torch.ones(len(rows), length, dtype=torch.long)
        segments = torch.zeros(len(rows), length, dtype=torch.long)
        outside = torch.ones(len(rows), length, dtype=torch.bool)
        for i, row in enumerate(rows):
            ids[i, : len(row.ids)] = torch.tensor(row.ids)
            segments[i, row.passage :] = 1
            outside[i, row.passage : len(row.ids) - 1] = False
            for k, (a, b) in enumerate(row.offsets):
                if b <= 0 or b == a:  # the prefix's own tokens
                    outside[i, row.passage + k] = True
        reading = network(ids, segments, torch.tensor([len(row.ids) for row in rows]))
        relevance.append(reading.relevance)
        for scores, parts_ in ((reading.start, start), (reading.end, end)):
            scores = scores.masked_fill(outside, -torch.inf)
            width = -(-longest // STEP) * STEP
            parts_.append(functional.pad(scores, (0, width - length), value=-torch.inf))
    back = torch.tensor(sorted(range(len(order)), key=order.__getitem__))
    return Scores(torch.cat(relevance)[back], torch.cat(start)[back], torch.cat(end)[back])


def best_span(start: torch.Tensor, end: torch.Tensor, first: int, last: int) -> tuple[int, int, float]:
    """The best pair of tokens within [first, last), start <= end, and its score, the sum of both."""
    size = last - first
    allowed = torch.ones(size, size, dtype=torch.bool).triu().tril(LONGEST_ANSWER)
    table = (start[first:last, None] + end[None, first:last]).masked_fill(~allowed, -torch.inf)
    place = int(table.argmax())
    return first + place // size, first + place % size, float(table.max())
