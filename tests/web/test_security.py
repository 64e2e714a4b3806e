"""What the page refuses: other sites, other names, visitors who are not logged in, too much, too often."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from baycase.errors import UsageError
from baycase.web.desk import Desk
from baycase.web.login import FREE_GUESSES, Login, Slowdown
from baycase.web.network import doorman_for, host_names
from baycase.web.security import BODY_LIMIT, UPLOAD_LIMIT, Everybody, Guard
from baycase.web.server import build_app
from baycase.web.users import add_user, read_users

HOSTS = host_names("127.0.0.1")
BASE = "http://127.0.0.1:7860"
TRAVERSALS = [
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file=../../../../etc/passwd",
    "/gradio_api/file=..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/gradio_api/file=%2fetc%2fpasswd",
    "/gradio_api/file=%252fetc%252fpasswd",
    "/gradio_api/file=....//....//etc/passwd",
    "/gradio_api/file=C:\\Windows\\win.ini",
    "/gradio_api/file=\\\\evil\\share\\x",
    "/gradio_api/file=http://evil.example/x",
    "/gradio_api/file=file:///etc/passwd",
    "/file=/etc/passwd",
    "/file/etc/passwd",
    "/static/../../../../etc/passwd",
    "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/static-page/../ui.py",
    "/static-page/..%2fserver.py",
    "/static-page/%2e%2e%2fsecurity.py",
    "/theme.css/../../../etc/passwd",
    "/gradio_api/proxy=http://169.254.169.254/latest",
    "/gradio_api/stream/x/../../../etc/passwd",
    "/gradio_api/custom_component/../../etc/passwd",
]


class Probe:
    """An application that counts what reaches it."""

    def __init__(self) -> None:
        self.calls: list[dict] = []

    async def __call__(self, scope, receive, send) -> None:
        self.calls.append(scope)
        while (message := await receive()).get("more_body"):
            assert message["type"] == "http.request"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"reached"})


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
def outside(probe: Probe) -> TestClient:
    """A client of the guard alone, with the probe behind it."""
    return TestClient(Guard(probe, HOSTS), base_url=BASE)


@pytest.fixture(scope="module")
def auth_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("auth") / "users"
    add_user(path, "reader", "a reader's word", "reader")
    add_user(path, "editor", "an editor's word", "editor")
    return path


@pytest.fixture(scope="module")
def guarded(library_folder: Path, auth_file: Path) -> Iterator[TestClient]:
    """The whole application behind a login."""
    app = build_app(Desk(library_folder), hosts=HOSTS, doorman=Login(read_users(auth_file)))
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        yield client


def _logged_in(guarded: TestClient, name: str, password: str) -> dict[str, str]:
    answer = guarded.post("/login", data={"user": name, "password": password})
    assert answer.status_code == 303, answer.text
    guarded.cookies.clear()
    return {"cookie": answer.headers["set-cookie"].split(";")[0]}


# -- other sites and names ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://127.0.0.1:7860.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    ],
)
@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/upload", "/feedback", "/briefing", "/login"])
def test_another_sites_page_may_not_post(outside, probe, headers, path):
    answer = outside.post(path, json={}, headers=headers)
    assert answer.status_code == 403
    assert probe.calls == []
    assert "access-control-allow-origin" not in answer.headers


def test_another_site_may_not_read_but_may_link(outside, probe):
    assert outside.get("/config", headers={"origin": "https://evil.example"}).status_code == 403
    assert (
        outside.get("/config", headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}).status_code == 403
    )
    assert outside.options("/gradio_api/upload", headers={"origin": "https://evil.example"}).status_code == 403
    assert probe.calls == []
    assert outside.get("/", headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}).status_code == 200
    assert outside.post("/feedback", headers={"origin": BASE, "sec-fetch-site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil:7860", "[::2]:80"])
def test_an_unknown_host_is_refused(outside, probe, host):
    assert outside.get("/", headers={"host": host}).status_code == 400
    assert probe.calls == []


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "LOCALHOST:7860", "[::1]:7860"])
def test_own_names_are_answered(outside, host):
    assert outside.get("/", headers={"host": host}).status_code == 200


def test_no_websocket_reaches_the_application(outside, probe):
    with pytest.raises(Exception), outside.websocket_connect("/ws"):  # noqa: B017
        pass
    assert probe.calls == []


# -- sizes and headers ------------------------------------------------------------------------------


def test_bodies_have_a_limit_with_and_without_a_length(outside, probe):
    assert outside.post("/gradio_api/run/ask", content=b"x" * (BODY_LIMIT + 1)).status_code == 413
    assert probe.calls == []
    chunks = (b"x" * 65536 for _ in range(BODY_LIMIT // 65536 + 2))
    assert outside.post("/gradio_api/run/ask", content=chunks).status_code == 413
    assert outside.post("/gradio_api/upload", headers={"content-length": str(UPLOAD_LIMIT + 1)}).status_code == 413
    assert outside.post("/gradio_api/upload", content=b"x" * (BODY_LIMIT + 1)).status_code == 200


def test_every_answer_carries_the_security_headers(outside, guarded):
    for answer in (outside.get("/"), outside.post("/", headers={"origin": "null"}), guarded.get("/login")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


def test_a_five_megabyte_question_is_refused(guarded):
    headers = _logged_in(guarded, "reader", "a reader's word")
    answer = guarded.post("/gradio_api/run/ask", json={"data": ["港" * 5_000_000]}, headers=headers)
    assert answer.status_code == 413


# -- logging in ---------------------------------------------------------------------------------------


def test_without_a_login_only_the_login_page_is_answered(guarded):
    closed = (
        "config gradio_api/info gradio_api/openapi.json gradio_api/runs gradio_api/startup-events static-page/page.js "
        "theme.css en/config export/feedback.zip"
    )
    for path in (f"/{name}" for name in closed.split()):
        assert guarded.get(path).status_code == 401, path
    page = guarded.get("/", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login")
    login = guarded.get("/login?lang=zh-Hant")
    assert login.status_code == 200 and 'lang="zh-Hant"' in login.text


def test_no_endpoint_is_called_without_a_login(guarded):
    headers = _logged_in(guarded, "reader", "a reader's word")
    functions = guarded.get("/config", headers=headers).json()["dependencies"]
    assert len(functions) > 15
    for function in functions:
        body = {"data": ["x"] * len(function["inputs"]), "fn_index": function["id"], "session_hash": "s"}
        for prefix in ("", "/en", "/zh-Hant"):
            assert guarded.post(f"{prefix}/gradio_api/queue/join", json=body).status_code == 401
            for way in ("run", "call", "api"):
                name = function["api_name"] or function["id"]
                assert guarded.post(f"{prefix}/gradio_api/{way}/{name}", json=body).status_code == 401
    for path in (
        "/gradio_api/upload",
        "/gradio_api/reset",
        "/gradio_api/cancel",
        "/gradio_api/component_server",
        "/briefing",
    ):
        assert guarded.post(path).status_code == 401


def test_a_reader_asks_and_an_editor_changes(guarded, library_folder):
    reader, editor = (_logged_in(guarded, n, f"{w} {n}'s word") for n, w in (("reader", "a"), ("editor", "an")))
    asked = guarded.post("/gradio_api/run/ask", json={"data": ["港车北上的保险怎么认？"]}, headers=reader)
    assert asked.status_code == 200 and asked.json()["data"][0]["hits"]
    assert guarded.get("/export/feedback.zip", headers=reader).status_code == 403
    assert guarded.get("/export/feedback.zip", headers=editor).status_code == 200
    functions = guarded.get("/config", headers=reader).json()["dependencies"]
    before = (library_folder / "library.db").read_bytes()
    for function in functions:  # hidden ones too: whatever a reader calls, the library stays as it is
        body = {
            "data": ["?tab=library", "gba-rule-alignment-cases-01"][: len(function["inputs"])],
            "fn_index": function["id"],
        }
        guarded.post("/gradio_api/run/predict", json={**body, "session_hash": "r"}, headers=reader)
    assert (library_folder / "library.db").read_bytes() == before


def test_wrong_logins_are_slowed(guarded):
    found = [guarded.post("/login", data={"user": "nobody", "password": str(n)}).status_code for n in range(10)]
    assert found[:FREE_GUESSES] == [401] * FREE_GUESSES
    assert found[FREE_GUESSES:] == [429] * (10 - FREE_GUESSES)
    login = guarded.app.doorman  # the address is slowed for everybody who comes from it; later tests start anew
    login.slowdown = Slowdown()


def test_each_wrong_guess_waits_twice_as_long():
    now = [1000.0]
    slowdown = Slowdown(lambda: now[0])
    waits = []
    for _ in range(8):
        slowdown.wrong("user mei")
        waits.append(slowdown.wait("user mei"))
        now[0] += waits[-1]
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32]
    slowdown.right("user mei")
    slowdown.wrong("user mei")
    assert slowdown.wait("user mei") == 0


def test_cookies_are_signed_expire_and_end_with_the_password(auth_file):
    from starlette.datastructures import Headers

    now = [1_000_000.0]
    users = read_users(auth_file)
    login = Login(users, lambda: now[0])
    cookie = login.cookie(users["reader"])
    assert login.role(Headers({"cookie": f"baycase={cookie}"})) == "reader"
    name, until, session, signature = cookie.split(".")
    forged = [
        f"{b'editor'.hex()}.{until}.{session}.{signature}",
        f"{name}.{int(until) + 1}.{session}.{signature}",
        f"{name}.{until}.{'0' * 16}.{signature}",
        f"{name}.{until}.{session}.{'0' * 64}",
        f"{name}.{until}.{session}.é",
        "",
        "a.b",
        "zz.1.2.3",
    ]
    assert [login.role(Headers({"cookie": f"baycase={each}"})) for each in forged] == [None] * len(forged)
    assert Login(users).role(Headers({"cookie": f"baycase={cookie}"})) is None  # another server's key
    now[0] += 13 * 3600
    assert login.role(Headers({"cookie": f"baycase={cookie}"})) is None


def test_logging_out_ends_the_session_and_no_other(guarded):
    first, second = (_logged_in(guarded, "reader", "a reader's word") for _ in range(2))
    assert first != second
    answer = guarded.post("/logout?lang=en", headers=first)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?lang=en")
    assert 'baycase=""' in answer.headers["set-cookie"] and "Max-Age=0" in answer.headers["set-cookie"]
    assert guarded.get("/config", headers=first).status_code == 401  # a copy of the cookie opens nothing either
    assert guarded.get("/config", headers=second).status_code == 200
    assert guarded.post("/logout", headers={**second, "origin": "https://evil.example"}).status_code == 403
    assert guarded.get("/config", headers=second).status_code == 200


def test_the_page_says_whom_it_is_for(guarded):
    for name, word in (("reader", "a reader's word"), ("editor", "an editor's word")):
        page = guarded.get("/?lang=zh-Hant", headers=_logged_in(guarded, name, word))
        assert f'lang="zh-Hant" data-role="{name}" data-user="{name}"' in page.text
        assert page.headers["cache-control"] == "no-store"  # Back shows nothing after logging out


def test_the_login_page_leads_to_the_view_that_was_wanted(guarded):
    wanted = "?tab=library&lang=en&doc=gba-rule-alignment-cases-01"
    asked = guarded.get(f"/{wanted}", headers={"accept": "text/html"})
    assert asked.headers["location"] == f"/login{wanted}"
    assert "doc=gba-rule-alignment-cases-01" in guarded.get(asked.headers["location"]).text
    answer = guarded.post(f"/login{wanted}", data={"user": "reader", "password": "a reader's word"})
    guarded.cookies.clear()
    assert answer.headers["location"] == f"/{wanted}"
    away = guarded.post("/login?next=//evil.example&lang=en", data={"user": "reader", "password": "a reader's word"})
    guarded.cookies.clear()
    assert away.headers["location"] == "/?tab=ask&lang=en"


def test_passwords_are_kept_as_hashes(auth_file):
    kept = auth_file.read_text()
    assert "word" not in kept and kept.count("scrypt$") == 2
    assert auth_file.stat().st_mode & 0o077 == 0
    login = Login(read_users(auth_file))
    assert login.check("reader", "a reader's word") is not None
    assert login.check("reader", "an editor's word") is None
    assert login.check("somebody", "a reader's word") is None


def test_other_addresses_demand_a_login(auth_file):
    for host in ("0.0.0.0", "192.168.1.4", "::", "myhost"):
        with pytest.raises(UsageError, match="--without-login"):
            doorman_for(host, None, False)
        assert isinstance(doorman_for(host, auth_file, False), Login)
        assert isinstance(doorman_for(host, None, True), Everybody)
    assert isinstance(doorman_for("127.0.0.1", None, False), Everybody)


@pytest.mark.parametrize(
    "line", ["mei", "mei:owner:scrypt$1$2$3$4$5", "mei:reader:plain", "a b:reader:scrypt$1$2$3$4$5"]
)
def test_a_bad_line_of_the_users_file_is_named(tmp_path, line):
    path = tmp_path / "users"
    path.write_text(f"# people\n{line}\n")
    with pytest.raises(UsageError, match="line 2"):
        read_users(path)


# -- paths, and the log ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_file_of_the_machine_is_served(guarded, path):
    headers = _logged_in(guarded, "editor", "an editor's word")
    for prefix in ("", "/en"):
        answer = guarded.get(prefix + path, headers=headers)
        assert answer.status_code in (400, 403, 404, 405, 422), answer.status_code
        assert "root:" not in answer.text and "import" not in answer.text


def test_uploads_keep_to_their_folder(guarded):
    headers = _logged_in(guarded, "editor", "an editor's word")
    for name in ("../../evil.txt", "..\\..\\evil.txt", "/etc/evil.txt", "a\nb.txt"):
        answer = guarded.post("/gradio_api/upload", files={"files": (name, b"x")}, headers=headers)
        if answer.status_code == 200:
            for path in answer.json():
                assert ".." not in Path(path).parts and "gradio" in Path(path).parts


def test_no_question_in_the_log(guarded, caplog, capfd):
    headers = _logged_in(guarded, "reader", "a reader's word")
    secret = "秘密问题 xyzzy"
    with caplog.at_level(logging.INFO):
        assert guarded.post("/gradio_api/run/ask", json={"data": [secret]}, headers=headers).status_code == 200
        guarded.post("/gradio_api/run/ask", json={"data": ["\x01" + secret]}, headers=headers)
        guarded.post("/feedback", content=json.dumps({"query": secret}), headers=headers)
    captured = capfd.readouterr()
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert "xyzzy" not in ours + captured.out + captured.err
