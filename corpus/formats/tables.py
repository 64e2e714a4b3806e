"""Tables of cases, in XLSX, CSV and within documents: a row is a case or a document.

The first row with known names is the header; case, spaces, colons and what stands in brackets do not matter:

    title   案例名称 案例标题 名称 标题 题目 title name
    units   报送单位 报送部门 申报单位 牵头单位 实施单位 单位 unit units organisation agency
    text    正文 内容 全文 简介 概况 背景 情况 做法 举措 措施 成效 成果 经验, after 案例 主要 具体 创新 改革 工作 实施
            or alone, with 及 和 与 between them; text content body background measures outcomes
            (several such columns are paragraphs, from left to right)
    id      编号 序号 案例编号 id _id number no

A row with units is a case; its number is that of the id column, or the row's own. Any other row is a document,
its title the first line; a row of totals is none. Columns of other names are left out. Every sheet of a workbook that
has such a header is read. Offsets of the map count the rows as they are put together, one after the other.
"""

import csv
import datetime
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from baycase.corpus.cases import find_cases
from baycase.corpus.decoding import decode
from baycase.corpus.enumeration import numeral
from baycase.corpus.formats.archive import check_archive
from baycase.corpus.formats.extracted import TEXT_NAME, cleaned
from baycase.corpus.formats.list_numbers import written_number
from baycase.corpus.limits import Limits
from baycase.corpus.reader import document_name, file_bytes, text_documents
from baycase.corpus.records import Document, Piece, SourceMap
from baycase.corpus.running_text import running_text
from baycase.corpus.shown import shown
from baycase.errors import DocumentError

_ROLES = {
    "title": "案例名称 案例名稱 案例标题 名称 名稱 标题 標題 题目 題目 title name",
    "units": "报送单位 報送單位 报送部门 報送部門 申报单位 申報單位 牵头单位 牽頭單位 实施单位 實施單位 单位 單位 "
    "unit units organisation organization agency",
    "text": "全文 text content body background measures outcomes",
    "id": "编号 編號 序号 序號 案例编号 案例編號 id _id number no",
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names.split()}
_TOTAL = re.compile(r"(?:合|总|總|小)\s*[计計]")
_HEADER_WITHIN = 10  # rows; a title may stand above the header
_EXPECTED = "a header row with 案例名称/title, 报送单位/unit, 正文/text (正文 or text at least)"


@dataclass
class _Names:
    """doc_ids given so far in one file."""

    given: set[str] = field(default_factory=set)

    def free(self, wanted: str) -> str:
        name, count = wanted, 1
        while name in self.given:
            count += 1
            name = f"{wanted}-{count}"
        self.given.add(name)
        return name


def read_csv(path: Path, source: str, limits: Limits) -> Iterator[Document]:
    text = decode(file_bytes(path), shown(path))
    csv.field_size_limit(limits.characters)
    names = _Names()
    for delimiter in ",\t;，":
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            table = _with_header(rows)
            if table is not None:
                yield from _documents(*table, path, source, limits, names, "")
                break
        except csv.Error as error:
            raise DocumentError(f"{shown(path)}: not a table in CSV ({error})") from error
    else:
        raise DocumentError(f"{shown(path)}: no column is known; expected {_EXPECTED}")
    if not names.given:
        raise DocumentError(f"{shown(path)}: the table has no rows; there is nothing to index")


def read_xlsx(path: Path, source: str, limits: Limits) -> Iterator[Document]:
    check_archive(path, "xl/workbook.xml", limits)
    from openpyxl import load_workbook

    names = _Names()
    known = 0
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_col=limits.columns, max_row=limits.rows, values_only=True)
            table = _with_header([_cell(value) for value in row] for row in rows)
            if table is not None:
                known += 1
                yield from _documents(*table, path, source, limits, names, sheet.title if known > 1 else "")
    except (DocumentError, MemoryError):
        raise
    except Exception as error:  # openpyxl raises what comes: KeyError, ValueError, TypeError, XML errors
        reason = shown(str(error)[:80] or type(error).__name__)
        raise DocumentError(f"{shown(path)}: not a workbook, or a damaged one ({reason})") from error
    if not known:
        raise DocumentError(f"{shown(path)}: no column is known in any sheet; expected {_EXPECTED}")
    if not names.given:
        raise DocumentError(f"{shown(path)}: the table has no rows; there is nothing to index")


def _with_header(rows: Iterable[Sequence[str]]) -> tuple[dict[str, list[int]], Iterator[Sequence[str]]] | None:
    """The columns of each role and the rows below the header, None where no row near the top is one."""
    rows = iter(rows)
    for _, row in zip(range(_HEADER_WITHIN), rows, strict=False):
        roles: dict[str, list[int]] = {}
        for at, name in enumerate(row):
            role = _role(name)
            if role == "text" or (role and role not in roles):
                roles.setdefault(role, []).append(at)
        if "text" in roles:
            return roles, rows
    return None


