"""What of a document each leg indexes: the texts that are embedded, the terms that are counted.

A passage is embedded with its document's title before it (context that is not
part of the quote); a sentence stands alone. Rows are in the order of the
document's passages, and of their sentences. Renderings into the other language are legs
of their own; a passage or sentence without one has None there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from baycase.corpus.language import language_of
from baycase.corpus.records import Document, Rendering
from baycase.corpus.renderings import rendering_of

Level = Literal["passages", "sentences"]
Renderings = Mapping[str, Rendering]
"""Source text → its rendering into the other language (English of Chinese, Chinese of English)."""
Texts = Sequence[str | None]


def other_language(renderings: Sequence[Rendering]) -> dict[str, Rendering]:
    """Those that lead into the other language; a change of script alone does not."""
    return {r.source_text: r for r in renderings if r.language[:2] != language_of(r.source_text)[:2]}


def passage_texts(document: Document, renderings: Renderings) -> Texts:
    """One text to embed a passage."""
    title = document.title
    texts = (p.span.of(document.text) for p in document.passages)
    return [f"{title}\n{text}" if title and not text.startswith(title) else text for text in texts]


def sentence_texts(document: Document, renderings: Renderings) -> Texts:
    """One text to embed a sentence, over all passages in turn."""
    return [s.span.of(document.text) for p in document.passages for s in p.sentences]


def rendered_sentences(document: Document, renderings: Renderings) -> Texts:
    if not renderings:
        return [None] * sum(len(passage.sentences) for passage in document.passages)
    found = (rendering_of(document.text, s.span, s.heading, renderings) for p in document.passages for s in p.sentences)
    return [rendering and rendering.text for rendering in found]


def rendered_passages(document: Document, renderings: Renderings) -> Texts:
    """A passage is rendered when each of its sentences is; its title's rendering goes before it."""
    if not renderings:
        return [None] * len(document.passages)
    sentences = iter(rendered_sentences(document, renderings))
    title = renderings.get(document.title)
    texts: list[str | None] = []
    for passage in document.passages:
        parts = [next(sentences) for _ in passage.sentences]
        whole = None if not parts or None in parts else " ".join(part for part in parts if part)
        texts.append(f"{title.text}\n{whole}" if whole and title else whole)
    return texts


@dataclass(frozen=True, slots=True)
class Field:
    """What a leg indexes: whether it scores passages or sentences, and a document's texts for it, one each."""

    level: Level
    texts: Callable[[Document, Renderings], Texts]


VECTOR_FIELDS: dict[str, Field] = {
    "passages": Field("passages", passage_texts),
    "sentences": Field("sentences", sentence_texts),
    "rendered_passages": Field("passages", rendered_passages),
    "rendered_sentences": Field("sentences", rendered_sentences),
}


@dataclass(frozen=True, slots=True)
class TermField(Field):
    """A lexical leg: a field and how a text becomes terms, by its name in `pieces.ANALYSES`."""

    analysis: str


TERM_FIELDS: dict[str, TermField] = {
    "terms": TermField("passages", passage_texts, "words"),
    "sentence_terms": TermField("sentences", sentence_texts, "words"),
    "bigrams": TermField("passages", passage_texts, "bigrams"),
    "sentence_bigrams": TermField("sentences", sentence_texts, "bigrams"),
    "gloss": TermField("passages", passage_texts, "gloss"),
    "sentence_gloss": TermField("sentences", sentence_texts, "gloss"),
    "rendered": TermField("passages", rendered_passages, "words"),
    "sentence_rendered": TermField("sentences", rendered_sentences, "words"),
}


def embedded_texts(document: Document, renderings: Renderings) -> Iterator[str]:
    """Every text of a document whose embedding the library keeps."""
    for field in VECTOR_FIELDS.values():
        yield from (text for text in field.texts(document, renderings) if text)
