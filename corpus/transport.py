"""Documents as JSON and back, for what a child process has read.

What comes back is checked: every span must lie in its text. Holds no other form of a document;
the library's own is the database's.
"""

from collections.abc import Sequence
from typing import Any

from baycase.corpus.records import (
    Case,
    Document,
    Figure,
    FigureKind,
    Measure,
    Passage,
    Piece,
    Sentence,
    SourceMap,
    Span,
)


class NotADocumentError(ValueError):
    """What came is not a document."""


def document_to_json(document: Document) -> dict[str, Any]:
    return {
        "doc_id": document.doc_id,
        "title": document.title,
        "text": document.text,
        "source": document.source,
        "collection": document.collection,
        "passages": [
            [
                *_pair(p.span),
                p.section,
                [[*_pair(s.span), *(_pair(s.heading) if s.heading else ())] for s in p.sentences],
            ]
            for p in document.passages
        ],
        "map": [[p.start, p.source_start, p.length, p.page] for p in document.source_map.pieces],
        "case": None if document.case is None else _case_to_json(document.case),
    }


def document_from_json(record: Any) -> Document:
    """Raises NotADocumentError for anything that `document_to_json` does not give."""
    try:
        text = _text(record["text"])
        room = len(text)
        case = record["case"]
        return Document(
            doc_id=_text(record["doc_id"]),
            title=_text(record["title"]),
            text=text,
            source=_text(record["source"]),
            collection=_text(record["collection"]),
            passages=tuple(_passage(each, room) for each in record["passages"]),
            source_map=SourceMap(tuple(_piece(each, room) for each in record["map"])),
            case=None if case is None else _case_from_json(case, room),
        )
    except (TypeError, KeyError, ValueError, IndexError) as error:
        raise NotADocumentError(str(error)) from error


def _case_to_json(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "title": _pair(case.title),
        "units": [_pair(unit) for unit in case.units],
        "background": case.background and _pair(case.background),
        "measures": [[*_pair(m.span), *_pair(m.heading), *_pair(m.text)] for m in case.measures],
        "outcomes": case.outcomes and _pair(case.outcomes),
        "figures": [[*_pair(f.span), f.kind] for f in case.figures],
    }


def _case_from_json(record: Any, room: int) -> Case:
    return Case(
        number=_whole(record["number"]),
        title=_span(record["title"], room),
        units=tuple(_span(each, room) for each in record["units"]),
        background=None if record["background"] is None else _span(record["background"], room),
        measures=tuple(
            Measure(_span(each[:2], room), _span(each[2:4], room), _span(each[4:], room)) for each in record["measures"]
        ),
        outcomes=None if record["outcomes"] is None else _span(record["outcomes"], room),
        figures=tuple(Figure(_span(each[:2], room), _kind(each[2])) for each in record["figures"]),
    )


def _passage(record: Any, room: int) -> Passage:
    start, end, section, sentences = record
    return Passage(_span((start, end), room), _text(section), tuple(_sentence(each, room) for each in sentences))


def _sentence(record: Any, room: int) -> Sentence:
    return Sentence(_span(record[:2], room), _span(record[2:], room) if len(record) > 2 else None)


def _piece(record: Any, room: int) -> Piece:
    start, source_start, length, page = record
    _span((start, _whole(start) + _whole(length)), room)
    return Piece(start, _whole(source_start), length, None if page is None else _whole(page))


def _pair(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _span(pair: Sequence[Any], room: int) -> Span:
    start, end = pair
    if not 0 <= _whole(start) <= _whole(end) <= room:
        raise NotADocumentError(f"span {start}–{end} in a text of {room} characters")
    return Span(start, end)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise NotADocumentError(f"{value!r:.40} is no offset")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NotADocumentError(f"{value!r:.40} is no text")
    return value


def _kind(value: Any) -> FigureKind:
    if value not in ("figure", "date"):
        raise NotADocumentError(f"{value!r:.40} is no kind of figure")
    return value
