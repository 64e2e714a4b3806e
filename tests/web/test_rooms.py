"""Each room's main path in a real browser, as its visitors use it."""

import io
import json
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest

from baycase.web.languages import LANGUAGES, texts

CLEAR = "港车北上的保险在内地怎么认？"
QUESTIONS = {
    "zh-Hans": CLEAR,
    "zh-Hant": "港車北上的保險在內地怎麼認？",
    "en": "How is Hong Kong car insurance recognised?",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_ask_answers_cites_and_goes_back(visitor, language):
    t, page = texts(language), visitor.page
    visitor.open(f"?lang={language}")
    assert page.evaluate("document.documentElement.lang") == language
    page.fill("#ask-box textarea", QUESTIONS[language])
    page.click("#ask-button")
    visitor.settled()
    assert page.locator(".bc-card").count() >= 5
    assert "等效先认" in "".join(
        page.locator(".bc-card").first.locator(".bc-original mark.bc-sentence").all_text_contents()
    )
    address = page.url
    # The answer's words are marked within the sentence, which makes several pieces of it.
    sentence = "".join(page.locator(".bc-card").first.locator(".bc-original mark.bc-sentence").all_text_contents())
    page.locator(".bc-card a.bc-chip").first.click()
    visitor.settled()
    page.wait_for_selector("#bc-at")
    assert page.text_content("#bc-at") == sentence
    assert page.evaluate("getComputedStyle(document.querySelector('#room-ask')).display") == "none"
    page.go_back()
    visitor.settled()
    page.wait_for_selector(".bc-card", state="visible")
    assert page.url == address
    assert page.input_value("#ask-box textarea") == QUESTIONS[language]
    assert t["why.title"] in visitor.text("#ask-result")


def test_a_deep_link_shows_the_same_to_somebody_else(visitor, another):
    search = f"?tab=ask&q={quote(CLEAR)}&lang=zh-Hans"
    first = visitor.open(search).text("#ask-result")
    assert another.open(search).text("#ask-result") == first
    assert "等效先认" in first


@pytest.mark.parametrize("view", ["similar", "library", "case", "source", "map"])
def test_every_view_is_its_address(visitor, another, view):
    """Reached by a click within the page, or by its address in a browser that was never here: the same; Back, too."""
    search = {
        "similar": f"?tab=similar&lang=zh-Hant&q={quote('推动港澳药品在内地生产。')}",
        "library": "?tab=library&lang=zh-Hant&partner=mo&sector=business",
        "case": "?tab=library&lang=zh-Hant&doc=gba-rule-alignment-cases-03&start=60&end=90",
        "source": "?tab=library&lang=zh-Hant&doc=gba-rule-alignment-cases-03&start=60&end=90&view=source",
        "map": "?tab=map&lang=zh-Hant",
    }[view]
    room = search.split("=")[1].split("&")[0]
    visitor.open("?tab=ask&lang=zh-Hant")
    visitor.page.evaluate("search => baycase.go(search)", search)
    shown = visitor.settled().text(f"#{room}-result")
    assert len(shown) > 60
    assert another.open(search).text(f"#{room}-result") == shown
    visitor.page.evaluate("baycase.go('?tab=evaluate&lang=zh-Hant')")
    visitor.settled()
    visitor.page.go_back()
    assert visitor.settled().text(f"#{room}-result") == shown


def test_every_chip_lands_on_its_passage(visitor, library_folder: Path):
    from urllib.parse import parse_qs

    from baycase.search.library import Library

    library, page, chips = Library(library_folder), visitor.page, []
    for search in (
        f"tab=ask&q={quote(CLEAR)}",
        f"tab=ask&q={quote('火星移民需要什么签证？')}",
        f"tab=similar&q={quote('推动港澳药品在内地生产。建立三地互认的质量认证。')}",
    ):
        visitor.open(f"?{search}&lang=zh-Hans")
        found = page.eval_on_selector_all("a.bc-chip", "chips => chips.map(chip => chip.getAttribute('href'))")
        assert len(found) >= 5
        chips += found
    for href in dict.fromkeys(chips):
        to = {name: values[0] for name, values in parse_qs(href.lstrip("?")).items()}
        page.evaluate("search => baycase.go(search)", href)
        visitor.settled()
        page.wait_for_function("document.activeElement.id === 'bc-at'", timeout=180_000)
        assert page.text_content("#bc-at") == library.document(to["doc"]).text[int(to["start"]) : int(to["end"])]
        assert page.evaluate(
            "() => { const b = document.querySelector('#bc-at').getBoundingClientRect();"
            " return b.top >= 0 && b.top < innerHeight; }"
        )


def test_citations_are_copied(visitor):
    import re

    page = visitor.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.open(f"?tab=ask&q={quote(CLEAR)}&lang=zh-Hans")
    copied = []
    for key in ("cite.gb7714", "cite.plain"):
        button = page.locator(".bc-answer button[data-copy]", has_text=texts("zh-Hans")[key]).first
        button.click()
        page.wait_for_selector(f".bc-answer button:text-is('{texts('zh-Hans')['cite.copied']}')")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    assert re.fullmatch(
        r"“港车北上”“澳车北上”政策顺利落地实施\[R/OL\]\. .+\.txt\[\d{4}-\d\d-\d\d\]\. “三是实行保险.+”", copied[0]
    )
    assert copied[1].startswith("“三是实行保险") and copied[1].endswith("（《“港车北上”“澳车北上”政策顺利落地实施》）")


def test_two_visitors_share_nothing(visitor, another):
    visitor.open("?lang=zh-Hans")
    another.open("?lang=en")
    visitor.page.fill("#ask-box textarea", CLEAR)
    another.page.fill("#ask-box textarea", "Which hospitals in Shenzhen were accredited?")
    visitor.page.click("#ask-button")
    another.page.click("#ask-button")
    visitor.settled()
    another.settled()
    assert "等效先认" in visitor.text("#ask-result .bc-card >> nth=0")
    assert "医院" in another.text("#ask-result .bc-card >> nth=0")
    assert CLEAR not in another.page.content()


def test_examples_history_and_empty_question(visitor):
    t, page = texts("zh-Hans"), visitor.page
    visitor.open("?lang=zh-Hans")
    page.click("#ask-button")
    visitor.settled()
    page.wait_for_selector(f"text={t['ask.empty']}")
    page.fill("#ask-box textarea", "？？")
    page.keyboard.press("Enter")
    visitor.settled()
    page.wait_for_selector(f"text={t['ask.empty.next']}")
    page.goto(visitor.server + "/?lang=zh-Hans")
    visitor.settled()
    page.click(f"text={t['ask.example2']}")
    visitor.settled()
    page.wait_for_selector(".bc-card")
    page.fill("#ask-box textarea", CLEAR)
    page.keyboard.press("Enter")
    visitor.settled()
    page.reload()
    visitor.settled()
    page.click("details.bc-history > summary")
    assert CLEAR in visitor.text("#bc-history")


@pytest.mark.parametrize(
    "chosen",
    [
        {"city": "shenzhen"},
        {"unit": "省商务厅"},
        {"sector": "business", "partner": "mo"},
        {"partner": "both"},
        {"since": "2024"},
        {"until": "2022"},
    ],
    ids=lambda chosen: "-".join(chosen),
)
def test_filters_keep_to_their_documents(visitor, library_folder: Path, chosen):
    from baycase.search.facets import where
    from baycase.search.library import Library

    page, fits = visitor.page, where(**chosen)
    wanted = {d.doc_id for d in Library(library_folder).documents() if fits is None or fits(d)}
    assert 0 < len(wanted) < 16
    visitor.open(f"?tab=ask&q={quote('创新举措')}&lang=zh-Hans")
    page.wait_for_selector("#bc-filters > summary")
    page.click("#bc-filters > summary")
    for name, value in chosen.items():
        page.select_option(f"#bc-filters select[name={name}]", value)
    page.click("[data-apply-filters]")
    visitor.settled()
    assert all(f"{name}={quote(value)}" in page.url for name, value in chosen.items())
    found = set(page.eval_on_selector_all("#ask-result .bc-card", "cards => cards.map(c => c.dataset.doc)"))
    assert found and found <= wanted
    page.click("[data-clear-filters]")
    visitor.settled()
    assert not any(f"{name}=" in page.url for name in chosen)


def test_a_first_answer_that_is_waited_for_says_why(visitor):
    page, held = visitor.page, []
    visitor.open("?tab=ask&lang=en")
    page.route("**/queue/join*", lambda route: held.append(route))
    page.fill("#ask-box textarea", CLEAR)
    page.keyboard.press("Enter")
    page.wait_for_selector("#ask-result[aria-busy][data-wait]", timeout=180_000)
    assert page.get_attribute("#ask-result", "data-wait") == texts("en")["wait.model"]
    for route in held:
        route.continue_()
    page.unroute("**/queue/join*")
    visitor.settled()
    assert "等效先认" in visitor.text(".bc-answer") and page.get_attribute("#ask-result", "data-wait") is None


def test_filters_that_leave_nothing_say_so(visitor):
    t = texts("en")
    visitor.open(f"?tab=ask&q={quote(CLEAR)}&lang=en&city=zhaoqing&since=1990&until=1991")
    assert t["none.title"] in visitor.text("#ask-result") and t["none.next"] in visitor.text("#ask-result")


@pytest.mark.parametrize("language", LANGUAGES)
def test_similar_compares_point_by_point(visitor, language):
    t, page = texts(language), visitor.page
    visitor.open(f"?tab=similar&lang={language}")
    page.fill("#similar-box textarea", t["similar.example.text"])
    page.click("#similar-button")
    visitor.settled()
    page.wait_for_selector(".bc-matrix")
    assert page.locator(".bc-matrix tbody tr").count() == 3
    cell = page.locator(".bc-matrix details").first
    cell.locator("summary").click()
    words = cell.locator("blockquote").text_content()
    cell.locator("a.bc-chip").click()
    visitor.settled()
    page.wait_for_selector("#bc-at")
    assert page.text_content("#bc-at") == words


def test_briefings_open_again_with_their_chinese(visitor, tmp_path: Path):
    from docx import Document

    t, page = texts("zh-Hans"), visitor.page
    visitor.open(f"?tab=similar&lang=zh-Hans&q={quote(t['similar.example.text'])}")
    kept = {}
    for form in ("docx", "md"):
        with page.expect_download() as started:
            page.click(f"button[name=format][value={form}]")
        kept[form] = tmp_path / started.value.suggested_filename
        started.value.save_as(kept[form])
    words = "\n".join(p.text for p in Document(str(kept["docx"])).paragraphs)
    markdown = kept["md"].read_text("utf-8")
    for content in (words, markdown):
        assert "设立太空旅游签证快速通道" in content
        assert "gba-rule-alignment-cases-" in content and "横琴" in content
    page.evaluate("search => baycase.go(search)", f"?tab=ask&q={quote(CLEAR)}&lang=zh-Hans")  # the page lives on
    visitor.settled()
    assert "等效先认" in visitor.text(".bc-answer")


def test_similar_reads_a_dropped_file(visitor, tmp_path: Path):
    path = tmp_path / "方案.txt"
    path.write_text("推动港澳药品在内地生产。建立跨境数据交易试点。", "utf-8")
    visitor.open("?tab=similar&lang=zh-Hans")
    visitor.page.set_input_files("#similar-file input[type=file]", str(path))
    visitor.page.wait_for_selector("#similar-file :text('方案')")
    visitor.page.click("#similar-button")
    visitor.settled()
    visitor.page.wait_for_selector(".bc-matrix")
    assert visitor.page.locator(".bc-matrix tbody tr").count() == 2


def test_similar_marks_what_has_no_precedent(visitor):
    t = texts("en")
    visitor.open(f"?tab=similar&lang=en&q={quote(t['similar.example.text'])}")
    last = visitor.page.locator(".bc-matrix tbody tr").last
    assert "space tourism" in last.inner_text() and t["similar.new"] in last.inner_text()
    assert "space tourism" in visitor.text(".bc-newpoints")


SEEN_PROGRESS = """() => new MutationObserver(() => {
    window.seenProgress ||= Boolean(document.querySelector("#add-progress progress"));
}).observe(document.body, {childList: true, subtree: true})"""


def test_files_are_added_with_progress_and_a_result_each(visitor, tmp_path: Path):
    t, page = texts("zh-Hant"), visitor.page
    good, broken = tmp_path / "南沙方案.md", tmp_path / "壞檔.docx"
    good.write_text("# 南沙方案\n\n南沙推出港澳青年安居的新措施，提供首年租金補貼。\n", "utf-8")
    broken.write_bytes(b"PK\x03\x04 no archive")
    visitor.open("?tab=library&lang=zh-Hant")
    assert not page.is_visible("#add-cancel")
    page.click("#bc-add button.label-wrap")
    page.set_input_files("#add-files input[type=file]", [str(good), str(broken)])
    page.wait_for_selector("#add-files :text('南沙方案')")
    page.evaluate(SEEN_PROGRESS)  # the bar of so little work is gone sooner than a selector is looked for
    page.click("#add-button")
    page.wait_for_selector(f"#add-progress :text('{t['add.finished']}')", timeout=180_000)
    assert page.evaluate("window.seenProgress")
    said = visitor.text("#add-progress")
    assert "壞檔.docx" in said and t["add.done"].split("{")[0] in said
    page.locator("#add-progress a").click()
    visitor.settled()
    page.wait_for_selector(".bc-case")
    assert "首年租金補貼" in visitor.text(".bc-text")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("[data-remove]")
    page.wait_for_function("document.querySelectorAll('.bc-list tbody tr').length === 16", timeout=180_000)


def test_the_first_visit_without_a_library(visiting, serve, tmp_path: Path):
    """The page says what to do, loads the shipped cases, and answers."""
    t = texts("en")
    with serve(None, tmp_path / "library") as address:
        first = visiting(address)
        first.open(f"?tab=ask&q={quote(CLEAR)}&lang=en")
        assert t["library.missing"] in first.text("#ask-result")
        first.page.click("#ask-result a.bc-button")
        first.settled()
        first.page.click("#bc-add button.label-wrap")
        first.page.click("#add-shipped")
        first.page.wait_for_function("document.querySelectorAll('.bc-list tbody tr').length === 16", timeout=300_000)
        first.open(f"?tab=ask&q={quote(CLEAR)}&lang=en")
        assert "等效先认" in first.text(".bc-answer")
        first.page.close()  # before its server ends


@pytest.mark.parametrize("language", LANGUAGES)
def test_library_lists_and_shows_a_case_beside_its_source(visitor, language):
    t, page = texts(language), visitor.page
    visitor.open(f"?tab=library&lang={language}")
    assert page.locator(".bc-list tbody tr").count() == 16
    assert t["status.sound"] in visitor.text("#library-result")
    page.click(".bc-list a >> nth=2")
    visitor.settled()
    page.wait_for_selector(".bc-case")
    unit = page.locator(".bc-fieldlist a", has_text="省商务厅").first
    unit.click()
    visitor.settled()
    page.wait_for_selector("#bc-at")
    assert page.text_content("#bc-at") == "省商务厅"
    page.click(f"text={t['case.source']}")
    visitor.settled()
    page.wait_for_selector(".bc-source")
    assert page.text_content(".bc-source mark") == "省商务厅"


@pytest.mark.parametrize("language", LANGUAGES)
def test_map_points_and_cells_lead_to_their_cases(visitor, language):
    page = visitor.page
    visitor.open(f"?tab=map&lang={language}")
    assert page.locator(".bc-scatter circle").count() >= 80
    count = page.locator(".bc-coverage td a").first.inner_text()
    page.locator(".bc-coverage td a").first.click()
    visitor.settled()
    page.wait_for_selector(".bc-list")
    assert page.locator(".bc-list tbody tr").count() == int(count)
    page.go_back()
    visitor.settled()
    dot = page.locator(".bc-scatter a").nth(4)
    assert "：" in dot.locator("title").text_content() or ":" in dot.locator("title").text_content()
    doc = dot.get_attribute("data-doc")
    dot.dispatch_event("click")
    visitor.settled()
    page.wait_for_selector("#bc-at")
    assert f"doc={doc}" in page.url
    page.go_back()
    visitor.settled()
    entry = page.locator(".bc-timeline li li").first
    assert entry.locator("mark.bc-date").count() and page.locator(".bc-timeline mark.bc-figure").count()
    words = entry.locator("p").text_content()
    entry.locator("a").click()
    visitor.settled()
    page.wait_for_selector("#bc-at")
    assert page.text_content("#bc-at") == words


def test_evaluate_runs_an_uploaded_set_twice_and_compares(visitor, library_folder: Path, tmp_path: Path):
    t, page = texts("en"), visitor.page
    path = tmp_path / "set.zip"
    _test_set(path, library_folder)
    visitor.open("?tab=evaluate&lang=en")
    page.set_input_files("#evaluate-file input[type=file]", str(path))
    page.wait_for_selector("#evaluate-file :text('set')")
    for runs in (1, 2):
        page.click("#evaluate-button")
        page.wait_for_selector("#evaluate-result progress", timeout=180_000)
        page.wait_for_selector("#evaluate-result progress", state="detached", timeout=180_000)
        page.wait_for_selector(f"#evaluate-result :text-is('{t['evaluate.compare']}')")
        assert page.locator(f"text={t['evaluate.difference']}").count() == runs - 1
    assert "recall@1" in visitor.text("#evaluate-result")
    assert page.locator("svg.bc-plot").count() == 1
    misses = page.locator(".bc-misses details")
    assert misses.count() == 1  # the question with the wrong answer
    misses.first.locator("summary").click()
    assert "没有这句话" in misses.first.inner_text() and t["evaluate.ranks"] in misses.first.inner_text()


def _test_set(path: Path, library_folder: Path) -> None:
    """Two questions over the library's own documents, one of them with an answer that no text holds."""
    from baycase.search.library import Library

    documents = list(Library(library_folder).documents())
    gold = {CLEAR: "等效先认", "南沙有什么学校招收港澳学生？": "没有这句话"}
    relevant = {CLEAR: documents[0].doc_id, "南沙有什么学校招收港澳学生？": documents[14].doc_id}
    with zipfile.ZipFile(path, "w") as archive:
        rows = [{"_id": d.doc_id, "title": d.title, "text": d.text} for d in documents]
        archive.writestr("corpus.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        asked = [{"_id": f"q{n}", "text": q, "metadata": {"answers": [gold[q]]}} for n, q in enumerate(gold)]
        archive.writestr("queries-own.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in asked))
        lines = [f"q{n}\t{relevant[q]}\t1" for n, q in enumerate(gold)]
        archive.writestr("qrels/own.tsv", "query-id\tcorpus-id\tscore\n" + "\n".join(lines) + "\n")


def test_evaluate_runs_the_shipped_set_and_can_be_cancelled(visitor):
    t, page = texts("zh-Hans"), visitor.page
    visitor.open("?tab=evaluate&lang=zh-Hans")
    assert not page.is_visible("#evaluate-cancel")
    page.click("#evaluate-button")
    page.wait_for_selector(f"#evaluate-result :text('{t['stage.ask']}')", timeout=180_000)
    page.click("#evaluate-cancel")
    page.wait_for_selector(f"#evaluate-result :text('{t['add.cancelled']}')", timeout=180_000)


def test_feedback_is_kept_and_exported(visitor, library_folder: Path):
    page = visitor.page
    visitor.open(f"?tab=ask&q={quote(CLEAR)}&lang=zh-Hans")
    button = page.locator(".bc-card [data-feedback=helpful]").first
    with page.expect_response("**/feedback") as said:
        button.click()
    assert said.value.status == 201
    page.wait_for_selector("[data-feedback=helpful][aria-pressed=true]")
    lines = library_folder.with_name("library-feedback.jsonl").read_text("utf-8").splitlines()
    assert json.loads(lines[-1])["query"] == CLEAR and "等效先认" in json.loads(lines[-1])["quote"]
    archive = zipfile.ZipFile(io.BytesIO(page.request.get(f"{visitor.server}/export/feedback.zip").body()))
    query = json.loads(archive.read("queries-feedback.jsonl").splitlines()[0])
    assert query["text"] == CLEAR and "等效先认" in query["metadata"]["answers"][0]
    assert b"gba-rule-alignment-cases-01\t1" in archive.read("qrels/feedback.tsv")


def _with_glosses(visitor) -> None:
    """Open an answer with its glosses: the dictionary is read behind the page."""
    for _ in range(60):
        visitor.open(f"?tab=ask&q={quote('How is Hong Kong car insurance recognised?')}&lang=en")
        if visitor.page.locator("details.bc-gloss").count():
            return
    raise AssertionError("no glosses")


def test_glosses_explain_words_to_english_readers(visitor):
    page = visitor.page
    _with_glosses(visitor)
    page.click("details.bc-gloss > summary >> nth=0")
    listed = visitor.text(".bc-glosses >> nth=0")
    assert "insurance" in listed  # CC-CEDICT
    assert "unilateral recognition" in listed.lower()  # the official term, from the glossary
    page.hover(".bc-word >> nth=0")
    assert page.text_content("#bc-tip")


def test_glosses_on_a_touch_screen(visiting, server):
    phone = visiting(server, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    _with_glosses(phone)
    phone.page.tap("details.bc-gloss > summary >> nth=0")
    word = phone.page.locator(".bc-word", has_text="保险").first
    word.tap()
    assert "insurance" in phone.page.text_content("#bc-tip")
    phone.page.tap(".bc-answer .bc-label")
    phone.page.wait_for_selector("#bc-tip", state="detached")


def test_traditional_readers_may_have_text_converted_and_the_original_back(visitor):
    page = visitor.page
    visitor.open(f"?tab=ask&q={quote(CLEAR)}&lang=zh-Hant")
    card = page.locator(".bc-card").first
    assert "三是实行保险" in card.inner_text()
    page.click("[data-converted]")
    assert "三是實行保險" in card.inner_text() and texts("zh-Hant")["converted.note"] in card.inner_text()
    page.click("[data-converted]")
    assert "三是实行保险" in card.inner_text() and "三是實行保險" not in card.inner_text()