def _role(name: str) -> str | None:
    words = re.sub(r"[（(][^（()）]*[）)]|[\s:：.*]", "", name[:100]).lower()
    return _ROLE_OF.get(words) or ("text" if TEXT_NAME.fullmatch(words) else None)


@dataclass(frozen=True, slots=True)
class CaseTable:
    """A table inside a document whose rows are cases: each as a text, and the table as lines."""

    cases: tuple[str, ...]
    lines: tuple[str, ...]


def case_table(rows: Sequence[Sequence[Sequence[str]]], lines: tuple[str, ...]) -> CaseTable | None:
    """The table as cases, where its header has units and text, or its labels make it the form of one case.

    `rows` are of cells, each given by its lines.
    """
    table = _with_header(["\n".join(cell) for cell in row] for row in rows)
    if table is None or "units" not in table[0]:
        case = _case_of_form(rows)
        return CaseTable((case,), lines) if case else None
    roles, below = table
    kept = [_cells(roles, row) for row in below]
    cases = [_row_text(cells, number)[1] for number, cells in enumerate(kept, 1) if cells["units"] and cells["text"]]
    return CaseTable(tuple(cases), lines) if cases else None


def _case_of_form(rows: Sequence[Sequence[Sequence[str]]]) -> str | None:
    """The case of a form, in which each cell but the labels has its label before it."""
    values: dict[str, list[str]] = {}
    for row in rows:
        cells = ["\n".join(cell) for cell in row if cell]
        for label, value in zip(cells[::2], cells[1::2], strict=False):
            if (role := _role(label)) and not _role(value):
                values.setdefault(role, []).append(value)
    if not {"title", "units", "text"} <= values.keys():
        return None
    title, units = " ".join(values["title"][0].split()), "、".join(values["units"][0].split("\n"))
    return "\n".join([f"案例名称：{title}", f"报送单位：{units}", *values["text"]])


def with_cases(blocks: Sequence[str | CaseTable]) -> str:
    """The text of a document: its lines, then the cases of its tables.

    Where the lines have cases of their own, a table of them is an overview and stays in its place.
    """
    rest = "\n".join(block for block in blocks if isinstance(block, str))
    tables = [block for block in blocks if isinstance(block, CaseTable)]
    if tables and find_cases(rest) is None:
        return "\n".join([rest, *(case for table in tables for case in table.cases)])
    return "\n".join(line for block in blocks for line in (block.lines if isinstance(block, CaseTable) else (block,)))


def _documents(
    roles: dict[str, list[int]],
    rows: Iterator[Sequence[str]],
    path: Path,
    source: str,
    limits: Limits,
    names: _Names,
    sheet: str,
) -> Iterator[Document]:
    stem = f"{path.stem}-{sheet}" if sheet else path.stem
    collection = document_name(path.stem)
    before = 0
    for number, row in enumerate(rows, start=1):
        if number > limits.rows:
            raise DocumentError(f"{shown(path)}: more than {limits.rows:,} rows (split it)")
        cells = _cells(roles, row)
        if not any(cells.get(role) for role in ("title", "units", "text")) or _is_total(cells):
            continue
        own_id, text = _row_text(cells, number)
        if before + len(text) > limits.characters:
            raise DocumentError(f"{shown(path)}: more than {limits.characters:,} characters of text (split it)")
        restored = running_text(text)
        pieces = tuple(Piece(p.start, p.source_start + before, p.length) for p in restored.source_map.pieces)
        before += len(text) + 1
        row_stem = stem if cells.get("units") else f"{stem}-{own_id}"
        for document in text_documents(restored.text, SourceMap(pieces), row_stem, source):
            title = document.title if document.case else " ".join(cells.get("title", "").split()) or document.title
            yield replace(document, doc_id=names.free(document.doc_id), title=title, collection=collection)


def _cells(roles: dict[str, list[int]], row: Sequence[str]) -> dict[str, str]:
    return {
        role: "\n".join(cleaned(row[at]).strip() for at in columns if at < len(row) and row[at].strip())
        for role, columns in roles.items()
    }


def _is_total(cells: dict[str, str]) -> bool:
    return not cells.get("text") and any(_TOTAL.match(cells.get(role, "")) for role in ("id", "title", "units"))


def _row_text(cells: dict[str, str], number: int) -> tuple[str, str]:
    """The row's id and the row as a text: as a file has its cases where it has units, else title and text."""
    written = " ".join(cells.get("id", "").split())
    if not cells.get("units"):
        return written or f"{number:02d}", "\n".join(filter(None, (cells.get("title"), cells.get("text"))))
    case = re.fullmatch(r"(?:案例)?\s*([一二三四五六七八九十百零〇\d]{1,5})", written)
    own = (numeral(case.group(1)) if case else None) or number
    title, units = " ".join(cells.get("title", "").split()), "、".join(cells["units"].split("\n"))
    lines = [
        f"案例{written_number(own, 'chineseCounting')}",
        f"案例名称：{title}" if title else "",
        f"报送单位：{units}",
        cells.get("text", ""),
    ]
    return written or str(own), "\n".join(filter(None, lines))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)
