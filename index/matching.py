"""Which renderings belong to a library's texts.

White space aside the texts must be equal. A pair whose translation is what the library holds is
turned round: a translation memory works for either of its languages. It knows no files and no
embeddings.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from baycase.corpus.language import language_of
from baycase.corpus.records import Document, Rendering
from baycase.corpus.renderings import TRUST
from baycase.index.generation import renderable_texts


@dataclass(frozen=True, slots=True)
class Matched:
    """`found` are keyed by the documents' own texts; `unmatched` are as they were read."""

    found: tuple[Rendering, ...]
    unmatched: tuple[Rendering, ...]


def match(renderings: Iterable[Rendering], documents: Iterable[Document]) -> Matched:
    """Renderings of sentences, headings (with or without their sentence), titles and units of documents."""
    texts: dict[str, dict[str, None]] = {}
    for document in documents:
        for text in renderable_texts(document):
            texts.setdefault(_key(text), {})[text] = None
    found, unmatched = [], []
    for rendering in renderings:
        here = texts.get(_key(rendering.source_text), ())
        turned = _turned(rendering) if _key(rendering.text) in texts else None
        found += [replace(rendering, source_text=text) for text in here]
        if turned:
            found += [replace(turned, source_text=text) for text in texts[_key(turned.source_text)]]
        if not here and not turned:
            unmatched.append(rendering)
    return Matched(tuple(found), tuple(unmatched))


def news(found: Iterable[Rendering], held: Iterable[Rendering]) -> list[Rendering]:
    """Those that add to or change what is held: a less trusted one never takes the place of a more trusted one.

    Of two in `found` that are trusted alike, the later counts.
    """
    best = {(r.source_text, r.language): r for r in held}
    new: dict[tuple[str, str], Rendering] = {}
    for rendering in found:
        key = (rendering.source_text, rendering.language)
        other = best.get(key)
        if other is None or (other != rendering and TRUST[rendering.origin] >= TRUST[other.origin]):
            best[key] = new[key] = rendering
    return list(new.values())


def _turned(rendering: Rendering) -> Rendering:
    return Rendering(rendering.text, language_of(rendering.source_text), rendering.source_text, rendering.origin)


def _key(text: str) -> str:
    return "".join(text.split())
