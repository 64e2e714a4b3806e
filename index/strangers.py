"""Whether the rows of a database say what a library's rows may say, whoever wrote them.

A checksum fits whatever its writer put in. Here every row is looked at for what it means: spans within their text,
fields that are fields, vectors that are numbers. It changes nothing.
"""

from collections.abc import Iterator

import numpy as np

from baycase.corpus.records import Document
from baycase.corpus.renderings import ORIGINS
from baycase.corpus.shown import shown, shown_text
from baycase.corpus.transport import NotADocumentError, document_from_json, document_to_json
from baycase.errors import DamagedLibraryError
from baycase.index.database import Database

_LONGEST_NUMBER = 9  # digits of a generation's number


def problems(database: Database) -> Iterator[str]:
    """What is wrong, a line each; the database's checksums have been found right."""
    for key, value in database.all_meta().items():
        if not isinstance(value, str):
            yield f"{shown(str(key))[:40]!r} of meta is no text"
        elif key == "generation" and not (value.isascii() and value.isdigit() and len(value) <= _LONGEST_NUMBER):
            yield f"the generation is called {shown(value)[:40]!r}"
    try:
        for document in database.documents():
            if problem := _document_problem(document):
                yield f"document {shown(str(document.doc_id))[:80]!r}: {problem}"
    except DamagedLibraryError as error:
        yield str(error)
    for rendering in database.renderings():
        if not all(isinstance(each, str) for each in (rendering.source_text, rendering.language, rendering.text)):
            yield "a rendering is no text"
        elif rendering.origin not in ORIGINS:
            yield f"a rendering is of origin {shown(str(rendering.origin))[:40]!r}"
    for model, vectors in database.all_vectors():
        if vectors is None or not np.isfinite(vectors).all():
            yield f"the vectors of {shown(str(model))[:60]!r} are not numbers, or not of one length"


def _document_problem(document: Document) -> str | None:
    try:
        if document_from_json(document_to_json(document)) != document:
            return "its fields are not of the form that a document has"
    except (NotADocumentError, TypeError, ValueError, AttributeError) as error:
        return shown(str(error))[:120]
    name = document.doc_id
    if not name.strip() or shown_text(name) != name or "\n" in name:
        return "its name is none"
    if not all(passage.sentences for passage in document.passages):
        return "a passage is without sentences"
    return None
