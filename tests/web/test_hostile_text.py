"""Script in questions, titles, texts and file names is shown as text, in every view."""

import importlib.util
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import html

from baycase.search.results import Hit, Leg
from baycase.web.address import Address
from baycase.web.cards import hit_card, notice
from baycase.web.languages import LANGUAGES, texts
from baycase.web.markup import attributes, escape, marked
from baycase.web.quotes import Quotes

_spec = importlib.util.spec_from_file_location("hostile", Path(__file__).with_name("hostile.py"))
assert _spec is not None and _spec.loader is not None
_hostile = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_hostile)
XSS = _hostile.XSS


def _hit(text: str) -> Hit:
    return Hit(
        1, 0.5, text, text, text, 0, len(text), text, text, 0, len(text), {text: Leg(1.0, 1)}, (text,), source=text
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("payload", XSS)
def test_a_card_of_hostile_words_holds_no_element_of_theirs(payload, language):
    t = texts(language)
    card = hit_card(_hit(payload), payload, Address(lang=language), t, Quotes(t)) + notice(payload, payload)
    elements = list(html.fragment_fromstring(card, create_parent="div").iter())
    assert not {e.tag for e in elements} & {"script", "img", "svg", "iframe", "style", "math", "input", "b", "body"}
    assert not [name for e in elements for name in e.attrib if name.startswith("on")]
    assert not [e for e in elements if (e.get("href") or "").startswith("javascript")]


def test_marks_nest_and_escape():
    assert marked("a<b>c", 10, [(11, 14, "s"), (12, 13, "k")]) == (
        'a<mark class="s">&lt;</mark><mark class="s k">b</mark><mark class="s">&gt;</mark>c'
    )
    assert marked("abc", 0, [(5, 9, "s"), (2, 1, "s")]) == "abc"
    assert escape("\u202ex\x00") == "\ufffdx\ufffd"
    assert attributes(class_='a"b', data_x=None, hidden=True) == ' class="a&quot;b" hidden'


def test_hostile_files_and_questions_stay_text(visiting, serve, library_folder: Path, tmp_path: Path):
    """Each text as a file's name, a case's title and its unit, within its body, and as a question, in every room."""
    t = texts("zh-Hans")
    folder = tmp_path / "files"
    folder.mkdir()
    for n, payload in enumerate(XSS, 1):
        name = payload.replace("/", "\\")  # the one sign that no file name holds
        words = f"案例{n}\n案例名称：{payload}\n报送单位：{payload}\n2023年5月，第{n}条措施{payload}结束，共{n}项。\n"
        (folder / f"{n}{name}.txt").write_text(words, "utf-8")
    with serve(library_folder, tmp_path / "library") as address:
        visitor = visiting(address)
        page = visitor.open("?tab=library&lang=zh-Hans").page
        page.click("#bc-add button.label-wrap")
        page.set_input_files("#add-files input[type=file]", sorted(map(str, folder.iterdir())))
        page.wait_for_selector("#add-files :text('onerror')")
        page.click("#add-button")
        page.wait_for_selector(f"#add-progress :text('{t['add.finished']}')", timeout=300_000)
        page.wait_for_function(f"document.querySelectorAll('.bc-list tbody tr').length === {16 + len(XSS)}")
        listed = visitor.text(".bc-list")
        for payload in XSS:
            assert payload.replace("\u202e", "\ufffd") in listed
        links = page.eval_on_selector_all(".bc-list a", "links => links.map(a => a.getAttribute('href'))")[16:]
        proposal = "。".join(XSS)
        views = [*links, "?tab=library", "?tab=map", f"?tab=similar&q={quote(proposal)}"]
        for search in (*views, *(f"?tab=ask&q={quote(payload)}" for payload in XSS)):
            page.evaluate("search => baycase.go(search)", search if "lang=" in search else f"{search}&lang=zh-Hans")
            visitor.settled()
            assert page.evaluate("window.hacked") is None, search
            foreign = (
                ".bc-result :is(script, img, iframe, style, math, input:not([type=hidden]), b, [onerror], [onload])"
            )
            assert page.locator(foreign).count() == 0, search
        assert page.input_value("#ask-box textarea") == XSS[-1]
        with page.expect_download() as started:
            page.evaluate("search => baycase.go(search)", views[-1] + "&lang=zh-Hans")
            visitor.settled()
            page.click("button[name=format][value=md]")
        assert "<script>window.hacked" not in Path(started.value.path()).read_text("utf-8")
        page.close()  # before its server ends


def test_a_dismissed_confirmation_removes_nothing(visitor):
    page = visitor.page
    visitor.open("?tab=library&lang=en&doc=gba-rule-alignment-cases-05")
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.click("[data-remove]")
    visitor.open("?tab=library&lang=en")
    assert page.locator(".bc-list tbody tr").count() == 16
