"""Script in documents and questions through every view as the server gives it, and a log without anybody's words.

What a browser makes of it is seen in test_hostile_text.py.
"""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import html
from starlette.testclient import TestClient

from baycase.corpus.reader import text_documents
from baycase.corpus.records import Piece, SourceMap, Span
from baycase.eval.testset import read_folder
from baycase.index.build import open_writer
from baycase.index.encoder import open_encoder
from baycase.index.generation import StoredDocument
from baycase.web.desk import Desk
from baycase.web.evaluate import _evaluated, report
from baycase.web.languages import texts
from baycase.web.login import Login
from baycase.web.network import host_names
from baycase.web.security import UPLOAD_LIMIT, Guard
from baycase.web.server import build_app
from baycase.web.source_view import source_view
from baycase.web.users import add_user, read_users
from tests.web.hostile import XSS

BASE = "http://127.0.0.1:7860"
BODY = "".join(f"第{n}条措施{payload}结束。" for n, payload in enumerate(XSS, 1))
TEXTS = [
    f"案例一\n案例名称：{XSS[0]}港车北上\n报送单位：{XSS[1]}、省公安厅\n2023年5月，{XSS[2]}背景。一是{XSS[3]}。二是{XSS[4]}。\n{BODY}",
    f"{XSS[5]}通知\n\n{BODY}",
]
ADDRESSES = [
    "?tab=library", "?tab=library&doc=x-01&start=3&end=40", "?tab=library&doc=y", f"?tab=library&unit={quote(XSS[1])}",
    f"?tab=library&doc={quote(XSS[0])}", f"?tab={quote(XSS[4])}&lang={quote(XSS[4])}&city={quote(XSS[4])}",
]  # fmt: skip
QUESTIONS = [f"?tab=ask&q={quote(payload)}" for payload in XSS]
NEVER = {
    "script",
    "img",
    "iframe",
    "style",
    "math",
    "object",
    "embed",
    "base",
    "meta",
    "link",
    "body",
    "audio",
    "video",
}


