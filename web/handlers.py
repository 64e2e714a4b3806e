"""What every handler of the page has in common: the role is checked, errors become calm messages.

A handler takes an address and gives HTML. A `BayCaseError` is shown as it is; anything else goes to
the log without the visitor's words and shows as a bug.
"""

import logging
from collections.abc import Callable
from typing import Any

import gradio as gr

from baycase.errors import BayCaseError, LibraryError, QueryError
from baycase.web.access import RefusedError, Role, demand
from baycase.web.address import Address
from baycase.web.cards import notice
from baycase.web.languages import Texts
from baycase.web.markup import escape, link, tag
from baycase.web.quiet import where_it_failed

log = logging.getLogger("baycase.web")


def guarded(
    view: Callable[..., str], t: Texts, *, role: Role = "reader", failed: Callable[[BayCaseError], str] | None = None
) -> Callable[..., str]:
    """The Gradio handler for a view: `(request, query_string, *more)` → HTML, which says of which address it is."""

    def handler(request: gr.Request, query_string: str, *more: Any) -> str:
        return tag("div", answered(request, query_string, *more), data_at=str(query_string or ""))

    def answered(request: gr.Request, query_string: str, *more: Any) -> str:
        try:
            demand(request, role)
            return view(Address.parse(str(query_string or ""), t.language), *more)
        except BayCaseError as error:
            return failed(error) if failed else error_notice(error, t)
        except Exception as error:
            log.error("baycase: %s failed\n%s", view.__qualname__, where_it_failed(error))
            return notice(t["error.title"], t["error.bug"], kind="error")

    return handler


def error_notice(error: BayCaseError, t: Texts) -> str:
    """An error that the visitor can mend, with the next step."""
    if isinstance(error, RefusedError):
        return notice(t["error.refused"], t["error.refused.next"], kind="error")
    if isinstance(error, LibraryError):
        to = Address(lang=t.language)
        more = f"<p>{link(to.elsewhere('library'), escape(t['nav.library']), class_='bc-button')}</p>"
        return notice(
            t["library.missing"] if _is_empty(error) else t["library.problem"],
            t["library.missing.next"] if _is_empty(error) else str(error),
            more,
        )
    title = t["error.title"] if not isinstance(error, QueryError) else t["error.query"]
    return notice(title, str(error), kind="error")


def _is_empty(error: BayCaseError) -> bool:
    return "no documents" in str(error) or "no library" in str(error)
