"""HTML: the main text of a page, a line a block; offsets of the map count the text so extracted.

Which part of the page that is, `html_article` says. A row of a table is a line, a list's item a line with its
number; the rows of a table of cases are cases, after the rest of the text. A page nested deeper than the parser
allows is refused, never cut short.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - no types in the package

from baycase.corpus.decoding import decode
from baycase.corpus.formats.extracted import cleaned, extracted_documents, row_text
from baycase.corpus.formats.html_article import Article
from baycase.corpus.formats.list_numbers import written_number
from baycase.corpus.formats.tables import CaseTable, case_table, with_cases
from baycase.corpus.limits import Limits
from baycase.corpus.reader import file_bytes
from baycase.corpus.records import Document
from baycase.corpus.shown import shown
from baycase.errors import DocumentError

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl",
     "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
     "html", "li", "legend", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead",
     "title", "tr", "ul")
)  # fmt: skip
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.I)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})""", re.I)
_WIDE = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
# A line break of the source between two wide characters is no space.
_WIDE_BREAK = re.compile(f"(?<=[{_WIDE}])[ \t\f]*\n\\s*(?=[{_WIDE}])")
_SPACE = re.compile(r"[ \t\n\f\r]+")
_CELL = "\x1f"
_LABELLED = re.compile(r"\s*[\u4e00-\u9fff]{2,5}[：:]")


def read(path: Path, source: str, limits: Limits) -> Iterator[Document]:
    root = _tree(_decoded(file_bytes(path), shown(path)), path, limits)
    return extracted_documents(with_cases(_Extraction(root).blocks()), path, source, limits)


def _decoded(data: bytes, name: str) -> str:
    """By byte order mark, then by what the page declares, where that fits, then by what the bytes give."""
    marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    declared = None if marked else _XML_CHARSET.search(data[:200]) or _CHARSET.search(data[:4096])
    if declared and data.strip():
        encoding = declared.group(1).decode("ascii").lower()
        # Pages that say GB2312 or Big5 hold the larger sets.
        encoding = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}.get(encoding, encoding)
        try:
            if not codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
                return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            pass
        except ValueError:  # codecs that decode no text: hex, zip
            pass
    return decode(data, name)