def assert_text_only(markup: str) -> None:
    """The markup holds no element, handler or link that a payload brought along."""
    for element in html.fragment_fromstring(markup, create_parent="div").iter():
        assert element.tag not in NEVER, html.tostring(element)[:200]
        for name, value in element.attrib.items():
            assert not str(name).startswith("on") and str(name) != "srcdoc", (name, value)
            if name in ("href", "src", "action", "formaction"):
                assert not str(value).strip().lower().startswith(("javascript:", "data:text", "vbscript:")), value


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A library whose titles, units, texts and file names are all hostile."""
    folder = tmp_path_factory.mktemp("hostile") / "library"
    documents = [
        document
        for name, text in zip("xy", TEXTS, strict=True)
        for document in text_documents(text, SourceMap(), name, f"/files/{XSS[1]}.txt")
    ]
    with open_writer(folder) as writer:
        writer.refresh(documents, open_encoder(None))
    return Desk(folder)


@pytest.fixture(scope="module")
def client(desk: Desk) -> Iterator[TestClient]:
    with TestClient(build_app(desk, hosts=host_names("127.0.0.1")), base_url=BASE) as opened:
        yield opened


def views(client: TestClient) -> list[dict]:
    """The functions that take an address and give HTML."""
    config = client.get("/config").json()
    kinds = {component["id"]: component["type"] for component in config["components"]}
    found = []
    for function in config["dependencies"]:
        takes, gives = ([kinds[i] for i in function[which]] for which in ("inputs", "outputs"))
        if function["backend_fn"] and takes[:1] == ["textbox"] and gives == ["html"]:
            found.append({"id": function["id"], "takes": takes})
    return found


def test_every_view_of_hostile_documents_is_text(client):
    functions = views(client)
    assert len(functions) >= 8
    shown = 0
    for function in functions:
        more = [BODY[:600] if kind == "textbox" else None for kind in function["takes"][1:]]
        # The first view is that of the Ask room; what is compared does not depend on the address.
        for address in ADDRESSES[: 1 if BODY[:600] in more else None] + (QUESTIONS if function is functions[0] else []):
            body = {"data": [address, *more], "fn_index": function["id"], "session_hash": "s"}
            answer = client.post("/gradio_api/run/predict", json=body)
            assert answer.status_code == 200, (function, address, answer.text[:200])
            (markup,) = answer.json()["data"]
            assert_text_only(markup)
            shown += "hacked" in markup
    assert shown > 40


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_an_evaluation_of_hostile_questions_is_text(desk, lang, tmp_path, monkeypatch):
    monkeypatch.setenv("BAYCASE_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "set"
    (folder / "qrels").mkdir(parents=True)
    rows = [{"_id": f"d{n}", "title": payload, "text": f"{payload}第{n}条。"} for n, payload in enumerate(XSS)]
    asked = [{"_id": f"q{n}", "text": f"{payload}？"} for n, payload in enumerate(XSS)]
    for name, records in (("corpus.jsonl", rows), ("queries.jsonl", asked)):
        (folder / name).write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    wrong = "".join(f"q{n}\td{(n + 1) % len(XSS)}\t1\n" for n in range(len(XSS)))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + wrong, "utf-8")
    run = _evaluated(read_folder(folder), desk, lambda *_: None, timed=False)
    markup = report([run, run], texts(lang))
    assert "hacked" in markup  # the misses are listed with their questions
    assert_text_only(markup)


def test_the_page_itself_and_the_briefings_hold_no_script_of_a_question(client):
    page = client.get(f"/?tab=ask&q={quote(XSS[0])}&lang={quote(XSS[4])}")
    assert page.status_code == 200 and "hacked" not in page.text
    for form in ("md", "csv", "docx"):
        answer = client.post("/briefing", data={"text": BODY[:800], "format": form, "lang": XSS[4]})
        assert answer.status_code == 200 and answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
        if form == "md":
            assert "hacked" in answer.text and "<" not in answer.text.replace("\\<", "")
        if form == "docx":
            from docx import Document

            assert any("hacked" in paragraph.text for paragraph in Document(io.BytesIO(answer.content)).paragraphs)


def test_a_library_that_names_a_file_of_this_machine_does_not_show_it(tmp_path):
    """Two characters guessed right, the first and the last, would have shown all that lies between."""
    secret = tmp_path / "secret.txt"
    secret.write_text("#" + "秘密\n" * 100 + "。", "utf-8")

    def document(text: str, *pieces: Piece) -> StoredDocument:
        return StoredDocument("a", "a", text, str(secret), "a", None, SourceMap(pieces), ())

    assert source_view(document("#。", Piece(0, 0, 1), Piece(1, 301, 1)), None) is None
    whole = secret.read_text("utf-8")
    shown = source_view(document(whole, Piece(0, 0, len(whole))), Span(1, 3))
    assert shown and shown.text == whole and shown.mark == Span(1, 3)


# -- the log ---------------------------------------------------------------------------------


WORDS = "xyzzy秘密"


def everything_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture) -> str:
    captured = capfd.readouterr()
    ours = (record for record in caplog.records if not record.name.startswith(("httpx", "asyncio")))
    return "\n".join(logging.Formatter().format(record) for record in ours) + captured.out + captured.err


def test_a_call_that_fails_leaves_its_place_in_the_log_and_not_its_words(client, caplog, capfd):
    config = client.get("/config").json()
    with caplog.at_level(logging.DEBUG, "baycase"):
        for function in config["dependencies"]:
            if not function["backend_fn"]:
                continue
            # Values of the wrong kind, and too few of them: Gradio's messages quote both.
            for data in ([WORDS] * max(1, len(function["inputs"])), [[WORDS]] * len(function["inputs"]), [WORDS][:1]):
                body = {"data": data, "fn_index": function["id"], "session_hash": WORDS}
                client.post("/gradio_api/run/predict", json=body)
        client.post("/gradio_api/run/similar", json={"data": [WORDS, WORDS, WORDS]})
        client.post(
            "/feedback", content=json.dumps({"query": WORDS, "doc_id": 1, "start": WORDS, "end": 2, "verdict": 3})
        )
        client.post("/briefing", data={"text": WORDS, "format": WORDS})
        client.get(f"/?tab=ask&q={WORDS}")
        client.get(f"/{WORDS}")
    logged = everything_logged(caplog, capfd)
    assert "xyzzy" not in logged and "\\u79d8" not in logged
    assert "a call failed" in logged and "preprocess" in logged  # and yet it can be found


def test_what_fails_in_a_view_or_a_route_is_logged_without_its_message(desk, client, caplog, capfd, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError(f"could not make anything of {WORDS}")

    monkeypatch.setattr(type(desk.shelf.library), "similar", broken)
    with caplog.at_level(logging.DEBUG, "baycase"):
        (function,) = [f for f in views(client) if f["takes"] == ["textbox", "textbox", "file"]][:1]
        body = {"data": ["?tab=similar", WORDS, None], "fn_index": function["id"], "session_hash": "s"}
        assert WORDS not in client.post("/gradio_api/run/predict", json=body).text
        answer = client.post("/briefing", data={"text": WORDS, "format": "md"})
        assert answer.status_code == 500 and WORDS not in answer.text
    logged = everything_logged(caplog, capfd)
    assert "xyzzy" not in logged
    assert logged.count("RuntimeError") >= 2 and "in view" in logged and "in briefing" in logged


def test_no_password_and_no_cookie_in_the_log(desk, tmp_path, caplog, capfd):
    path = tmp_path / "users"
    add_user(path, "mei", f"right {WORDS}", "reader")
    app = build_app(desk, hosts=host_names("127.0.0.1"), doorman=Login(read_users(path)))
    with caplog.at_level(logging.DEBUG), TestClient(app, base_url=BASE, follow_redirects=False) as opened:
        for password in (f"wrong {WORDS}", f"right {WORDS}"):
            answer = opened.post("/login", data={"user": "mei", "password": password})
        cookie = answer.headers["set-cookie"].split(";")[0].split("=", 1)[1]
        assert opened.get("/config").status_code == 200
    logged = everything_logged(caplog, capfd)
    assert "xyzzy" not in logged and cookie not in logged


# -- uploads ---------------------------------------------------------------------------------


def test_an_upload_that_says_nothing_of_its_size_is_cut_off(tmp_path: Path):
    seen = []

    async def counting(scope, receive, send) -> None:
        while (message := await receive()).get("more_body"):
            seen.append(len(message["body"]))

    chunks = (b"x" * (1 << 20) for _ in range((UPLOAD_LIMIT >> 20) + 2))
    answer = TestClient(Guard(counting, host_names("127.0.0.1")), base_url=BASE).post(
        "/gradio_api/upload", content=chunks
    )
    assert answer.status_code == 413 and sum(seen) <= UPLOAD_LIMIT
