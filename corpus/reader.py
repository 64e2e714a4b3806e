"""Files to documents: which reader takes which suffix, and what each document is called.

A format is a function in `READERS`; plain text and BEIR's corpus.jsonl are here, the others in
`formats`, imported when a file of theirs is read. Who reads files of others reads through `sandbox`.
Knows no folders, and no library: refreshing, and making doc_ids unique across files, happen where it is written.
"""

import json
import os
import re
import stat
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from importlib.resources import as_file, files
from itertools import islice
from pathlib import Path

from baycase.corpus.cases import CaseText, find_cases, read_case
from baycase.corpus.decoding import decode
from baycase.corpus.headings import heading_words, is_heading
from baycase.corpus.headings import lines as lines_of
from baycase.corpus.limits import LIMITS, Limits
from baycase.corpus.passages import beir_passages, case_passages, text_passages
from baycase.corpus.records import Document, Piece, SourceMap, Span
from baycase.corpus.running_text import running_text
from baycase.corpus.shown import acts, shown
from baycase.errors import DocumentError

Reader = Callable[[Path, str, Limits], Iterator[Document]]

# Documents in formats that are not read, and what to save them as.
_SAVE_AS = {
    ".docx": (".doc", ".wps", ".rtf", ".odt"),
    ".xlsx": (".xls", ".et", ".ods"),
    ".pdf": (".ppt", ".pptx", ".dps", ".ofd", ".caj"),
}
OTHER_DOCUMENTS = {suffix: better for better, suffixes in _SAVE_AS.items() for suffix in suffixes}
_OFFICIAL_TITLE = re.compile(
    r".{0,60}(?:关于|關於).{2,100}的?(?:通知|通告|公告|通报|通報|意见|意見|决定|決定|批复|批覆|请示|請示|报告|報告|函|方案|措施|办法|辦法)"
)
_TITLE_WITHIN = 8  # lines: the name of the authority and the document's number may stand above

