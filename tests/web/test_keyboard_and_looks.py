"""Keys, input methods, widths, light and dark, and what axe-core says of every room."""

from importlib.resources import files
from urllib.parse import quote

import pytest

from baycase.web.address import ROOMS
from baycase.web.languages import LANGUAGES, texts

CLEAR = "港车北上的保险在内地怎么认？"
VIEWS = {
    "start": "tab=ask",
    "refused": f"tab=ask&q={quote('火星移民需要什么签证？')}",
    "ask": f"tab=ask&q={quote(CLEAR)}",
    "similar": f"tab=similar&q={quote('推动港澳药品在内地生产。设立太空旅游签证快速通道。')}",
    "library": "tab=library",
    "case": "tab=library&doc=gba-rule-alignment-cases-03&start=60&end=90",
    "map": "tab=map",
    "evaluate": "tab=evaluate",
}
_SMALL = """
() => [...document.querySelectorAll('a[href], button, summary, select, input, textarea')].filter(e => {
  const box = e.getBoundingClientRect();
  // a link within running text, and what is not shown, are no targets of their own
  return e.checkVisibility() && box.width > 1 && box.height > 1 && !e.closest('svg, .bc-sr')
    && (box.height < 24 || box.width < 24);
}).map(e => e.outerHTML.slice(0, 120))
"""


def test_the_input_method_keeps_its_enter(visitor):
    page = visitor.page
    visitor.open("?lang=zh-Hans")
    page.click("#ask-box textarea")
    before = len(visitor.questions)
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "gangche", "selectionStart": 7, "selectionEnd": 7})
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    session.send("Input.insertText", {"text": "港车北上"})
    page.wait_for_timeout(300)
    assert len(visitor.questions) == before
    assert page.input_value("#ask-box textarea") == "港车北上"
    page.keyboard.press("Enter")
    visitor.settled()
    page.wait_for_selector(".bc-card")
    assert len(visitor.questions) == before + 1


def test_everything_by_keyboard(visitor):
    page = visitor.page
    visitor.open("?tab=map&lang=zh-Hans")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('[data-skip]')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "room-map"
    page.keyboard.press("/")
    visitor.settled()
    page.keyboard.type(CLEAR)
    page.keyboard.press("Shift+Enter")
    assert page.input_value("#ask-box textarea") == CLEAR + "\n"
    page.keyboard.press("Enter")
    visitor.settled()
    page.wait_for_selector(".bc-card")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('bc-chip')"):
            break
    page.keyboard.press("Enter")
    visitor.settled()
    page.wait_for_selector("#bc-at")
    page.wait_for_function("document.activeElement.id === 'bc-at'")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_sideways_scrolling_and_targets_large_enough(visitor, width):
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.open("?lang=en")
    for name, search in VIEWS.items():
        visitor.page.evaluate("search => baycase.go(search)", f"?{search}&lang=en")
        visitor.settled()
        visitor.page.wait_for_timeout(100)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert visitor.page.evaluate(_SMALL) == [], name


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_serious(visitor, language, scheme):
    visitor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    visitor.open(f"?lang={language}")
    visitor.page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    found = {}
    for name, search in VIEWS.items():
        visitor.page.evaluate("search => baycase.go(search)", f"?{search}&lang={language}")
        visitor.settled()
        # What is folded is looked at too, a few of each: every word of every gloss takes minutes.
        visitor.page.evaluate("document.querySelectorAll('.bc-result details').forEach((d, n) => { d.open = n < 4; })")
        result = visitor.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [v for v in result["violations"] if v["impact"] in ("serious", "critical")]
        if serious:
            found[name] = [(v["id"], [node["html"][:160] for node in v["nodes"][:3]]) for v in serious]
    assert found == {}


def test_the_page_has_its_icon(visitor):
    visitor.open("?lang=en")
    icon = visitor.page.get_attribute("link[rel=icon]", "href")
    for path in (icon, "/favicon.ico"):
        answer = visitor.page.request.get(visitor.server + path)
        assert answer.status == 200 and answer.headers["content-type"].startswith("image/svg+xml")


def test_the_theme_is_switched_and_remembered(visitor):
    page = visitor.page
    visitor.open("?lang=en")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("[data-theme]")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.reload()
    visitor.settled()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_the_language_is_switched_and_keeps_the_view(visitor):
    page = visitor.page
    visitor.open(f"?{VIEWS['ask']}&lang=zh-Hans")
    page.click("a[data-lang=en]")
    page.wait_for_load_state()
    visitor.settled()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title() == texts("en")["app.title"]
    assert page.input_value("#ask-box textarea") == CLEAR
    assert page.locator(".bc-card blockquote").first.get_attribute("lang") == "zh-Hans"
    rooms = page.eval_on_selector_all("a[data-room]", "links => links.map(a => a.dataset.room)")
    assert tuple(rooms) == ROOMS
