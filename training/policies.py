"""Invented policy notes and the questions about them: policy text beyond the shipped cases, in both languages.

`training/questions/policies.txt` holds, a line an item and its fields divided by " | ": a note (`P`, its name and
script), its sentences in Chinese and English (`S`), questions with the number of the sentence that answers and the
answer's words in both languages (`Q-hans`, `Q-hant`, `Q-en`), some sentences once more, muted (`M`): on the same matter
without what is asked of them; and questions that nothing in the note answers, with the sentence that comes
nearest (`N-…`).

So a question stands with a sentence that answers it and with one that might be taken for it, and how it is
put does not tell which of the two is there. It does not know networks or losses.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from baycase.training.reading import Material, Paragraph, Question, bare, kind_of, sentences

NOTES = Path(__file__).parent / "questions" / "policies.txt"
SUBSETS = {"hans": "zh-Hans", "hant": "zh-Hant", "en": "en"}
EVERY = 8  # one note in so many is held out, to choose and to calibrate by


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about the sentence of number `sentence`, from 0; `answers`: its words by language, none if near."""

    text: str
    subset: str
    sentence: int
    answers: dict[str, str]


@dataclass(slots=True)
class Note:
    """A policy in sentences, each by language; `muted` are some of them once more, by number."""

    name: str
    subset: str
    sentences: list[dict[str, str]] = field(default_factory=list)
    muted: dict[int, dict[str, str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    near: list[Asked] = field(default_factory=list)

    def spoken(self, muted: bool) -> list[dict[str, str]]:
        """The sentences as they are, or those that have one in their muted form."""
        return [self.muted.get(n, sentence) if muted else sentence for n, sentence in enumerate(self.sentences)]

    def identity(self, asked: Asked) -> str:
        """What tells a question from those of all other notes."""
        return f"{self.name}: {asked.text}"

    def text(self, language: str, muted: bool = False) -> tuple[str, list[tuple[int, int]]]:
        """The note as one text, and where each sentence stands in it; title and reporting unit are lines."""
        text, spans = "", []
        for number, sentence in enumerate(self.spoken(muted)):
            words = sentence[language]
            text += "" if not text else "\n" if number < 3 else "" if language == "zh" else " "
            spans.append((len(text), len(text) + len(words)))
            text += words
        return text, spans


def read_notes(path: Path = NOTES) -> list[Note]:
    """The notes of a file, in its order. Raises ValueError with the line that is none of the forms above."""
    notes: list[Note] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        kind, *fields = (part.strip() for part in line.split("|"))
        try:
            if kind == "P":
                name, subset = fields
                notes.append(Note(name, subset))
            elif kind:
                _add(notes[-1], kind, fields)
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path.name}, line {number}: {line[:60]!r} is no item of a note") from error
    return notes


def _add(note: Note, kind: str, fields: list[str]) -> None:
    if kind == "S":
        chinese, english = fields
        note.sentences.append({"zh": chinese, "en": english})
        return
    sentence = int(fields.pop(0)) - 1
    note.sentences[sentence]  # a number beyond the note is an error of this line
    if kind == "M":
        chinese, english = fields
        note.muted[sentence] = {"zh": chinese, "en": english}
        return
    letter, _, script = kind.partition("-")
    if letter == "Q":
        chinese, english, text = fields
        note.asked.append(Asked(text, SUBSETS[script], sentence, {"zh": chinese, "en": english}))
    elif letter == "N":
        (text,) = fields
        note.near.append(Asked(text, SUBSETS[script], sentence, {}))
    else:
        raise ValueError(kind)


def held_out(notes: list[Note]) -> list[Note]:
    return notes[::EVERY]


def note_material(notes: Iterable[Note]) -> Material:
    """Every note as paragraphs in both languages, as it is and muted, article by name. An English question is asked of
    both languages. What a muted sentence was asked is near to the muted paragraph."""
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    near: list[Question] = []
    for note in notes:
        for language in ("zh", "en"):
            asked, beside = (
                [a for a in part if language == "zh" or a.subset == "en"] for part in (note.asked, note.near)
            )
            text, spans = note.text(language)
            number = _append(paragraphs, note, text, language)
            questions += [q for a in asked for q in _answered(note, a, number, text, spans[a.sentence], language)]
            near += [_unanswered(note, a, number, spans) for a in beside]
            muted, spans = note.text(language, muted=True)
            number = _append(paragraphs, note, muted, language)
            near += [_unanswered(note, a, number, spans) for a in asked if a.sentence in note.muted]
    return Material(paragraphs, questions, near)


def _append(paragraphs: list[Paragraph], note: Note, text: str, language: str) -> int:
    paragraphs.append(Paragraph(text, note.name, language, sentences(text, language)))
    return len(paragraphs) - 1


def _answered(
    note: Note, asked: Asked, number: int, text: str, span: tuple[int, int], language: str
) -> Iterator[Question]:
    """The question of a paragraph, where its answer stands in its sentence."""
    words = asked.answers[language]
    start = text.lower().find(words.lower(), *span)
    if start < 0:
        return
    found, own = text[start : start + len(words)], asked.subset[:2]
    key = asked.text if own == language else found
    yield Question(
        note.identity(asked), asked.text, found, start, number, own, kind_of(asked.text, found), key,
        (bare(found), bare(text[slice(*span)])),
    )  # fmt: skip


def _unanswered(note: Note, asked: Asked, number: int, spans: list[tuple[int, int]]) -> Question:
    start, own = spans[asked.sentence][0], asked.subset[:2]
    return Question(note.identity(asked), asked.text, "", start, number, own, "other", asked.text, ())
