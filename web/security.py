"""The guard in front of everything the server answers: host, origin, size, login, headers, language.

Plain ASGI, so that nothing behind it (Gradio's own routes included) is reached by a request that it
turned away. It knows logins only through `Doorman`.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from baycase.web.access import Role
from baycase.web.address import Address
from baycase.web.languages import DEFAULT, LANGUAGES, preferred
from baycase.web.quiet import where_it_failed

log = logging.getLogger("baycase.web")

BODY_LIMIT = 2 << 20  # bytes of any request that is no upload
UPLOAD_LIMIT = 64 << 20  # bytes of an upload
OWN_PATHS = ("/briefing", "/feedback", "/static-page/", "/login", "/logout", "/export/")
# Gradio's page needs inline scripts and styles, and makes functions from the `js=` of its events.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Doorman(Protocol):
    """Knows who has logged in: the role, None for nobody, and the name, empty where people do not log in."""

    def role(self, headers: Headers) -> Role | None: ...

    def name(self, headers: Headers) -> str: ...


class Everybody:
    """No login: whoever reaches the server is an editor. For this machine's own user."""

    def role(self, headers: Headers) -> Role | None:
        return "editor"

    def name(self, headers: Headers) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a page is made for."""

    language: str
    role: Role
    name: str


@dataclass(slots=True)
class Guard:
    """ASGI middleware; `hosts` are the names under which the server may be addressed, without port."""

    app: ASGIApp
    hosts: frozenset[str]
    doorman: Doorman = field(default_factory=Everybody)
    finish: Callable[[bytes, Reader], bytes] = lambda body, reader: body
    open_paths: tuple[str, ...] = ("/login", "/favicon.ico")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no part of the page speaks over a websocket
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        send = _with_headers(send)
        refusal = self._refusal(scope, headers)
        if refusal:
            await _answer(send, *refusal)
            return
        role = self.doorman.role(headers)
        if role is None and scope["path"] not in self.open_paths:
            await self._ask_to_log_in(scope, headers, send)
            return
        scope = {**scope, "state": {**scope.get("state", {}), "role": role}}
        language = self._rewrite(scope, headers)
        limit = UPLOAD_LIMIT if scope["path"].endswith("/upload") else BODY_LIMIT
        try:
            if role and language:
                reader = Reader(language, role, self.doorman.name(headers))
                send = _finished(send, self.finish, reader)
            await self.app(scope, _limited(receive, limit), send)
        except _TooLargeError:
            await _answer(send, 413, f"the request is larger than {limit >> 20} MB; send less at once")
        except Exception as error:  # the server would log its message, and that may quote the visitor
            log.error("baycase: a request failed\n%s", where_it_failed(error))

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = _name(headers.get("host", ""))
        if "*" not in self.hosts and host not in self.hosts:
            return 400, "this server is not addressed by that name; see --host and --allow-host"
        origin, site, mode = (headers.get(name) for name in ("origin", "sec-fetch-site", "sec-fetch-mode"))
        if origin is not None and not _same_origin(origin, headers):
            return 403, "the request comes from another site's page"
        # A link from elsewhere may open the page; nothing else may come from another site.
        opened = scope["method"] in ("GET", "HEAD") and mode == "navigate"
        if site in ("cross-site", "same-site") and not opened:
            return 403, "the request comes from another site's page"
        length = headers.get("content-length", "0")
        limit = UPLOAD_LIMIT if scope["path"].endswith("/upload") else BODY_LIMIT
        if not length.isdigit() or int(length) > limit:
            return 413, f"the request is larger than {limit >> 20} MB; send less at once"
        return None

    async def _ask_to_log_in(self, scope: Scope, headers: Headers, send: Send) -> None:
        if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            query = scope["query_string"] if scope["path"] == "/" else b""  # the view that was wanted, for afterwards
            await _answer(send, 303, "", ((b"location", b"/login?" + query if query else b"/login"),))
        else:
            await _answer(send, 401, "log in first")

    def _rewrite(self, scope: Scope, headers: Headers) -> str | None:
        """Lead a path to the page of its language; the language where the page itself is asked for."""
        path: str = scope["path"]
        if path.startswith(OWN_PATHS) or path == "/favicon.ico":
            return None
        first = path.split("/")[1]
        if first in LANGUAGES:
            return first if path.strip("/") == first else None
        language = DEFAULT
        if path == "/":
            query = scope["query_string"].decode("latin-1")
            language = Address.parse(query, preferred(headers.get("accept-language", ""))).lang
        scope["path"] = f"/{language}{path}"
        scope["raw_path"] = scope["path"].encode()
        return language if path == "/" else None


def _name(host: str) -> str:
    """A Host header's name, lower case, without its port."""
    if host.startswith("["):
        return host[1:].split("]")[0].lower()
    return host.rsplit(":", 1)[0].lower() if ":" in host else host.lower()


def _same_origin(origin: str, headers: Headers) -> bool:
    return origin.split("://")[-1].lower() == headers.get("host", "").lower()


class _TooLargeError(Exception):
    pass


def _limited(receive: Receive, limit: int) -> Receive:
    """`receive` that gives up when a body without a true content-length grows past the limit."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _TooLargeError
        return message

    return counted


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name for name, _ in HEADERS}
            kept = [(n, v) for n, v in message.get("headers", []) if n.lower() not in names and n.lower() != b"server"]
            message = {**message, "headers": [*kept, *HEADERS]}
        await send(message)

    return sent


def _finished(send: Send, finish: Callable[[bytes, Reader], bytes], reader: Reader) -> Send:
    """`send` that holds the page's HTML back until it is whole, and finishes it."""
    start: dict[str, Any] = {}
    body = bytearray()

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        if message["type"] != "http.response.body":
            await send(message)
            return
        body.extend(message.get("body", b""))
        if message.get("more_body"):
            return
        whole = bytes(body)
        kind = dict(start["headers"]).get(b"content-type", b"")
        if kind.startswith(b"text/html"):
            whole = finish(whole, reader)
        headers = [(n, v) for n, v in start["headers"] if n.lower() != b"content-length"]
        cache = [
            (b"content-length", str(len(whole)).encode()),
            (b"cache-control", b"no-cache" if not reader.name else b"no-store"),
            (b"content-language", reader.language.encode()),
        ]
        await send({**start, "headers": [*headers, *cache]})
        await send({"type": "http.response.body", "body": whole})

    return sent


async def _answer(send: Send, status: int, detail: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    body = json.dumps({"detail": detail}).encode() if detail else b""
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
