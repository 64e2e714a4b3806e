"""What the rooms of the page share: the library, the glossary, and where answers to questions go.

Made once for the server. Nothing in it belongs to a visitor.
"""

from dataclasses import dataclass, field

from baycase.web.languages import Texts
from baycase.web.quotes import Glossary, Quotes
from baycase.web.shelf import Shelf


@dataclass(slots=True)
class Desk:
    """`glossary` is None until it has been read, in the background."""

    shelf: Shelf
    glossary: Glossary | None = field(default=None)

    def quotes(self, t: Texts) -> Quotes:
        return Quotes(t, self.glossary)
