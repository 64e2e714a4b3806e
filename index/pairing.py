"""Renderings out of two documents that are each other's translation."""

from collections.abc import Sequence

from baycase.corpus.language import language_of
from baycase.corpus.records import Document, Rendering, Sentence
from baycase.corpus.renderings import Origin
from baycase.errors import UsageError
from baycase.index.alignment import align
from baycase.index.encoder import Encoder


def paired(
    first: Sequence[Document], second: Sequence[Document], encoder: Encoder, origin: Origin
) -> tuple[list[Rendering], list[Rendering]]:
    """Renderings of `first`'s sentences by `second`'s: the sure ones, and the doubtful ones.

    Where both sentences of a pair have a heading, the headings and what they head are renderings too.
    Raises UsageError where both sides are in one language.
    """
    ours, theirs = _sentences(first), _sentences(second)
    language = _language(theirs)
    if not ours or not theirs or _language(ours)[:2] == language[:2]:
        names = " and ".join(side[0].source if side else "nothing" for side in (first, second))
        raise UsageError(f"{names}: expected one text in Chinese and one in English")
    try:
        pairs = align([_text(*s) for s in ours], [_text(*s) for s in theirs], encoder)
    except ValueError as error:
        raise UsageError(f"{error}; pair smaller parts") from error
    sure: list[Rendering] = []
    doubtful: list[Rendering] = []
    for pair in pairs:
        source = [ours[at] for at in pair.source]
        target = [theirs[at] for at in pair.target]
        into = sure if pair.sure else doubtful
        into.append(
            Rendering(" ".join(_text(*s) for s in source), language, " ".join(_text(*t) for t in target), origin)
        )
        if len(source) == len(target) == 1:
            parts = zip(_parts(*source[0]), _parts(*target[0]), strict=False)
            into += [Rendering(one, language, other, origin) for one, other in parts]
    return sure, doubtful


def _sentences(documents: Sequence[Document]) -> list[tuple[Document, Sentence]]:
    return [(d, sentence) for d in documents for passage in d.passages for sentence in passage.sentences]


def _text(document: Document, sentence: Sentence) -> str:
    return sentence.span.of(document.text).strip()


def _parts(document: Document, sentence: Sentence) -> list[str]:
    """A sentence's heading and what it heads; nothing where it has none."""
    if sentence.heading is None:
        return []
    rest = document.text[sentence.heading.end : sentence.span.end].strip()
    return [sentence.heading.of(document.text).strip(), rest]


def _language(sentences: Sequence[tuple[Document, Sentence]]) -> str:
    return language_of("\n".join(_text(*sentence) for sentence in sentences))
