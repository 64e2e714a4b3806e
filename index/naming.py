"""Document names: no two documents of a library have the same one, and each keeps its own.

It knows names and sources, and nothing of what documents hold.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from baycase.corpus.records import Document


def named_apart(documents: Sequence[Document], held: dict[str, str]) -> Iterator[Document]:
    """Documents under doc_ids that no other document has: where two collide the next free `-2`, `-3` …

    `held` (doc_id → source) is what the library has. A document keeps over refreshes what it was called, even
    when the one it collided with has gone.
    """
    own_names = {(document.source, document.doc_id) for document in documents}
    suffixed: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for doc_id, source in held.items():
        stem, dash, number = doc_id.rpartition("-")
        if dash and re.fullmatch("[1-9][0-9]*", number) and (source, doc_id) not in own_names:
            suffixed.setdefault((source, stem), []).append((int(number), doc_id))
    seen: set[str] = set()
    for document in documents:
        kept = [
            doc_id for _, doc_id in sorted(suffixed.get((document.source, document.doc_id), [])) if doc_id not in seen
        ]
        doc_id, number = document.doc_id, 1
        if held.get(doc_id) == document.source and doc_id not in seen:
            pass
        elif kept:
            doc_id = kept[0]
        else:
            while doc_id in seen or held.get(doc_id, document.source) != document.source:
                number += 1
                doc_id = f"{document.doc_id}-{number}"
        seen.add(doc_id)
        yield document if doc_id == document.doc_id else replace(document, doc_id=doc_id)
