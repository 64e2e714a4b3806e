"""Renderings: translations of sentences, headings, titles and names, kept beside the source, never instead of it.

Read from TMX 1.4 (what translators keep), CSV or XLSX with two columns (source, translation); written
as TMX. A rendering is keyed by its source text; where it is shown, and what it is
matched against, are said elsewhere.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, cast

from baycase.corpus.decoding import decode
from baycase.corpus.formats.archive import check_archive
from baycase.corpus.language import language_of
from baycase.corpus.limits import LIMITS
from baycase.corpus.records import Rendering, Span
from baycase.corpus.shown import shown
from baycase.errors import DocumentError

Origin = Literal["official", "project", "machine"]
ORIGINS: tuple[Origin, ...] = ("official", "project", "machine")
TRUST = {"machine": 0, "project": 1, "official": 2}
_ORIGIN_PROPERTY = "x-origin"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def rendering_of(text: str, span: Span, heading: Span | None, renderings: Mapping[str, Rendering]) -> Rendering | None:
    """The rendering of a sentence; of a heading with its sentence, the two renderings joined.

    A joined rendering is as trustworthy as the less trusted of the two.
    """
    source = span.of(text).strip()
    whole = renderings.get(source)
    if whole is not None or heading is None:
        return whole
    first = renderings.get(heading.of(text).strip())
    second = renderings.get(text[heading.end : span.end].strip())
    if first is None or second is None:
        return None
    weaker = min((first, second), key=lambda rendering: TRUST[rendering.origin])
    return Rendering(source, first.language, f"{first.text} {second.text}", weaker.origin)


def read_renderings(path: Path, origin: Origin | None = None) -> list[Rendering]:
    """Renderings of a TMX, CSV or XLSX file; `origin` stands where the file does not say one (default: official).

    Raises DocumentError for a file that is none of these or holds no pair.
    """
    readers = {".tmx": _read_tmx, ".csv": _read_csv, ".tsv": _read_csv, ".xlsx": _read_xlsx}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DocumentError(f"{shown(path)}: expected a .tmx, .csv, .tsv or .xlsx file of translations")
    if not path.is_file():
        raise DocumentError(f"{shown(path)}: no such file")
    LIMITS.check_size(path)
    try:
        found = reader(path, origin or "official")
    except OSError as error:
        raise DocumentError(f"{shown(path)}: cannot be read ({error.strerror})") from error
    if not found:
        raise DocumentError(f"{shown(path)}: no pair of a text and its translation in it")
    return found


def _read_tmx(path: Path, origin: Origin) -> list[Rendering]:
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        tree = etree.fromstring(path.read_bytes(), parser).getroottree()
    except etree.XMLSyntaxError as error:
        raise DocumentError(f"{shown(path)}: not well-formed TMX ({shown(str(error))})") from error
    root = tree.getroot()
    if root.tag != "tmx":
        raise DocumentError(f"{shown(path)}: not TMX; its outermost element is {shown(str(root.tag))}, expected tmx")
    # TMX names its document type, but has no need to declare entities: they are how a small file grows large.
    declared = tree.docinfo.internalDTD
    if declared is not None and next(declared.iterentities(), None) is not None:
        raise DocumentError(f"{shown(path)}: declares XML entities; a translation memory has none")
    header = root.find("header")
    source_language = "" if header is None else header.get("srclang", "")
    default = _origin_of(header, origin) if header is not None else origin
    found = []
    for unit in root.iter("tu"):
        segments = [(v.get(_LANG) or v.get("lang") or "", _segment(v), v) for v in unit.iter("tuv")]
        wanted = (unit.get("srclang") or source_language).lower()
        sources = [text for language, text, _ in segments if language.lower() == wanted]
        source = sources[0] if sources else (segments[0][1] if segments else "")
        unit_origin = _origin_of(unit, default)
        for language, text, variant in segments:
            if source and text and text != source:
                found.append(Rendering(source, _language(language, text), text, _origin_of(variant, unit_origin)))
    return found


def _segment(variant: Any) -> str:
    segment = variant.find("seg")
    return "" if segment is None else "".join(segment.itertext()).strip()


def _origin_of(element: Any, default: Origin) -> Origin:
    for prop in element.findall("prop"):
        if prop.get("type") == _ORIGIN_PROPERTY and prop.text in ORIGINS:
            return cast(Origin, prop.text)
    return default


def _language(code: str, text: str) -> str:
    """zh-Hans, zh-Hant or en, from a TMX language code (zh-HK, EN-GB), else from the text."""
    code = code.lower()
    if code.startswith("en"):
        return "en"
    if code in ("zh-cn", "zh-sg", "zh-hans"):
        return "zh-Hans"
    if code in ("zh-hk", "zh-mo", "zh-tw", "zh-hant"):
        return "zh-Hant"
    return language_of(text)


def _read_csv(path: Path, origin: Origin) -> list[Rendering]:
    text = decode(path.read_bytes(), str(path))
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    try:
        return _pairs(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), origin)
    except csv.Error as error:
        raise DocumentError(f"{shown(path)}: not a CSV file ({error})") from error


def _read_xlsx(path: Path, origin: Origin) -> list[Rendering]:
    check_archive(path, "xl/workbook.xml", LIMITS)
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=3, max_row=LIMITS.rows, values_only=True)
        found = _pairs([["" if cell is None else str(cell) for cell in row] for row in rows], origin)
        book.close()
    except Exception as error:  # openpyxl raises what comes: KeyError, ValueError, TypeError, XML errors
        raise DocumentError(f"{shown(path)}: not a workbook, or a damaged one ({shown(str(error)[:80])})") from error
    return found


def _pairs(rows: Iterable[list[str]], origin: Origin) -> list[Rendering]:
    """Two columns: source, translation; a third may name the origin. A row in one language is the table's header."""
    found = []
    for row in rows:
        cells = [cell.strip() for cell in row[:3]] + ["", "", ""]
        source, text, said = cells[:3]
        if source and text and language_of(source)[:2] != language_of(text)[:2]:
            found.append(Rendering(source, language_of(text), text, cast(Origin, said) if said in ORIGINS else origin))
    return found


