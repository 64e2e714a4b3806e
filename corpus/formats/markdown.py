"""Markdown: kept as it stands, but that the fields of a case lose their signs (## **案例三** is 案例三).

Headings keep their # and are understood as headings. Offsets of the map count the file's decoded text.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from baycase.corpus.decoding import decode
from baycase.corpus.formats.extracted import FIELD, Assembly, check_text, composed
from baycase.corpus.limits import Limits
from baycase.corpus.reader import file_bytes, text_documents
from baycase.corpus.records import Document
from baycase.corpus.running_text import running_text
from baycase.corpus.shown import shown

_PREFIX = re.compile(r"\s*(?:#{1,6}\s+|[-*+]\s+|>\s*)*")
_SIGNS = re.compile(r"\*\*|__|\s+#+\s*$")


def read(path: Path, source: str, limits: Limits) -> Iterator[Document]:
    marked = decode(file_bytes(path), shown(path))
    check_text(marked, path, limits)
    assembly = Assembly()
    start = 0
    for line in marked.splitlines(keepends=True):
        _take(assembly, line, start)
        start += len(line)
    text, to_file = assembly.finish()
    restored = running_text(text)
    return text_documents(restored.text, composed(restored.source_map, to_file), path.stem, source)


def _take(assembly: Assembly, line: str, start: int) -> None:
    """The line, without its signs where it is a field."""
    prefix = _PREFIX.match(line)
    opening = prefix.end() if prefix else 0
    if not FIELD.match(_SIGNS.sub("", line[opening:]).strip()):
        assembly.take(line, start)
        return
    done = opening
    for sign in _SIGNS.finditer(line, opening):
        assembly.take(line[done : sign.start()], start + done)
        done = sign.end()
    assembly.take(line[done:], start + done)
    if not line[done:].endswith(("\n", "\r")):
        assembly.add("\n")
