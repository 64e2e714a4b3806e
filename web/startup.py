"""What Gradio does when it starts that a server does not need, left out: two of four seconds before the first page.

It changes nothing of what Gradio serves; should Gradio stop doing these things, nothing is left out and nothing breaks.
"""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock


@contextmanager
def without_stub_files() -> Iterator[None]:
    """For importing Gradio: it writes type stubs beside its own modules, and parses each several times for that.

    For a class whose file cannot be found it makes none, so inside here the files of its classes are not found.
    """
    getfile = inspect.getfile

    def found(thing: Any) -> str:
        if str(getattr(thing, "__module__", "")).split(".")[0] == "gradio":
            raise OSError("not looked for while Gradio is imported")
        return getfile(thing)

    with mock.patch.object(inspect, "getfile", found):
        yield


@contextmanager
def without_interim_servers() -> Iterator[None]:
    """For building a page that will be mounted: Gradio makes a whole server three times before, and drops each."""
    from gradio.routes import App

    with mock.patch.object(App, "create_app", lambda *args, **kwargs: None):
        yield
