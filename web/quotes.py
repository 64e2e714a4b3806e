"""How a quoted text is shown to a reader: with marks; for English readers with word glosses, for
readers of traditional Chinese with a converted copy beside the original.

The original is always there and never changed. It knows no library.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from baycase.corpus.folding import convert_script
from baycase.corpus.language import language_of
from baycase.web.languages import Texts
from baycase.web.markup import escape, marked, tag


class Glossary(Protocol):
    """Gives (start, end, gloss) for the words of a text that it knows."""

    def words(self, text: str) -> list[tuple[int, int, str]]: ...


@dataclass(frozen=True, slots=True)
class Quotes:
    """A reader's way of seeing quotes; `glosses` is None until it has been read."""

    t: Texts
    glosses: Glossary | None = None

    def show(self, text: str, offset: int, marks: Iterable[tuple[int, int, str]], *, class_: str) -> str:
        """`text`, which stands at `offset` in its document, as a block quote."""
        marks = list(marks)
        language = language_of(text)
        inner = [tag("blockquote", marked(text, offset, marks), lang=language, class_=f"{class_} bc-original")]
        if self.t.language == "zh-Hant" and language == "zh-Hans":
            inner.append(self._converted(text, offset, marks, class_))
        if self.t.language == "en" and language != "en" and self.glosses is not None:
            inner.append(self._glossed(text))
        return "".join(inner)

    def switch(self) -> str:
        """The button that shows converted text or the original; only for readers of traditional Chinese."""
        if self.t.language != "zh-Hant":
            return ""
        button = tag(
            "button",
            escape(self.t["converted.toggle"]),
            type="button",
            class_="bc-button",
            data_converted=True,
            aria_pressed="false",
        )
        return tag("p", button, class_="bc-switch")

    def _converted(self, text: str, offset: int, marks: list[tuple[int, int, str]], class_: str) -> str:
        converted = convert_script(text, "s2hk")
        if len(converted) != len(text):  # marks would slip: show it without them
            marks = []
        quote = tag("blockquote", marked(converted, offset, marks), lang="zh-Hant", class_=class_)
        return tag("div", quote, tag("p", escape(self.t["converted.note"]), class_="bc-origin"), class_="bc-converted")

    def _glossed(self, text: str) -> str:
        """The words with their meanings; hover, tap and focus show one, and the list can be read in full."""
        assert self.glosses is not None
        pieces, last, known = [], 0, {}
        for start, end, gloss in self.glosses.words(text):
            word = text[start:end]
            known.setdefault(word, gloss)
            pieces += [escape(text[last:start]), tag("span", escape(word), class_="bc-word", data_gloss=gloss)]
            last = end
        pieces.append(escape(text[last:]))
        rows = "".join(
            tag("div", tag("dt", escape(word), lang="zh-Hans"), tag("dd", escape(gloss)))
            for word, gloss in known.items()
        )
        return tag(
            "details",
            tag("summary", escape(self.t["gloss.title"])),
            tag("p", *pieces, lang=language_of(text), class_="bc-glossed"),
            tag("dl", rows, class_="bc-glosses"),
            tag("p", escape(self.t["gloss.note"]), class_="bc-small"),
            class_="bc-gloss",
        )
