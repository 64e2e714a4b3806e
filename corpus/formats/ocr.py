"""Scanned pages as lines, by RapidOCR and the models it brings: the extra `ocr`.

Nothing is fetched. Knows pages as pictures; paragraphs and furniture are the caller's.
"""

from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_LONG_SIDE = 2_000  # pixels of a page's longer side
_SURE = 0.5  # lines below this are stains and stamps


def installed() -> bool:
    return find_spec("rapidocr") is not None


def lines(page: "PdfPage", number: int) -> Iterator[tuple[str, int, int, float, float, float, float]]:
    """(text, page, 0, left, right, bottom, top) of each line from top to bottom, in points."""
    width, height = page.get_size()
    scale = _LONG_SIDE / max(width, height, 1)
    picture = page.render(scale=scale).to_numpy()  # pyright: ignore[reportArgumentType]
    found = _engine()(picture)
    if found.boxes is None:
        return
    rows = []
    for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        if score >= _SURE and text.strip():
            across, down = [float(point[0]) for point in box], [float(point[1]) for point in box]
            rows.append((min(down), max(down), min(across), max(across), text.strip()))
    for top, bottom, left, right, text in sorted(rows):
        yield text, number, 0, left / scale, right / scale, height - bottom / scale, height - top / scale


@lru_cache(maxsize=1)
def _engine():
    import logging

    from rapidocr import RapidOCR  # pyright: ignore[reportMissingImports]

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR(params={"Global.log_level": "error"})
