"""A question as search understands it: checked, its language known, its terms folded.

It knows the glossary, and nothing of any library. The text itself is kept as it was typed; what is
folded is for matching only.
"""

import unicodedata
from dataclasses import dataclass

from baycase.corpus.glossary import load_glossary
from baycase.corpus.language import Language, language_of
from baycase.corpus.terms import chinese_terms, english_terms, question_bigrams, question_terms
from baycase.errors import QueryError
from baycase.search.question_type import AnswerKind, answer_kind

MAX_QUESTION = 2_000  # characters; the model reads the first 512 tokens
MAX_PROPOSAL = 50_000


@dataclass(frozen=True, slots=True)
class Query:
    """`terms` are its folded words in any script, `english` the stems of its Latin words, `bigrams` its
    pairs of characters; `bridge` are the Chinese words that the glossary has for its terms, synonyms included."""

    text: str
    language: Language
    terms: tuple[str, ...]
    english: tuple[str, ...]
    bigrams: tuple[str, ...]
    bridge: tuple[str, ...]
    asks_for: AnswerKind

    @property
    def is_english(self) -> bool:
        return self.language == "en"


def understand(text: str) -> Query:
    """The query for a question; raises `QueryError` for what cannot be one."""
    text = checked(text, MAX_QUESTION, "question")
    terms, language = tuple(question_terms(text)), language_of(text)
    return Query(
        text=text,
        language=language,
        terms=terms,
        english=tuple(english_terms(text)),
        bigrams=tuple(question_bigrams(text)),
        bridge=_bridge(text, language, terms),
        asks_for=answer_kind(text),
    )


def _bridge(text: str, language: Language, terms: tuple[str, ...]) -> tuple[str, ...]:
    glossary = load_glossary()
    found = glossary.in_english(text) if language == "en" else [term for _, term in glossary.in_chinese(text)]
    names = dict.fromkeys(word for term in found for name in term.zh for word in chinese_terms(name))
    return tuple(word for word in names if word not in terms)


def checked(text: str, limit: int, what: str) -> str:
    """`text` without surrounding white space, once it is known to be something that can be searched for."""
    stripped = text.strip()
    if not any(character.isalnum() for character in stripped):
        found = "is empty" if not stripped else f"has no word in it: {stripped[:20]!r}"
        raise QueryError(f"the {what} {found}; type a few words, in Chinese or English")
    if len(stripped) > limit:
        raise QueryError(f"the {what} has {len(stripped):,} characters, at most {limit:,} are read; shorten it")
    for character in stripped:
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\r\t":
            raise QueryError(f"the {what} holds the control character U+{ord(character):04X}; remove it and try again")
    return stripped
