"""The page's three languages and their texts, one JSON file each, all with the same keys.

It knows nothing of what is shown with the texts.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
DEFAULT = "zh-Hans"
NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}


class Texts(dict[str, str]):
    """Texts by key, with the language they are in; a missing key is an error, never an empty label."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        super().__init__(texts)
        self.language = language


@cache
def texts(language: str) -> Texts:
    """The texts of one of `LANGUAGES`."""
    return Texts(language, json.loads((files("baycase.web") / "texts" / f"{language}.json").read_text("utf-8")))


def known(language: str | None) -> str | None:
    """One of `LANGUAGES` for a tag such as `zh-HK` or `en_GB`; None for another language."""
    tag = (language or "").strip().replace("_", "-").lower()
    if tag.startswith("en"):
        return "en"
    if tag.startswith("zh"):
        return "zh-Hant" if any(part in tag for part in ("hant", "hk", "mo", "tw")) else "zh-Hans"
    return None


def preferred(accept_language: str) -> str:
    """The first language of an Accept-Language header that the page speaks."""
    for part in accept_language.split(","):
        found = known(part.split(";")[0])
        if found:
            return found
    return DEFAULT
