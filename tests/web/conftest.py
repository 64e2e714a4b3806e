"""One server over the shipped cases with the real model, and one browser, for all tests of the page.

Without Chromium the browser's tests are skipped, and say so; Debian: apt-get install chromium.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 180_000  # for anything to appear; an idle machine takes a tenth of a second
START_S = 120  # on a busy machine; an idle one takes four


@pytest.fixture(scope="session")
def library_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the sixteen shipped cases; `BAYCASE_TEST_LIBRARY` names that of the running server."""
    if named := os.environ.get("BAYCASE_TEST_LIBRARY"):
        return Path(named)
    from baycase.eval.testlibrary import library_of
    from baycase.eval.testset import read_shipped
    from baycase.index.encoder import open_encoder

    folder = tmp_path_factory.mktemp("web") / "library"
    # A copy of the one that the shipped test set keeps: embedded once for this version of the reader.
    shutil.copytree(library_of(read_shipped(), open_encoder(None)), folder)
    return folder


@contextlib.contextmanager
def running(library_folder: Path, log: Path, *more: str) -> Iterator[str]:
    """The address of `baycase ui` over a library, with further arguments."""
    command = [sys.executable, "-m", "baycase", "ui", "--port", "0", "--library", str(library_folder), *more]
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("BayCase: http://127.0.0.1:"), f"{line!r}: {log.read_text()}"
        yield line.split()[1]
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        process.terminate()
        process.wait(START_S)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the server that most tests share; `BAYCASE_TEST_SERVER` names one that runs already."""
    if named := os.environ.get("BAYCASE_TEST_SERVER"):
        yield named
        return
    library_folder = request.getfixturevalue("library_folder")
    with running(library_folder, library_folder.with_name("server.log")) as address:
        yield address


@pytest.fixture(scope="session")
def serve() -> Callable[..., contextlib.AbstractContextManager[str]]:
    """`with serve(library, copy, *more) as address`: a server of its own, for a test that changes the library.

    The copy is made first; where `library` is None, the server starts without a library.
    """

    @contextlib.contextmanager
    def served(library_folder: Path | None, copy: Path, *more: str) -> Iterator[str]:
        if library_folder is not None:
            shutil.copytree(library_folder, copy)
        with running(copy, copy.with_name("server.log"), *more) as address:
            yield address

    return served


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        warnings.warn(
            "Chromium is missing: the page was NOT tested in a browser (apt-get install chromium)", stacklevel=1
        )
        pytest.skip("Chromium is missing: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield opened
        opened.close()


@dataclass
class Visitor:
    """A browser window of its own; it collects what must not happen."""

    page: Any
    server: str
    problems: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        # A page that is left closes its stream of answers, and Gradio's client logs that it did: no fault of the page.
        if message.type == "error" and not message.text.startswith("AbortError: signal is aborted without reason"):
            self.problems.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.server, "data:", "blob:")):
            self.problems.append(f"foreign request: {request.url}")
        if "/queue/join" in request.url:
            self.questions.append(request.post_data or "")

    def open(self, search: str) -> "Visitor":
        self.page.goto(f"{self.server}/{search}")
        return self.settled()

    def settled(self) -> "Visitor":
        """Wait until the room shows what the address says."""
        self.page.wait_for_function(
            "document.documentElement.dataset.ready && !document.querySelector('[aria-busy=true]')", timeout=PATIENCE_MS
        )
        return self

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)


def _window(browser: Any, **options: Any) -> Any:
    """A window of its own whose waits are as long as a busy machine needs."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    context.set_default_navigation_timeout(PATIENCE_MS)
    return context


@pytest.fixture
def visiting(browser: Any) -> Iterator[Callable[..., Visitor]]:
    """`visiting(address, **options)`: a visitor of a test's own server; the options are those of a browser window."""
    opened = []

    def visit(address: str, **options: Any) -> Visitor:
        context = _window(browser, **{"viewport": {"width": 1280, "height": 900}, **options})
        opened.append((context, Visitor(context.new_page(), address)))
        return opened[-1][1]

    yield visit
    for context, found in opened:
        context.close()
        assert found.problems == []


@pytest.fixture
def visitor(browser: Any, server: str) -> Iterator[Visitor]:
    """A fresh window at 1,280 × 900; afterwards nothing may have gone wrong in it."""
    context = _window(browser, viewport={"width": 1280, "height": 900}, accept_downloads=True)
    found = Visitor(context.new_page(), server)
    yield found
    context.close()
    assert found.problems == []


@pytest.fixture
def another(browser: Any, server: str) -> Iterator[Visitor]:
    """A second visitor with a browser of their own."""
    context = _window(browser, viewport={"width": 1280, "height": 900})
    found = Visitor(context.new_page(), server)
    yield found
    context.close()
    assert found.problems == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What opens the page in a browser is marked so: minutes on a small machine, and Chromium is needed."""
    for item in items:
        if {"visitor", "visiting", "another", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
