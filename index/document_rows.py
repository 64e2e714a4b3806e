"""A document as rows of library.db's tables, and rows as the document they were.

It knows the tables' columns (`schema`) and what they mean, and neither SQL nor checksums.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from baycase.corpus.records import Case, Document, Figure, Measure, Passage, Piece, Sentence, SourceMap, Span

Rows = Mapping[str, Sequence[tuple]]


def rows_of(position: int, document: Document) -> dict[str, list[tuple]]:
    """Table → its rows for the document at this position, in the order in which they may be written."""
    doc_id = document.doc_id
    pieces = [[p.start, p.source_start, p.length, p.page] for p in document.source_map.pieces]
    return {
        "documents": [(position, doc_id, document.title, document.text, document.source, document.collection,
                       json.dumps(pieces))],
        "cases": [(doc_id, json.dumps(asdict(document.case), ensure_ascii=False))] if document.case else [],
        "passages": [(doc_id, n, p.span.start, p.span.end, p.section) for n, p in enumerate(document.passages)],
        "sentences": [
            (doc_id, n, m, s.span.start, s.span.end, *((h.start, h.end) if (h := s.heading) else (None, None)))
            for n, p in enumerate(document.passages) for m, s in enumerate(p.sentences)
        ],
    }  # fmt: skip


def document_of(rows: Rows) -> Document:
    """The document of its rows, passages and sentences in their order.

    Raises ValueError, KeyError, TypeError, AttributeError or RecursionError for fields of another form.
    """
    ((_, doc_id, title, text, source, collection, source_map),) = rows["documents"]
    case = None
    for _, fields in rows["cases"]:
        case = case_from_fields(json.loads(fields))
    sentences: dict[int, list[Sentence]] = {}
    for _, passage, _, start, end, *heading in rows["sentences"]:
        sentences.setdefault(passage, []).append(
            Sentence(Span(start, end), Span(*heading) if heading[0] is not None else None)
        )
    passages = tuple(
        Passage(Span(start, end), section, tuple(sentences.get(number, ())))
        for _, number, start, end, section in rows["passages"]
    )
    pieces = tuple(Piece(*piece) for piece in json.loads(source_map))
    return Document(doc_id, title, text, source, passages, case, SourceMap(pieces), collection)


def case_from_fields(fields: dict[str, Any]) -> Case:
    """A `Case` out of what `dataclasses.asdict` made of it."""

    def span(value: dict[str, int] | None) -> Span | None:
        return None if value is None else Span(value["start"], value["end"])

    def sure(value: dict[str, int]) -> Span:
        return Span(value["start"], value["end"])

    return Case(
        number=fields["number"],
        title=sure(fields["title"]),
        units=tuple(map(sure, fields["units"])),
        background=span(fields["background"]),
        measures=tuple(Measure(sure(m["span"]), sure(m["heading"]), sure(m["text"])) for m in fields["measures"]),
        outcomes=span(fields["outcomes"]),
        figures=tuple(Figure(sure(f["span"]), f["kind"]) for f in fields["figures"]),
    )
