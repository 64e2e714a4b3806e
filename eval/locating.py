"""Pasted evidence finds its place: text from a document, however its white space and script came out, to offsets.

What stands in the document, and where, is told; what cannot be found is said to be missing, never guessed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from baycase.corpus.folding import fold_map
from baycase.index.generation import StoredDocument

SHORTEST = 4  # characters; less is found anywhere


@dataclass(frozen=True, slots=True)
class Place:
    """`text[start:end]` of the document is the passage that was pasted, white space and script aside."""

    doc_id: str
    start: int
    end: int
    quote: str


class Locator:
    """Documents, folded once, in which pasted texts are looked up."""

    def __init__(self, documents: Iterable[StoredDocument]) -> None:
        self._documents = [(document, *_folded(document.text)) for document in documents]

    @property
    def doc_ids(self) -> list[str]:
        return [document.doc_id for document, *_ in self._documents]

    def case(self, name: str) -> str | None:
        """The doc_id that a cell means: itself, a title, or a case's number (3, 案例三 by its title line)."""
        wanted = _folded(name)[0]
        for document, *_ in self._documents:
            number = str(document.case.number) if document.case else None
            if name.strip() == document.doc_id or name.strip() == number:
                return document.doc_id
        titled = [d.doc_id for d, *_ in self._documents if wanted and wanted == _folded(d.title)[0]]
        return titled[0] if len(titled) == 1 else None

    def places(self, pasted: str, within: Sequence[str] = ()) -> list[Place]:
        """Where a pasted text stands, in the documents named or in all; once a document, the first time."""
        wanted = _folded(pasted)[0]
        if len(wanted) < SHORTEST:
            return []
        found = []
        for document, folded, offsets in self._documents:
            if within and document.doc_id not in within:
                continue
            at = folded.find(wanted)
            if at >= 0:
                start, end = offsets[at], offsets[at + len(wanted) - 1] + 1
                found.append(Place(document.doc_id, start, end, document.text[start:end]))
        return found


def _folded(text: str) -> tuple[str, list[int]]:
    """Folded text without white space, and for each of its characters the offset in `text`."""
    folded, offsets = fold_map(text)
    kept = [number for number, character in enumerate(folded) if not character.isspace()]
    return "".join(folded[number] for number in kept), [offsets[number] for number in kept]