def write_tmx(path: Path, renderings: Iterable[Rendering]) -> int:
    """Write renderings as TMX 1.4, sources in their order; returns how many."""
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    units: dict[str, list[Rendering]] = {}
    for rendering in renderings:
        units.setdefault(rendering.source_text, []).append(rendering)
    source_language = _TMX_CODES[language_of(next(iter(units), ""))]
    root = etree.Element("tmx", version="1.4")
    etree.SubElement(root, "header", {
        "creationtool": "baycase", "creationtoolversion": "1", "segtype": "sentence", "o-tmf": "baycase",
        "adminlang": "en", "srclang": source_language, "datatype": "plaintext",
    })  # fmt: skip
    body = etree.SubElement(root, "body")
    for source, translations in units.items():
        code = _TMX_CODES[language_of(source)]
        unit = etree.SubElement(body, "tu", {} if code == source_language else {"srclang": code})
        etree.SubElement(unit, "prop", type=_ORIGIN_PROPERTY).text = translations[0].origin
        _add_variant(unit, code, source)
        for each in translations:
            own = None if each.origin == translations[0].origin else each.origin
            _add_variant(unit, _TMX_CODES[each.language], each.text, own)
    path.write_bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))
    return sum(map(len, units.values()))


def _add_variant(unit: Any, code: str, text: str, origin: Origin | None = None) -> None:
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    variant = etree.SubElement(unit, "tuv", {_LANG: code})
    if origin:
        etree.SubElement(variant, "prop", type=_ORIGIN_PROPERTY).text = origin
    etree.SubElement(variant, "seg").text = _NOT_XML.sub(" ", text)


_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TMX_CODES = {"zh-Hans": "zh-CN", "zh-Hant": "zh-HK", "en": "en-GB"}
