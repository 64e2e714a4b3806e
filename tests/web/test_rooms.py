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
    "zh-Hant": "港車北上的保險在內地怎樣認可？",
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


def test_filters_keep_to_their_documents(visitor):
    page = visitor.page
    visitor.open(f"?tab=ask&q={quote('创新举措')}&lang=zh-Hans")
    page.click("#bc-filters > summary")
    page.select_option("#bc-filters select[name=city]", "shenzhen")
    page.click("[data-apply-filters]")
    visitor.settled()
    assert "city=shenzhen" in page.url
    found = set(page.eval_on_selector_all("#ask-result .bc-card", "cards => cards.map(c => c.dataset.doc)"))
    assert found and found <= {f"gba-rule-alignment-cases-{n}" for n in ("11", "14", "16")}
    page.click("[data-clear-filters]")
    visitor.settled()
    assert "city=" not in page.url


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
    doc = dot.get_attribute("data-doc")
    dot.dispatch_event("click")
    visitor.settled()
    page.wait_for_selector("#bc-at")
    assert f"doc={doc}" in page.url


def test_evaluate_runs_twice_and_compares(visitor):
    t, page = texts("en"), visitor.page
    visitor.open("?tab=evaluate&lang=en")
    page.fill("#evaluate-sample input", "2")
    for _ in range(2):
        page.click("#evaluate-button")
        page.wait_for_selector("progress", timeout=10_000)
        page.wait_for_selector("progress", state="detached", timeout=60_000)
    page.wait_for_selector(f"text={t['evaluate.difference']}")
    assert "recall@1" in visitor.text("#evaluate-result")
    assert page.locator("svg.bc-plot").count() == 1


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


def test_glosses_explain_words_to_english_readers(visitor):
    page = visitor.page
    visitor.open(f"?tab=ask&q={quote('How is Hong Kong car insurance recognised?')}&lang=en")
    for _ in range(20):  # the dictionary is read behind the page
        if page.locator("details.bc-gloss").count():
            break
        page.wait_for_timeout(500)
        page.reload()
        visitor.settled()
    page.click("details.bc-gloss > summary >> nth=0")
    assert "insurance" in visitor.text(".bc-glosses >> nth=0")
    page.hover(".bc-word >> nth=0")
    assert page.text_content("#bc-tip")


def test_traditional_readers_may_have_text_converted_and_the_original_back(visitor):
    page = visitor.page
    visitor.open(f"?tab=ask&q={quote(CLEAR)}&lang=zh-Hant")
    card = page.locator(".bc-card").first
    assert "三是实行保险" in card.inner_text()
    page.click("[data-converted]")
    assert "三是實行保險" in card.inner_text() and texts("zh-Hant")["converted.note"] in card.inner_text()
    page.click("[data-converted]")
    assert "三是实行保险" in card.inner_text() and "三是實行保險" not in card.inner_text()