SHIPPED = "gba-rule-alignment-cases.txt"
_UNFIT = re.compile(r"[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def read_path(path: Path | str, source: str | None = None, limits: Limits = LIMITS) -> Iterator[Document]:
    """The documents of one file, in its order, as they are read, in this process.

    `source` is what documents carry as the place they came from (default: the path).
    Raises DocumentError for a file that is missing, empty, no text, of an unknown
    format, too large, or broken; for a broken line of a .jsonl file, after the documents before it.
    """
    path = checked_path(path, limits)
    return READERS[path.suffix.lower()](path, shown(path) if source is None else source, limits)


def checked_path(path: Path | str, limits: Limits = LIMITS) -> Path:
    """The path, where it is an ordinary file of a known format and no larger than allowed, and nothing of it was read.

    Raises DocumentError otherwise: reading a pipe or a device might never end.
    """
    path = Path(path)
    name = shown(path)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise DocumentError(f"{name}: no such file") from error
    except (OSError, ValueError) as error:  # a link to itself; a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(f"{name}: cannot be read: {reason}") from error
    if stat.S_ISDIR(mode):
        raise DocumentError(f"{name}: a folder; expected a file")
    if not stat.S_ISREG(mode):
        raise DocumentError(f"{name}: not an ordinary file; expected one of {', '.join(READERS)}")
    if path.suffix.lower() in OTHER_DOCUMENTS:
        raise DocumentError(not_read(path))
    if path.suffix.lower() not in READERS:
        suffix = shown(path.suffix) or "(no suffix)"
        raise DocumentError(f"{name}: unknown format {suffix}; known are {', '.join(READERS)}")
    limits.check_size(path)
    return path


def not_read(path: Path) -> str:
    """What to do with a document in one of OTHER_DOCUMENTS' formats."""
    better = OTHER_DOCUMENTS[path.suffix.lower()]
    return f"{shown(path)}: {shown(path.suffix)} files are not read; save it as {better}"


def source_name(path: Path | str) -> str:
    """The file as documents name it: its full path on one line, whatever characters the name has."""
    return shown(os.path.realpath(path))  # unlike Path.resolve, of a link to itself too


def read_shipped() -> Iterator[Document]:
    """The sixteen cases that come with the package; their `source` is the file's name."""
    with as_file(files("baycase.corpus") / "cases" / SHIPPED) as path:
        yield from read_path(path, SHIPPED)


def text_documents(text: str, source_map: SourceMap, stem: str, source: str) -> Iterator[Document]:
    """The documents of a text that is one file's: its cases, or the whole of it.

    Every format that gives running text ends here. What stands before the first case
    is a document of its own, named like the file.
    """
    name = document_name(stem)
    cases = find_cases(text)
    if cases is None:
        yield _plain(text, source_map, name, source, stem)
        return
    preface = text[: cases[0].span.start].rstrip()
    if preface.strip():
        yield _plain(preface, _part(source_map, Span(0, len(preface))), name, source, stem)
    for found in cases:
        yield _case(text, found, source_map, name, source)


def document_name(stem: str) -> str:
    """A file's stem as the beginning of a doc_id: no path separators, white space
    at its ends, or characters that control a terminal or the direction of writing."""
    seen = "".join(character for character in stem if not acts(character))
    return re.sub(r"[/\\]", "-", seen).strip() or "document"


def _read_text(path: Path, source: str, limits: Limits) -> Iterator[Document]:
    restored = running_text(decode(file_bytes(path), shown(path)))
    return text_documents(restored.text, restored.source_map, path.stem, source)


def _read_beir(path: Path, source: str, limits: Limits) -> Iterator[Document]:
    """BEIR's corpus.jsonl: a document a line, `_id` is its doc_id and `text` is kept as it is."""
    collection = document_name(path.stem)
    empty = True
    number = 0
    try:
        with path.open("rb") as stream:
            while line := stream.readline(limits.record + 1):
                number += 1
                if len(line) > limits.record:
                    raise DocumentError(
                        f"{shown(path)}, line {number}: longer than the {limits.record:,} bytes that a line may have"
                    )
                if line.strip():
                    empty = False
                    yield _beir_document(line, f"{shown(path)}, line {number}", source, collection)
    except OSError as error:
        raise DocumentError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    if empty:
        raise DocumentError(f"{shown(path)}: the file is empty; there is nothing to index")


def _beir_document(line: bytes, place: str, source: str, collection: str) -> Document:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DocumentError(f'{place}: not JSON in UTF-8; expected {{"_id": …, "title": …, "text": …}}') from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise DocumentError(f'{place}: no "text"; expected {{"_id": …, "title": …, "text": …}}')
    doc_id, title, text = record.get("_id"), record.get("title") or "", record["text"]
    if isinstance(doc_id, int) and not isinstance(doc_id, bool):
        doc_id = str(doc_id)
    if not isinstance(doc_id, str) or not doc_id.strip() or _UNFIT.search(doc_id):
        raise DocumentError(f'{place}: "_id" is {doc_id!r:.80}; expected a name without control characters')
    if not isinstance(title, str):
        raise DocumentError(f'{place}: "title" is {title!r:.80}; expected text')
    if re.search("[\0\ud800-\udfff]", title + text):
        raise DocumentError(f"{place}: holds a NUL or half a surrogate pair, which no text does")
    return Document(
        doc_id=doc_id,
        title=title,
        text=text,
        source=source,
        passages=beir_passages(text),
        source_map=_identity(text),
        collection=collection,
    )


def _format(module: str, function: str = "read") -> Reader:
    """A format of its own module, which is imported when a file is read."""

    def read(path: Path, source: str, limits: Limits) -> Iterator[Document]:
        return getattr(import_module(f"baycase.corpus.formats.{module}"), function)(path, source, limits)

    return read


READERS: dict[str, Reader] = {
    ".txt": _read_text,
    ".md": _format("markdown"),
    ".html": _format("html"),
    ".htm": _format("html"),
    ".pdf": _format("pdf"),
    ".docx": _format("docx"),
    ".xlsx": _format("tables", "read_xlsx"),
    ".csv": _format("tables", "read_csv"),
    ".jsonl": _read_beir,
}


def file_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{shown(path)}: cannot be read: {error.strerror}") from error


def _plain(text: str, source_map: SourceMap, name: str, source: str, stem: str) -> Document:
    return Document(
        doc_id=name,
        title=_title(text) or shown(stem),
        text=text,
        source=source,
        passages=text_passages(text),
        source_map=source_map,
        collection=name,
    )


def _title(text: str) -> str:
    """The title of an official document (…关于…的通知), or the first line where it is a heading, else ""."""
    first = [line.of(text) for line in islice(lines_of(text), _TITLE_WITHIN)]
    official = next((line for line in map(heading_words, first) if _OFFICIAL_TITLE.fullmatch(line)), "")
    if official or not first:
        return official
    return heading_words(first[0]) if is_heading(first[0], "".join(first[1:2])) else ""


def _case(text: str, found: CaseText, source_map: SourceMap, name: str, source: str) -> Document:
    own_text = found.span.of(text)
    back = found.span.start
    own = replace(
        found,
        span=_moved(found.span, back),
        title=_moved(found.title, back),
        header_start=found.header_start - back,
        units=tuple(_moved(unit, back) for unit in found.units),
        body=_moved(found.body, back),
    )
    case = read_case(own_text, own)
    return Document(
        doc_id=f"{name}-{case.number:02d}",
        title=case.title.of(own_text),
        text=own_text,
        source=source,
        passages=case_passages(own_text, own, case),
        case=case,
        source_map=_part(source_map, found.span),
        collection=name,
    )


def _moved(span: Span, back: int) -> Span:
    return Span(span.start - back, span.end - back)


def _identity(text: str) -> SourceMap:
    return SourceMap((Piece(0, 0, len(text)),)) if text else SourceMap()


def _part(source_map: SourceMap, span: Span) -> SourceMap:
    """The map of `text[span.start:span.end]`, from the map of the text."""
    pieces = []
    first = max(bisect_right(source_map.pieces, span.start, key=lambda piece: piece.start) - 1, 0)
    for at in range(first, len(source_map.pieces)):  # a slice would copy the rest for every case
        piece = source_map.pieces[at]
        if piece.start >= span.end:
            break
        start, end = max(piece.start, span.start), min(piece.start + piece.length, span.end)
        if start < end:
            skipped = start - piece.start
            pieces.append(Piece(start - span.start, piece.source_start + skipped, end - start, piece.page))
    return SourceMap(tuple(pieces))
