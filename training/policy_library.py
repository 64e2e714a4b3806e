"""Libraries of policy notes, to calibrate by: what was held out, as it is and muted, with and without renderings.

What a sentence says is asked of a library where it says so and of one where it does not: a question's wording
cannot tell which.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from baycase.corpus.reader import read_path
from baycase.corpus.records import Document, Rendering
from baycase.eval.testset import ANSWERS, Evidence, Question
from baycase.index.build import open_writer
from baycase.index.encoder import Encoder
from baycase.search.library import Library
from baycase.training.policies import Asked, Note


def note_library(
    folder: Path, notes: Sequence[Note], encoder: Encoder, *, muted: bool = False, rendered: bool = True
) -> Library:
    """A library of the notes in a new folder; a document's id is its note's name."""
    folder.mkdir()
    documents = [_document(note, folder, muted) for note in notes]
    with open_writer(folder / "library") as writer:
        writer.refresh(documents, encoder, renderings=_renderings(notes, muted) if rendered else ())
    return Library(folder / "library", encoder=encoder)


def _document(note: Note, folder: Path, muted: bool) -> Document:
    path = folder / f"{note.name}.txt"
    path.write_text(note.text("zh", muted)[0], encoding="utf-8")
    (document,) = read_path(path, path.name)
    return replace(document, doc_id=note.name)


def _renderings(notes: Iterable[Note], muted: bool) -> list[Rendering]:
    return [Rendering(words["zh"], "en", words["en"], "project") for note in notes for words in note.spoken(muted)]


def questions_about(notes: Iterable[Note], library: Library) -> list[Question]:
    """What the notes answer, with where they do in the library's texts."""
    texts = {document.doc_id: document.text for document in library.documents()}
    return [_question(note, asked, texts[note.name]) for note in notes for asked in note.asked]


def near_questions(notes: Iterable[Note]) -> list[Question]:
    """What the notes do not answer though they are about it."""
    return [_near(note, asked) for note in notes for asked in note.near]


def silenced_questions(notes: Iterable[Note]) -> list[Question]:
    """What the notes would answer if they were not muted."""
    return [_near(note, asked) for note in notes for asked in note.asked if asked.sentence in note.muted]


def _question(note: Note, asked: Asked, text: str) -> Question:
    quote = note.sentences[asked.sentence]["zh"]
    start = text.index(quote)
    evidence = Evidence(note.name, start, start + len(quote), quote, ANSWERS)
    return replace(_near(note, asked), relevant={note.name: ANSWERS}, evidence=(evidence,))


def _near(note: Note, asked: Asked) -> Question:
    return Question(note.identity(asked), asked.text, asked.subset, {}, group=f"note {note.name}")
