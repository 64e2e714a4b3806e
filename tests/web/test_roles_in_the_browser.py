"""What a reader and an editor are offered, and the way out."""

from pathlib import Path
from urllib.parse import quote

import pytest

from baycase.web.languages import texts
from baycase.web.users import add_user

QUESTION = "港车北上的保险在内地怎么认？"


@pytest.fixture(scope="module")
def closed(library_folder: Path, serve, tmp_path_factory: pytest.TempPathFactory):
    """The address of a server that people log in to."""
    folder = tmp_path_factory.mktemp("closed")
    for name, role in (("mei", "reader"), ("wong", "editor")):
        add_user(folder / "users", name, f"the word of {name}", role)
    with serve(library_folder, folder / "library", "--auth-file", str(folder / "users")) as address:
        yield address


def _log_in(visitor, name: str, search: str) -> None:
    visitor.page.goto(f"{visitor.server}/{search}")
    visitor.page.fill("[name=user]", name)
    visitor.page.fill("[name=password]", f"the word of {name}")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(lambda url: url == f"{visitor.server}/{search}")
    visitor.settled()


def test_a_reader_is_not_offered_what_is_refused(closed, visiting):
    t, reader = texts("en"), visiting(closed)
    page = reader.page
    _log_in(reader, "mei", "?tab=library&lang=en")
    assert page.locator(".bc-list tbody tr").count() == 16
    assert page.is_visible(f"text={t['library.reader']}")
    for selector in ("#bc-add", "#add-button", "a[href='/export/feedback.zip']"):
        assert not page.is_visible(selector), selector
    page.click(".bc-list a >> nth=2")
    reader.settled()
    assert page.is_visible(".bc-case") and not page.is_visible("[data-remove]")


def test_an_editor_is_offered_everything(closed, visiting):
    editor = visiting(closed)
    _log_in(editor, "wong", "?tab=library&lang=en")
    assert editor.page.is_visible("#bc-add") and editor.page.is_visible("a[href='/export/feedback.zip']")
    assert not editor.page.is_visible(f"text={texts('en')['library.reader']}")
    editor.page.click(".bc-list a >> nth=2")
    editor.settled()
    assert editor.page.is_visible("[data-remove]")


def test_logging_out(closed, visiting):
    t, reader = texts("zh-Hant"), visiting(closed)
    page = reader.page
    _log_in(reader, "mei", f"?tab=ask&lang=zh-Hant&q={quote(QUESTION)}")
    page.fill("#ask-box textarea", QUESTION + "？")
    page.keyboard.press("Enter")
    reader.settled()
    assert page.inner_text(".bc-user") == "mei"
    (cookie,) = page.context.cookies()
    page.click(f"button:text-is('{t['nav.logout']}')")
    page.wait_for_url(lambda url: url == f"{closed}/login?lang=zh-Hant")
    assert page.context.cookies() == []
    page.go_back()
    page.wait_for_selector("[name=password]")  # nothing of what was shown
    page.context.add_cookies([cookie])  # a copy that somebody kept
    assert page.request.get(f"{closed}/config").status == 401
    page.context.clear_cookies()
    _log_in(reader, "wong", "?tab=ask&lang=zh-Hant")
    assert not page.is_visible("details.bc-history")


def test_nobody_logs_out_where_nobody_logged_in(visitor):
    visitor.open("?lang=en")
    assert not visitor.page.is_visible(".bc-logout")
