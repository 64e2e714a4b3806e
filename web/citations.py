"""A citation as text to copy: in the form of GB/T 7714 and plain. Text in, text out."""

from datetime import date
from pathlib import PurePath


def gb7714(title: str, source: str, quote: str, page: int | None = None, today: date | None = None) -> str:
    """GB/T 7714—2015 for an electronic report: title[R/OL]. (source)[cited on]: page. “quote”

    Author and year are left out: a case file says neither.
    """
    cited = (today or date.today()).isoformat()
    where = f": {page}" if page else ""
    return f"{title}[R/OL]. {PurePath(source).name}[{cited}]{where}. “{quote}”"


def plain(title: str, quote: str, page: int | None = None) -> str:
    where = f"，第{page}页" if page else ""
    return f"“{quote}”（《{title}》{where}）"
