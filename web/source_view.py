"""A document beside the file it was read from: the same place marked in both.

Only characters that the source map vouches for are shown: where the file has changed since,
or is not plain text, there is nothing to show but its name and page.
"""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from baycase.corpus.decoding import decode
from baycase.corpus.reader import SHIPPED
from baycase.corpus.records import Span
from baycase.errors import BayCaseError
from baycase.index.generation import StoredDocument

PLAIN = (".txt", ".md")
OWN = 0.5  # of what is shown, at least this share must be the document's own characters
LARGEST = 8 << 20  # bytes of a source file that is opened for a look


@dataclass(frozen=True, slots=True)
class SourceView:
    """The part of the source's decoded text that a document came from; `mark` is a span of `text`, or None."""

    text: str
    mark: Span | None


def source_view(document: StoredDocument, span: Span | None) -> SourceView | None:
    """The document's part of its source file; None where it cannot be shown."""
    pieces = document.source_map.pieces
    source = _source_text(document.source)
    if source is None or not pieces:
        return None
    if any(
        source[p.source_start : p.source_start + p.length] != document.text[p.start : p.start + p.length]
        for p in pieces
    ):
        return None
    start = min(p.source_start for p in pieces)
    end = max(p.source_start + p.length for p in pieces)
    if sum(p.length for p in pieces) < OWN * (end - start):  # a stranger's library may name any file of this machine
        return None
    mark = None
    if span is not None and span.start < span.end <= len(document.text):
        first, last = document.source_map.source_offset(span.start), document.source_map.source_offset(span.end - 1)
        if first is not None and last is not None and first <= last:
            mark = Span(first - start, last + 1 - start)
    return SourceView(source[start:end], mark)


def _source_text(source: str) -> str | None:
    try:
        if source == SHIPPED:
            return decode((files("baycase.corpus") / "cases" / SHIPPED).read_bytes(), SHIPPED)
        path = Path(source)
        if path.suffix.lower() not in PLAIN or not path.is_file() or path.stat().st_size > LARGEST:
            return None
        return decode(path.read_bytes(), path.name)
    except (OSError, BayCaseError):
        return None
