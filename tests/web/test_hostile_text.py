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


def test_hostile_documents_and_questions_stay_text(visitor, tmp_path: Path):
    """Added through the page, shown in every room, asked for, compared, and removed again."""
    page, t = visitor.page, texts("zh-Hans")
    path = tmp_path / "<img src=x onerror=window.hacked=1>.txt"
    body = "。".join(f"第{n}条措施{payload}结束" for n, payload in enumerate(XSS, 1))
    path.write_text(f"案例一\n案例名称：{XSS[1]}\n报送单位：{XSS[2]}\n2023年5月，{body}。\n", "utf-8")
    visitor.open("?tab=library&lang=zh-Hans")
    page.click("#bc-add button.label-wrap")
    page.set_input_files("#add-files input[type=file]", str(path))
    page.wait_for_selector("#add-files :text('onerror')")
    page.click("#add-button")
    page.wait_for_selector(f"#add-progress :text('{t['add.finished']}')", timeout=60_000)
    page.wait_for_function("document.querySelectorAll('.bc-list tbody tr').length === 17")
    page.locator(".bc-list a", has_text="onerror").click()
    visitor.settled()
    page.wait_for_selector(".bc-case")
    assert XSS[0] in visitor.text(".bc-text")
    shown = page.url
    for search in ("?tab=map", f"?tab=similar&q={quote(body[:1200])}", *(f"?tab=ask&q={quote(p)}" for p in XSS)):
        page.evaluate("search => baycase.go(search)", f"{search}&lang=zh-Hans")
        visitor.settled()
        assert page.evaluate("window.hacked") is None, search
        assert (
            page.evaluate("document.querySelectorAll('.bc-result script, .bc-result img, .bc-result iframe').length")
            == 0
        )
    assert page.input_value("#ask-box textarea") == XSS[-1]
    page.goto(shown)
    visitor.settled()
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("[data-remove]")
    page.wait_for_function("document.querySelectorAll('.bc-list tbody tr').length === 16", timeout=60_000)
    assert page.evaluate("window.hacked") is None


def test_a_dismissed_confirmation_removes_nothing(visitor):
    page = visitor.page
    visitor.open("?tab=library&lang=en&doc=gba-rule-alignment-cases-05")
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.click("[data-remove]")
    visitor.open("?tab=library&lang=en")
    assert page.locator(".bc-list tbody tr").count() == 16
