"""HTML from values: everything that is not markup made here is escaped. No document, no library.

Document text reaches the page through `escape` and `marked` only.
"""

from collections.abc import Iterable, Sequence
from html import escape as _escape
from itertools import pairwise

from baycase.corpus.language import language_of


def escape(value: object) -> str:
    """Text as HTML shows it, in an element or a quoted attribute; bidirectional controls are made visible."""
    text = str(value).translate(_CONTROLS)
    return _escape(text, quote=True)


# A control character in a title could reorder what stands around it, or end the text early.
_BIDIRECTIONAL = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, *_BIDIRECTIONAL), "\ufffd")


def attributes(**values: object) -> str:
    """` class="…" data-doc="…"`: class_ becomes class, _ a hyphen; None and False are left out, True stands alone."""
    found = []
    for name, value in values.items():
        if value is None or value is False:
            continue
        name = name.rstrip("_").replace("_", "-")
        found.append(f" {name}" if value is True else f' {name}="{escape(value)}"')
    return "".join(found)


def tag(name: str, /, *content: str, **values: object) -> str:
    """An element; `content` is HTML already."""
    return f"<{name}{attributes(**values)}>{''.join(content)}</{name}>"


def link(href: str, /, *content: str, **values: object) -> str:
    """A link within the page, which the page's script follows without loading it anew."""
    return tag("a", *content, href=href, data_go=True, **values)


def text_in(text: str, *, element: str = "span", **values: object) -> str:
    """Text in an element that says which language it is in, so that each script gets its own glyphs."""
    return tag(element, escape(text), lang=language_of(text) if text.strip() else None, **values)


def marked(text: str, offset: int, marks: Iterable[tuple[int, int, str]]) -> str:
    """`text`, whose first character has offset `offset` in its document, with (start, end, class) marks.

    Marks may nest or overlap; a piece under several gets all their classes.
    """
    spans = [(max(start - offset, 0), min(end - offset, len(text)), name) for start, end, name in marks]
    spans = [(start, end, name) for start, end, name in spans if start < end]
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    return "".join(_piece(text, a, b, spans) for a, b in pairwise(edges))


def _piece(text: str, start: int, end: int, spans: Sequence[tuple[int, int, str]]) -> str:
    names = [name for a, b, name in spans if a <= start and end <= b]
    words = escape(text[start:end])
    return f'<mark class="{escape(" ".join(names))}">{words}</mark>' if names else words
