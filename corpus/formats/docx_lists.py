"""The numbers that Word shows before paragraphs but keeps out of their text, from numbering.xml and the styles.

Knows the order of paragraphs only by being asked for them one after another.
"""

import re

from baycase.corpus.formats.list_numbers import written_number

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAX_BASES = 20  # styles that build on one another; a circle of them ends here
_CONTENTS = re.compile(r"(?:toc|目录)\s*\d", re.I)


class Lists:
    """The running numbers of a document's lists."""

    def __init__(self, document) -> None:
        self._levels: dict[
            str, dict[int, tuple[int, str, str, bool]]
        ] = {}  # by numId: start, format, text, space after
        self._group: dict[str, str] = {}  # lists of one abstract definition count together
        self._styles: dict[str, tuple[str | None, str | None, str | None]] = {}  # numId, level, the style it builds on
        self._contents: set[str] = set()
        self._counts: dict[str, dict[int, int]] = {}
        self._read_styles(document)
        self._read_numbering(document)

    def is_contents(self, paragraph) -> bool:
        """Whether the paragraph is a line of a table of contents."""
        return _style(paragraph) in self._contents

    def number(self, paragraph) -> str:
        """What is shown before the paragraph, with the space after it; "" for none and for bullets."""
        number_id, level_name = self._numbered_as(paragraph)
        levels = self._levels.get(number_id or "")
        if not levels:
            return ""
        level = int(level_name) if level_name and level_name.isdecimal() and len(level_name) < 3 else 0
        if level not in levels:
            return ""
        counts = self._counts.setdefault(self._group[number_id or ""], {})
        counts[level] = counts.get(level, levels[level][0] - 1) + 1
        for deeper in [each for each in counts if each > level]:
            del counts[deeper]
        _, style, pattern, spaced = levels[level]
        if style in ("bullet", "none"):
            return ""

        def of_level(match: re.Match[str]) -> str:
            at = int(match.group(1)) - 1
            start, its_style, _, _ = levels.get(at, (1, "decimal", "", True))
            return written_number(counts.get(at, start), its_style)

        written = re.sub(r"%([1-9])", of_level, pattern)
        # 一、 and （一） need no space; the tab that Word puts there is a matter of layout.
        return written + (" " if spaced and written[-1:].isascii() else "") if written.strip() else ""

    def _numbered_as(self, paragraph) -> tuple[str | None, str | None]:
        number_id, level = _num_pr(paragraph.find(f"{_W}pPr"))
        style = _style(paragraph)
        for _ in range(_MAX_BASES):
            if number_id is not None or style not in self._styles:
                break
            number_id, inherited, style = self._styles[style]
            level = level if level is not None else inherited
        return number_id, level

    def _read_styles(self, document) -> None:
        for style in document.styles.element.iterchildren(f"{_W}style"):
            name = style.get(f"{_W}styleId") or ""
            base = _value(style, "basedOn")
            self._styles[name] = (*_num_pr(style.find(f"{_W}pPr")), base)
            if _CONTENTS.match(_value(style, "name") or ""):
                self._contents.add(name)

    def _read_numbering(self, document) -> None:
        part = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
        if part is None:
            return
        numbering = part.element
        abstract = {e.get(f"{_W}abstractNumId"): e for e in numbering.iterchildren(f"{_W}abstractNum")}
        for number in numbering.iterchildren(f"{_W}num"):
            number_id, abstract_id = number.get(f"{_W}numId"), _value(number, "abstractNumId")
            if number_id is None or abstract_id not in abstract:
                continue
            levels = {}
            for level in abstract[abstract_id].iterchildren(f"{_W}lvl"):
                at = level.get(f"{_W}ilvl") or ""
                if at.isdecimal() and len(at) < 3:
                    levels[int(at)] = _level(level)
            restarts = False
            for override in number.iterchildren(f"{_W}lvlOverride"):
                at = override.get(f"{_W}ilvl") or ""
                own, start = override.find(f"{_W}lvl"), _value(override, "startOverride")
                if not (at.isdecimal() and len(at) < 3):
                    continue
                if own is not None:
                    levels[int(at)] = _level(own)
                if start is not None and int(at) in levels:
                    levels[int(at)] = (_whole(start), *levels[int(at)][1:])
                    restarts = True
            self._levels[number_id] = levels
            self._group[number_id] = f"num {number_id}" if restarts else f"abstract {abstract_id}"


def _level(level) -> tuple[int, str, str, bool]:
    return (
        _whole(_value(level, "start") or "1"),
        _value(level, "numFmt") or "decimal",
        (_value(level, "lvlText") or "")[:40],
        _value(level, "suff") != "nothing",
    )


def _whole(written: str) -> int:
    return int(written) if written.isdecimal() and len(written) < 9 else 1


def _style(paragraph) -> str:
    properties = paragraph.find(f"{_W}pPr")
    return "" if properties is None else _value(properties, "pStyle") or ""


def _num_pr(properties) -> tuple[str | None, str | None]:
    found = None if properties is None else properties.find(f"{_W}numPr")
    return (None, None) if found is None else (_value(found, "numId"), _value(found, "ilvl"))


def _value(element, name: str) -> str | None:
    found = element.find(f"{_W}{name}")
    return None if found is None else found.get(f"{_W}val")
