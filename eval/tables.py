"""A user's own questions from a sheet: CSV or XLSX with a question, the case or passage expected, and the language.

Columns are known by their names, in Chinese or English, in any order. A row that cannot be used is
listed by its number as the sheet shows it, and the rest runs.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from baycase.corpus.decoding import decode
from baycase.corpus.folding import fold
from baycase.corpus.language import language_of
from baycase.errors import QueryError, TestSetError
from baycase.eval.locating import Locator
from baycase.eval.testset import ANSWERS, Evidence, Question, TestSet
from baycase.search.query import MAX_QUESTION, checked

SUFFIXES = (".csv", ".tsv", ".xlsx")
LONGEST = 100_000  # rows

# Compared after folding, so that traditional forms need no row of their own.
COLUMNS: Mapping[str, Sequence[str]] = {
    "id": ("id", "_id", "编号", "序号", "题号"),
    "question": ("question", "query", "问题", "提问", "查询", "问句"),
    "case": ("case", "expected case", "doc_id", "document", "案例", "预期案例", "文档", "案例编号", "案例名称"),
    "passage": ("passage", "evidence", "expected passage", "text", "原文", "依据", "段落", "预期原文"),
    "answer": ("answer", "answers", "答案", "预期答案", "标准答案"),
    "language": ("language", "lang", "语言", "语种"),
    "type": ("type", "类型", "题型"),
}  # fmt: skip
_LANGUAGES = {
    "zh-hans": "zh-Hans", "zh-cn": "zh-Hans", "zh": "zh-Hans", "simplified chinese": "zh-Hans", "chinese": "zh-Hans",
    "简体": "zh-Hans", "简体中文": "zh-Hans", "中文": "zh-Hans", "zh-hant": "zh-Hant", "zh-hk": "zh-Hant",
    "zh-tw": "zh-Hant", "zh-mo": "zh-Hant", "traditional chinese": "zh-Hant", "繁体": "zh-Hant",
    "繁体中文": "zh-Hant", "en": "en", "english": "en", "英文": "en", "英语": "en",
}  # fmt: skip


def read_table(path: Path, locator: Locator) -> TestSet:
    """The questions of a sheet over the documents that `locator` holds; subsets are the languages."""
    rows = _rows(path)
    header = next(((number, row) for number, row in rows if any(row)), None)
    if header is None:
        raise TestSetError(f"{path} is empty; expected a header row with at least a question and a case or passage")
    columns = _columns(path, header[1])
    problems: list[str] = []
    subsets: dict[str, list[Question]] = {}
    seen: set[str] = set()
    for number, row in rows:
        cells = {name: row[at].strip() for name, at in columns.items() if at < len(row)}
        if number <= header[0] or not any(cells.values()):
            continue
        try:
            question = _question(number, cells, locator, problems)
        except (QueryError, TestSetError) as error:
            problems.append(f"row {number}: {error}")
            continue
        if question.id in seen:
            problems.append(f"row {number}: the id {question.id!r} occurs twice")
            continue
        seen.add(question.id)
        subsets.setdefault(question.subset, []).append(question)
    if not subsets:
        raise TestSetError(f"{path} holds no usable question: {problems[0] if problems else 'no row under the header'}")
    return TestSet(path.stem, {name: tuple(each) for name, each in sorted(subsets.items())}, problems=tuple(problems))


def _columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    names = [re.sub(r"[\s_]+", " ", fold(cell)).strip() for cell in header]
    columns = {}
    for name, spellings in COLUMNS.items():
        wanted = {fold(spelling).replace("_", " ").strip() for spelling in spellings}
        at = next((number for number, cell in enumerate(names) if cell in wanted), None)
        if at is not None:
            columns[name] = at
    if "question" not in columns or not {"case", "passage"} & columns.keys():
        raise TestSetError(
            f"{path}: the columns are {', '.join(filter(None, header))}; expected question (问题) and case (案例) or "
            "passage (原文), and perhaps answer (答案), language (语言), id (编号)"
        )
    return columns


def _question(number: int, cells: Mapping[str, str], locator: Locator, problems: list[str]) -> Question:
    text = checked(cells.get("question", ""), MAX_QUESTION, "question")
    named, pasted = cells.get("case", ""), cells.get("passage", "")
    doc_id = locator.case(named) if named else None
    if named and doc_id is None:
        raise TestSetError(f"no document {named!r} in the library; name a doc_id, a case's number or its title")
    places = locator.places(pasted, [doc_id] if doc_id else []) if pasted else []
    if pasted and not places:
        where = f"in {doc_id}" if doc_id else "in any document"
        if doc_id is None:
            raise TestSetError(f"the passage was not found {where}: {pasted[:40]!r}")
        problems.append(f"row {number}: the passage was not found {where}, only the case counts: {pasted[:40]!r}")
    if not pasted and doc_id is None:
        raise TestSetError("neither a case nor a passage; one of them says what is right")
    evidence = tuple(Evidence(place.doc_id, place.start, place.end, place.quote) for place in places)
    relevant = {doc_id: ANSWERS} if doc_id else {place.doc_id: ANSWERS for place in places}
    return Question(
        cells.get("id") or f"row-{number}",
        text,
        _language(cells.get("language", ""), text),
        relevant,
        tuple(filter(None, (answer.strip() for answer in re.split(r"[|｜]", cells.get("answer", ""))))),
        evidence,
        cells.get("type", ""),
        group=next(iter(relevant)),
    )


def _language(cell: str, text: str) -> str:
    if not cell:
        return language_of(text)
    known = _LANGUAGES.get(fold(cell).strip())
    if known is None:
        raise TestSetError(f"the language is {cell!r}; expected zh-Hans, zh-Hant or en")
    return known


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """(row number as the sheet shows it, cells) of every row."""
    try:
        if path.suffix.lower() == ".xlsx":
            return _xlsx_rows(path)
        data = path.read_bytes()
    except OSError as error:
        raise TestSetError(f"{path} cannot be read: {error.strerror}") from error
    text = decode(data, str(path)) if data.strip() else ""
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    rows = []
    try:
        for number, row in enumerate(reader, 1):
            rows.append((number, row))
    except csv.Error as error:
        raise TestSetError(f"{path}, row {len(rows) + 1}: {error}") from error
    return rows


def _xlsx_rows(path: Path) -> list[tuple[int, list[str]]]:
    from zipfile import BadZipFile

    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError) as error:
        raise TestSetError(f"{path} is no XLSX file ({error}); save it again as XLSX or CSV") from error
    try:
        sheet = book.worksheets[0]
        rows = enumerate(sheet.iter_rows(max_row=LONGEST, values_only=True), 1)
        return [(number, ["" if cell is None else str(cell) for cell in row]) for number, row in rows]
    finally:
        book.close()