def _tree(page: str, path: Path, limits: Limits) -> etree._Element:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(cleaned(page).encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        if "unknown error" in str(error.msg) or "memory" in str(error.msg):
            raise MemoryError from error  # what the parser says when it gets none
        raise DocumentError(f"{shown(path)}: not HTML ({error.msg}); expected a web page") from error
    if root is None:
        raise DocumentError(f"{shown(path)}: the page holds no text; there is nothing to index")
    for error in parser.error_log:
        if error.level_name == "FATAL":
            raise DocumentError(f"{shown(path)}: cannot be read as a web page ({error.message.split(',')[0]})")
    nodes = sum(1 for _ in root.iter())
    if nodes > limits.nodes:
        raise DocumentError(f"{shown(path)}: {nodes:,} elements; a page may have {limits.nodes:,}")
    return root


class _Extraction:
    """A page's text, gathered in one walk over its elements."""

    def __init__(self, page: etree._Element) -> None:
        self._article = Article(page)
        self._blocks: list[str | CaseTable] = []
        self._buffer: list[str] = []
        self._silent = self._article.headline is not None  # up to the headline, and after the main text
        self._pending = False  # a line break is due before more text
        self._fresh = False  # nothing stands yet in this cell or item: a block that begins it begins no line
        self._cell_broken = False
        self._preformatted = 0
        self._items: list[
            list[int | str] | None
        ] = []  # of each open list its next number and the type, None for bullets

    def blocks(self) -> list[str | CaseTable]:
        """Lines, and tables of cases, in the page's order."""
        self._walk(self._article.root)
        return self._blocks

    def _walk(self, root: etree._Element, in_table: bool = False) -> None:
        article = self._article
        walk = etree.iterwalk(root, events=("start", "end"))
        skipped = set()
        for event, element in walk:
            tag = element.tag
            if event == "start":
                if element is article.headline:
                    self._flush()
                    self._silent = False
                if element is not root and article.left_out(element):
                    skipped.add(element)
                    walk.skip_subtree()
                elif tag == "table" and not (in_table or self._silent) and (found := self._case_table(element)):
                    self._blocks.append(found)
                    skipped.add(element)
                    walk.skip_subtree()
                else:
                    self._open(element, tag)
                    self._add(element.text)
                continue
            if element not in skipped:
                self._close(tag)
            if element is article.main and article.headline is not None:
                self._flush()
                self._silent = True
            if element is not root:
                self._add(element.tail)
        self._flush()

    def _case_table(self, table: etree._Element) -> CaseTable | None:
        rows = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
        if len(rows) < 2:
            return None
        self._flush()
        cells = [[self._lines_in(cell) for cell in row.iterchildren("td", "th")] for row in rows]
        # Of most tables the header says that they hold no cases.
        return case_table(cells, tuple(self._lines_in(table))) if case_table(cells, ()) else None

    def _lines_in(self, element: etree._Element) -> list[str]:
        """The lines of an element, by themselves."""
        blocks, self._blocks = self._blocks, []
        self._walk(element, in_table=True)
        lines, self._blocks = self._blocks, blocks
        return [line for line in lines if isinstance(line, str)]

    def _open(self, element: etree._Element, tag: str) -> None:
        if tag in ("td", "th"):
            if self._cell_broken or not any(part.strip() for part in self._buffer):
                self._pending = True
            else:
                self._buffer.append(_CELL)
                self._pending = False
            self._fresh, self._cell_broken = True, False
            return
        if tag == "br":
            self._flush()
        elif tag == "span" and self._buffer and _LABELLED.match(element.text or ""):
            self._buffer.append(" ")  # 发布时间：…来源：… stand apart by their style
        elif tag in _BLOCKS and not self._fresh:
            self._pending = True
        if tag == "tr":
            self._flush()
            self._fresh = self._cell_broken = False
        elif tag == "pre":
            self._preformatted += 1
        elif tag in ("ol", "ul"):
            self._items.append(
                [_whole_number(element.get("start"), 1), element.get("type") or "1"] if tag == "ol" else None
            )
        elif tag == "li" and self._items and (item := self._items[-1]) is not None:
            number = _whole_number(element.get("value"), int(item[0]))
            item[0] = number + 1
            self._add(written_number(number, str(element.get("type") or item[1])) + ". ")
            self._fresh = True

    def _close(self, tag: str) -> None:
        if tag in ("td", "th", "li"):
            self._fresh = False
        elif tag == "pre":
            self._preformatted -= 1
        elif tag in ("ol", "ul") and self._items:
            self._items.pop()
        if tag in _BLOCKS:
            self._pending = True

    def _add(self, text: str | None) -> None:
        if not text or self._silent:
            return
        if self._preformatted:
            for number, line in enumerate(text.split("\n")):
                if number:
                    self._flush()
                self._buffer.append(line)
            return
        if not text.strip(" \t\n\f\r"):
            self._buffer.append(text)
            return
        if self._pending:
            self._cell_broken = not self._fresh
            self._flush()
        self._fresh = False
        self._buffer.append(text)

    def _flush(self) -> None:
        raw = "".join(self._buffer)
        self._buffer.clear()
        self._pending = False
        line = _SPACE.sub(" ", _WIDE_BREAK.sub("", raw))
        if _CELL in line:
            line = row_text(line.split(_CELL))
        line = line.strip(" \xa0")
        if line.strip():
            self._blocks.append(line)


def _whole_number(written: str | None, default: int) -> int:
    try:
        return int((written or "").strip()[:9])
    except ValueError:
        return default
