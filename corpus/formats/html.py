"""HTML: the main text of a page, a line a block; offsets of the map count the text so extracted.

Left out: scripts, styles, forms, navigation, hidden parts, and the page's own header and footer.
A row of a table is a line, a list's item a line with its number. A page nested deeper than
the parser allows is refused, never cut short.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - no types in the package

from baycase.corpus.decoding import decode
from baycase.corpus.formats.extracted import cleaned, extracted_documents, row_text
from baycase.corpus.formats.list_numbers import written_number
from baycase.corpus.limits import Limits
from baycase.corpus.reader import file_bytes
from baycase.corpus.records import Document
from baycase.corpus.shown import shown
from baycase.errors import DocumentError

_LEFT_OUT = frozenset(
    ("script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "canvas", "audio", "video", "map",
     "form", "button", "select", "textarea", "input", "nav", "aside", "dialog", "menu", "head", "math")
)  # fmt: skip
_OF_THE_PAGE = frozenset(("header", "footer"))  # an article's own are kept
_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl",
     "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
     "html", "li", "legend", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead",
     "title", "tr", "ul")
)  # fmt: skip
_FURNITURE = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|navigation|menu|topbar|breadcrumbs?|crumbs?|position|sidebar|share|toolbar|copyright"
    r"|footer|foot|header|head|top|bottom|related|recommend|pagination|pager|qrcode|print|login|search)(?:$|[-_\s\d])"
)
_ROLES = ("navigation", "banner", "contentinfo", "search")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.I)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})""", re.I)
_WIDE = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
# A line break of the source between two wide characters is no space.
_WIDE_BREAK = re.compile(f"(?<=[{_WIDE}])[ \t\f]*\n\\s*(?=[{_WIDE}])")
_SPACE = re.compile(r"[ \t\n\f\r]+")
_CELL = "\x1f"
_ENOUGH = 0.25  # a part with this share of the page's text is no furniture, whatever it is called


def read(path: Path, source: str, limits: Limits) -> Iterator[Document]:
    root = _tree(_decoded(file_bytes(path), shown(path)), path, limits)
    return extracted_documents(_Extraction(root).text(), path, source, limits)


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

    def __init__(self, root: etree._Element) -> None:
        self._lengths, self._in_links = _lengths(root)
        self._whole = max(self._lengths.get(root, 0), 1)
        self._root = self._main(root)
        self._lines: list[str] = []
        self._buffer: list[str] = []
        self._pending = False  # a line break is due before more text
        self._fresh = False  # nothing stands yet in this cell or item: a block that begins it begins no line
        self._cell_broken = False
        self._preformatted = 0
        self._items: list[
            list[int | str] | None
        ] = []  # of each open list its next number and the type, None for bullets

    def text(self) -> str:
        walk = etree.iterwalk(self._root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                if element is not self._root and self._left_out(element):
                    walk.skip_subtree()
                    continue
                self._open(element, tag)
                self._add(element.text)
            else:
                if not (element is not self._root and self._left_out(element)):
                    self._close(tag)
                if element is not self._root:
                    self._add(element.tail)
        self._flush()
        return "\n".join(self._lines)

    def _main(self, root: etree._Element) -> etree._Element:
        """The one element that holds the page's main text, by its tag or role; the page where there is none."""
        marked = [e for e in root.iter("main", "article") if self._lengths.get(e, 0) >= 0.5 * self._whole]
        marked += [e for e in root.iter() if e.get("role") == "main" and self._lengths.get(e, 0) >= 0.5 * self._whole]
        return min(marked, key=lambda e: self._lengths[e], default=root)

    def _left_out(self, element: etree._Element) -> bool:
        tag = element.tag
        if not isinstance(tag, str) or tag in _LEFT_OUT:
            return not (tag == "form" and self._share(element) >= _ENOUGH)  # old sites put a form around the page
        if element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style") or ""):
            return True
        if self._share(element) >= _ENOUGH:
            return False
        if element.get("aria-hidden") == "true" or element.get("role") in _ROLES:
            return True
        if tag in _OF_THE_PAGE:
            return next(element.iterancestors("article", "main"), None) is None
        if tag in ("div", "ul", "section", "table", "span"):
            names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
            if _FURNITURE.search(names):
                return True
            length = self._lengths.get(element, 0)
            links = self._in_links.get(element, (0, 0))
            return links[1] >= 4 and links[0] >= 0.8 * length and tag in ("ul", "div")
        return False

    def _share(self, element: etree._Element) -> float:
        return self._lengths.get(element, 0) / self._whole

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
        if not text:
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
            self._lines.append(line)


def _lengths(root: etree._Element) -> tuple[dict[etree._Element, int], dict[etree._Element, tuple[int, int]]]:
    """Of each element its characters of text, and (characters in links, number of links)."""
    lengths: dict[etree._Element, int] = {}
    links: dict[etree._Element, tuple[int, int]] = {}
    for _, element in etree.iterwalk(root, events=("end",)):
        length = len((element.text or "").strip())
        inside, count = 0, 0
        if element.tag in ("script", "style", "head", "template", "noscript"):
            length = 0
        else:
            for child in element:
                length += lengths[child] + len((child.tail or "").strip())
                inside, count = inside + links[child][0], count + links[child][1]
        lengths[element] = length
        links[element] = (length, 1) if element.tag == "a" else (inside, count)
    return lengths, links


def _whole_number(written: str | None, default: int) -> int:
    try:
        return int((written or "").strip()[:9])
    except ValueError:
        return default
