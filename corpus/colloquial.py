"""Colloquial Cantonese into written Chinese, for matching only: 幾多 is 多少, 喺邊度 is 在哪里.

`cantonese.tsv` holds the forms; a row that maps a form to itself protects a standard word which
contains another form (點解決). What people typed is never shown changed.
"""

from functools import lru_cache
from importlib.resources import files

from baycase.corpus.folding import convert_script


def to_written(text: str) -> str:
    """`text` with colloquial forms, the longest first, replaced by written ones (simplified); other words untouched."""
    # A loop, because to compile a pattern of all forms takes longer than a whole question.
    forms, longest = _table()
    parts, at = [], 0
    while at < len(text):
        for length in range(min(longest, len(text) - at), 0, -1):
            if (written := forms.get(text[at : at + length])) is not None:
                parts.append(written)
                at += length
                break
        else:
            parts.append(text[at])
            at += 1
    return "".join(parts)


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], int]:
    """Forms in either script → written Chinese, and the length of the longest form."""
    forms: dict[str, str] = {}
    for line in files("baycase.corpus").joinpath("cantonese.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "yue\t")):
            spoken, written = line.split("\t")[:2]
            forms[spoken] = written
            forms.setdefault(convert_script(spoken, "t2s"), written)  # typed on a simplified keyboard: 点样
    return forms, max(map(len, forms), default=0)
