"""Renderings: translations of sentences, headings, titles and names, kept beside the source, never instead of it.

Read from TMX 1.4 (what translators keep), CSV or XLSX with two columns (source, translation); written
as TMX. A rendering is keyed by its source text; where it is shown, and what it is
matched against, are said elsewhere.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, cast

from baycase.corpus.decoding import decode
from baycase.corpus.language import language_of
from baycase.corpus.records import Rendering, Span
from baycase.errors import DocumentError

Origin = Literal["official", "project", "machine"]
ORIGINS: tuple[Origin, ...] = ("official", "project", "machine")
_TRUST = {"machine": 0, "project": 1, "official": 2}
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
    weaker = min((first, second), key=lambda rendering: _TRUST[rendering.origin])
    return Rendering(source, first.language, f"{first.text} {second.text}", weaker.origin)


def read_renderings(path: Path, origin: Origin | None = None) -> list[Rendering]:
    """Renderings of a TMX, CSV or XLSX file; `origin` stands where the file does not say one (default: official).

    Raises DocumentError for a file that is none of these or holds no pair.
    """
    readers = {".tmx": _read_tmx, ".csv": _read_csv, ".tsv": _read_csv, ".xlsx": _read_xlsx}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DocumentError(f"{path}: expected a .tmx, .csv or .xlsx file of translations")
    if not path.is_file():
        raise DocumentError(f"{path}: no such file")
    found = reader(path, origin or "official")
    if not found:
        raise DocumentError(f"{path}: no pair of a text and its translation in it")
    return found


def _read_tmx(path: Path, origin: Origin) -> list[Rendering]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.parse(str(path), parser).getroot()
    except (etree.XMLSyntaxError, OSError) as error:
        raise DocumentError(f"{path}: not well-formed TMX ({error})") from error
    header = root.find("header")
    source_language = "" if header is None else header.get("srclang", "")
    default = _origin_of(header, origin) if header is not None else origin
    found = []
    for unit in root.iter("tu"):
        segments = [(v.get(_LANG) or v.get("lang") or "", _segment(v)) for v in unit.iter("tuv")]
        sources = [text for language, text in segments if language.lower() == source_language.lower()]
        source = sources[0] if sources else (segments[0][1] if segments else "")
        for language, text in segments:
            if source and text and text != source:
                found.append(Rendering(source, _language(language, text), text, _origin_of(unit, default)))
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
    return _pairs(csv.reader(io.StringIO(text), delimiter=delimiter), origin)


def _read_xlsx(path: Path, origin: Origin) -> list[Rendering]:
    import zipfile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise DocumentError(f"{path}: not a readable XLSX file ({error})") from error
    try:
        rows = [
            ["" if cell is None else str(cell) for cell in row]
            for row in book.worksheets[0].iter_rows(values_only=True)
        ]
    finally:
        book.close()
    return _pairs(rows, origin)


def _pairs(rows: Iterable[list[str]], origin: Origin) -> list[Rendering]:
    """Two columns: source, translation; a third may name the origin. A row in one language is a heading of the table."""
    found = []
    for row in rows:
        cells = [cell.strip() for cell in row[:3]] + ["", "", ""]
        source, text, said = cells[:3]
        if source and text and language_of(source)[:2] != language_of(text)[:2]:
            found.append(Rendering(source, language_of(text), text, cast(Origin, said) if said in ORIGINS else origin))
    return found


def write_tmx(path: Path, renderings: Iterable[Rendering]) -> int:
    """Write renderings as TMX 1.4, sources in their order; returns how many."""
    from lxml import etree

    units: dict[str, list[Rendering]] = {}
    for rendering in renderings:
        units.setdefault(rendering.source_text, []).append(rendering)
    first = next(iter(units), "")
    root = etree.Element("tmx", version="1.4")
    etree.SubElement(root, "header", {
        "creationtool": "baycase", "creationtoolversion": "1", "segtype": "sentence", "o-tmf": "baycase", "adminlang": "en",
        "srclang": _TMX_CODES[language_of(first)], "datatype": "plaintext",
    })  # fmt: skip
    body = etree.SubElement(root, "body")
    for source, translations in units.items():
        unit = etree.SubElement(body, "tu")
        etree.SubElement(unit, "prop", type=_ORIGIN_PROPERTY).text = translations[0].origin
        for code, text in [
            (_TMX_CODES[language_of(source)], source),
            *((_TMX_CODES[r.language], r.text) for r in translations),
        ]:
            variant = etree.SubElement(unit, "tuv", {_LANG: code})
            etree.SubElement(variant, "seg").text = text
    path.write_bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))
    return sum(map(len, units.values()))


_TMX_CODES = {"zh-Hans": "zh-CN", "zh-Hant": "zh-HK", "en": "en-GB"}
