"""Logging in: a page, a signed cookie, and wrong guesses that are slowed.

The guard asks `Login.role` for every request; without a valid cookie only the login page is answered.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import Headers

from baycase.web.access import Role
from baycase.web.address import Address
from baycase.web.languages import LANGUAGES, NAMES, preferred, texts
from baycase.web.markup import escape, tag
from baycase.web.users import User, hash_password, matches

COOKIE = "baycase"
SESSION_S = 12 * 3600
FREE_GUESSES = 3  # wrong passwords before each further one must wait, twice as long every time
LONGEST_WAIT_S = 300
FORGET_S = 3600  # a name or address without a wrong guess for so long starts anew
MOST_REMEMBERED = 10_000


class Slowdown:
    """Wrong guesses by key (an address, a user name) and how long the next one must wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._wrong: dict[str, tuple[int, float]] = {}

    def wait(self, *keys: str) -> float:
        """Seconds until another guess is looked at; 0 when it may be made now."""
        with self._lock:
            return max(0.0, *(self._until(key) - self._clock() for key in keys))

    def wrong(self, *keys: str) -> None:
        with self._lock:
            if len(self._wrong) > MOST_REMEMBERED:
                self._wrong = {k: v for k, v in self._wrong.items() if self._clock() - v[1] < FORGET_S}
            for key in keys:
                count, last = self._wrong.get(key, (0, 0.0))
                count = 0 if self._clock() - last > FORGET_S else count
                self._wrong[key] = (count + 1, self._clock())

    def right(self, *keys: str) -> None:
        with self._lock:
            for key in keys:
                self._wrong.pop(key, None)

    def _until(self, key: str) -> float:
        count, last = self._wrong.get(key, (0, 0.0))
        return last + min(2.0 ** (count - FREE_GUESSES), LONGEST_WAIT_S) if count >= FREE_GUESSES else 0.0


class Login:
    """Who has logged in. Sessions end by logging out, with the server, after twelve hours, or with the password."""

    def __init__(self, users: dict[str, User], clock: Callable[[], float] = time.time) -> None:
        self._users, self._clock = users, clock
        self._key = secrets.token_bytes(32)
        self._nobody = hash_password(secrets.token_urlsafe())
        self._left: dict[str, int] = {}  # signatures of sessions that were left, and until when they would have held
        self.slowdown = Slowdown()

    def role(self, headers: Headers) -> Role | None:
        """The role of the visitor whose cookie this is; None without a valid one."""
        found = self._session(headers)
        return found[0].role if found else None

    def name(self, headers: Headers) -> str:
        """The name of the visitor whose cookie this is; empty without a valid one."""
        found = self._session(headers)
        return found[0].name if found else ""

    def leave(self, headers: Headers) -> None:
        """End the session of this cookie for good: a copy of it opens nothing either."""
        found = self._session(headers)
        if found:
            now = self._clock()
            self._left = {s: until for s, until in self._left.items() if until > now} | {found[1]: found[2]}

    def check(self, name: str, password: str) -> User | None:
        """The user with this password; an unknown name takes as long as a wrong password."""
        user = self._users.get(name)
        right = matches(password, user.hashed if user else self._nobody)
        return user if right else None

    def cookie(self, user: User) -> str:
        """The cookie of a new session."""
        until, session = str(int(self._clock()) + SESSION_S), secrets.token_hex(8)
        name = user.name.encode().hex()
        return f"{name}.{until}.{session}.{self._sign(user, until, session)}"

    def _session(self, headers: Headers) -> tuple[User, str, int] | None:
        """The user, the signature and the end of the session that the cookie names; None where it is not valid."""
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
            name, until, session, signature = morsel.value.split(".") if morsel else ("", "", "", "")
            user = self._users.get(bytes.fromhex(name).decode())
        except (CookieError, ValueError):
            return None
        if user is None or not (until.isascii() and until.isdigit()) or int(until) < self._clock():
            return None
        if not hmac.compare_digest(signature.encode(), self._sign(user, until, session).encode()):
            return None
        return None if signature in self._left else (user, signature, int(until))

    def _sign(self, user: User, until: str, session: str) -> str:
        said = f"{user.name}\n{until}\n{session}\n{user.hashed}"
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest()


def add_login_routes(app: FastAPI, login: Login, secure: bool = False) -> None:
    """The login page, what it sends, and the way out. `secure`: the cookie goes over https only."""

    def page(request: Request) -> Response:
        return HTMLResponse(login_page(_address(request)))

    async def enter(request: Request) -> Response:
        address = _address(request)
        t = texts(address.lang)
        form = {n: v[-1] for n, v in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        name = form.get("user", "")[:64]
        keys = (f"address {request.client.host if request.client else ''}", f"user {name}")
        wait = login.slowdown.wait(*keys)
        if wait > 0:
            seconds = str(int(wait) + 1)
            told = login_page(address, t["login.slow"].format(seconds=seconds))
            return HTMLResponse(told, 429, headers={"retry-after": seconds})
        user = await run_in_threadpool(login.check, name, form.get("password", "")[:1000])
        if user is None:
            login.slowdown.wrong(*keys)
            return HTMLResponse(login_page(address, t["login.wrong"]), 401)
        login.slowdown.right(*keys)
        answer = RedirectResponse(f"/{address.to()}", 303)
        answer.set_cookie(COOKIE, login.cookie(user), max_age=SESSION_S, httponly=True, samesite="lax", secure=secure)
        return answer

    def leave(request: Request) -> Response:
        login.leave(request.headers)
        answer = RedirectResponse(f"/login?lang={_address(request).lang}", 303)
        answer.delete_cookie(COOKIE)
        return answer

    app.get("/login")(page)
    app.post("/login")(enter)
    app.post("/logout")(leave)


def _address(request: Request) -> Address:
    """The view that the visitor wanted, which the login page carries along."""
    return Address.parse(request.url.query, preferred(request.headers.get("accept-language", "")))


_LOOK = """
:root { color-scheme: light dark; }
body { font-family: system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; line-height: 1.6; }
body { max-width: 22rem; margin: 12vh auto; padding: 0 16px; }
label { display: block; margin: 12px 0; } nav a { margin-right: 12px; }
input, button { font: inherit; width: 100%; box-sizing: border-box; padding: 8px; min-height: 40px; }
"""


def login_page(address: Address, message: str = "") -> str:
    """The login page, on the way to a view; it needs nothing else from the server."""
    t = texts(address.lang)
    name = '<input name="user" autocomplete="username" required autofocus maxlength="64">'
    password = '<input name="password" type="password" autocomplete="current-password" required>'
    fields = [
        tag("label", escape(t["login.user"]), name),
        tag("label", escape(t["login.password"]), password),
        tag("button", escape(t["login.button"]), type="submit"),
    ]
    said = tag("p", escape(message), role="alert") if message else ""
    languages = [tag("a", escape(NAMES[code]), href=f"/login{address.to(lang=code)}", lang=code) for code in LANGUAGES]
    form = tag("form", *fields, method="post", action=f"/login{address.to()}")
    main = tag("main", tag("h1", escape(t["app.name"])), said, form)
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(t['login.title'])} · {escape(t['app.name'])}</title><style>{_LOOK}</style>"
    )
    body = tag("body", main, tag("nav", *languages, aria_label=t["nav.language"]))
    return f'<!doctype html><html lang="{t.language}"><head>{head}</head>{body}</html>'
