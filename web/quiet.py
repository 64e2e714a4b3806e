"""The log of a failure without the visitor's words: the kind of error and its places in the code.

Messages quote what was asked (Gradio's "Received inputs: […]", pydantic's `input_value=…`), and a log that holds
questions would have to be guarded as they are. It knows tracebacks and nothing of the page.
"""

import logging
import sys
import traceback
from typing import Any

log = logging.getLogger("baycase.web")


def where_it_failed(error: BaseException) -> str:
    """The error's kind, and the places it passed through with the code that stands there; no message, no value."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{where_it_failed(cause)}\n… and then\n" if cause else ""
    return before + "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__


class _Traceback:
    """The module `traceback` as Gradio uses it, but that what it prints goes to the log without its message."""

    def print_exc(self, *_: Any, **__: Any) -> None:
        error = sys.exception()
        if error is not None:
            log.error("baycase: a call failed\n%s", where_it_failed(error))

    def __getattr__(self, name: str) -> Any:
        return getattr(traceback, name)


def quiet_gradio() -> None:
    """Gradio's own printing of failed calls, from now on."""
    from gradio import queueing, route_utils, routes

    for module in (queueing, route_utils, routes):
        module.traceback = _Traceback()  # type: ignore[attr-defined]
