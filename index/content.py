"""What of a document each leg indexes: the texts that are embedded, the terms that are counted.

A passage is embedded with its document's title before it (context that is not
part of the quote); a sentence stands alone. Rows are in the order of the
document's passages, and of their sentences.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from baycase.corpus.glosses import gloss_terms
from baycase.corpus.records import Document
from baycase.corpus.terms import chinese_terms


def passage_texts(document: Document) -> list[str]:
    """One text to embed a passage."""
    title = document.title
    texts = (p.span.of(document.text) for p in document.passages)
    return [f"{title}\n{text}" if title and not text.startswith(title) else text for text in texts]


def sentence_texts(document: Document) -> list[str]:
    """One text to embed a sentence, over all passages in turn."""
    return [s.span.of(document.text) for p in document.passages for s in p.sentences]


def passage_terms(document: Document) -> list[list[str]]:
    return [chinese_terms(text) for text in passage_texts(document)]


def sentence_terms(document: Document) -> list[list[str]]:
    return [chinese_terms(text) for text in sentence_texts(document)]


def passage_glosses(document: Document) -> list[list[str]]:
    return [gloss_terms(text) for text in passage_texts(document)]


def sentence_glosses(document: Document) -> list[list[str]]:
    return [gloss_terms(text) for text in sentence_texts(document)]


@dataclass(frozen=True, slots=True)
class TermField:
    """A lexical leg: its name, whether it scores passages or sentences, and a document's terms for it, one list each."""

    name: str
    level: Literal["passages", "sentences"]
    terms: Callable[[Document], list[list[str]]]


TERM_FIELDS = (
    TermField("terms", "passages", passage_terms),
    TermField("sentence_terms", "sentences", sentence_terms),
    TermField("gloss", "passages", passage_glosses),
    TermField("sentence_gloss", "sentences", sentence_glosses),
)


def embedded_texts(document: Document) -> Iterator[str]:
    """Every text of a document whose embedding the library keeps."""
    yield from passage_texts(document)
    yield from sentence_texts(document)
