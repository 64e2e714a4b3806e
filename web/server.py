"""The server: the page in three languages in one FastAPI application behind the guard, run by uvicorn."""

import json
import os
import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from importlib.util import find_spec

# Gradio reads these when it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_RUN_HISTORY"] = "False"
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from baycase.web.startup import without_interim_servers, without_stub_files

with without_stub_files():
    import gradio as gr
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import Response
from gradio.themes import Base
from starlette.types import ASGIApp

from baycase.errors import MissingExtraError
from baycase.web.desk import Desk
from baycase.web.languages import LANGUAGES, texts
from baycase.web.login import Login, add_login_routes
from baycase.web.markup import attributes
from baycase.web.page import build_page
from baycase.web.quiet import quiet_gradio
from baycase.web.routes import add_routes
from baycase.web.security import UPLOAD_LIMIT, Doorman, Everybody, Guard, Reader
from baycase.web.tools import answer_in_json

FONTS = ("system-ui", "Segoe UI", "Roboto", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")
STATIC = {"page.css": "text/css", "page.js": "text/javascript", "favicon.svg": "image/svg+xml"}
FOREIGN = re.compile(r"""<(?:script|link|meta)\b[^>]*\b(?:src|href|content)=["']https?://[^>]*>(?:\s*</script>)?""")


def build_app(desk: Desk, *, hosts: Iterable[str], doorman: Doorman | None = None, mcp: bool = False) -> ASGIApp:
    """The whole application for a desk."""
    quiet_gradio()
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    # An own CORS policy keeps Gradio from adding its own, which reflects any origin.
    app.add_middleware(CORSMiddleware, allow_origins=[])
    _static_routes(app)
    add_routes(app, desk)
    if isinstance(doorman, Login):
        add_login_routes(app, doorman)
    if mcp and find_spec("mcp") is None:
        raise MissingExtraError(
            "serving tools over MCP needs the package mcp: install it with  pip install 'baycase[mcp]'"
        )
    theme = Base(
        primary_hue="teal", neutral_hue="slate", font=FONTS, font_mono=("ui-monospace", "Consolas", "monospace")
    )
    for language in LANGUAGES:
        with without_interim_servers():
            page = build_page(texts(language), desk)
        gr.mount_gradio_app(
            app,
            page,
            path=f"/{language}",
            theme=theme,
            run_history=False,
            enable_monitoring=False,
            footer_links=[],
            max_file_size=UPLOAD_LIMIT,
            show_error=True,
            mcp_server=mcp and language == LANGUAGES[0],
            ssr_mode=False,
            pwa=False,
        )
        page.app = app.routes[-1].app  # pyright: ignore[reportAttributeAccessIssue]  # what was mounted just now
        if page.mcp_error:  # Gradio itself goes on without tools
            raise MissingExtraError(f"tools over MCP cannot be served: {page.mcp_error}")
        if mcp and language == LANGUAGES[0]:
            answer_in_json(page)
    return Guard(app, frozenset(hosts), doorman or Everybody(), _finish)


def _static_routes(app: FastAPI) -> None:
    def serve(name: str) -> Response:
        if name not in STATIC:
            return Response(status_code=404)
        return Response(_static(name), media_type=STATIC[name], headers={"cache-control": "public, max-age=86400"})

    app.get("/static-page/{name}")(serve)
    app.get("/favicon.ico")(lambda: serve("favicon.svg"))


@cache
def _static(name: str) -> bytes:
    return (files("baycase.web") / name).read_bytes()


def _address(name: str) -> str:
    return f"/static-page/{name}?{sha256(_static(name)).hexdigest()[:12]}"


def _finish(page: bytes, reader: Reader) -> bytes:
    """The page as Gradio made it, with its language, title, script, look and reader, and nothing of another host."""
    t = texts(reader.language)
    words = json.dumps({key: value for key, value in t.items() if key.startswith(SCRIPT_TEXTS)}, ensure_ascii=False)
    head = (
        f"<title>{escape(t['app.title'])}</title>"
        f'<link rel="icon" type="image/svg+xml" href="{_address("favicon.svg")}">'
        f'<link rel="stylesheet" href="{_address("page.css")}">'
        f'<script type="application/json" id="bc-texts">{words.replace("<", chr(92) + "u003c")}</script>'
        f'<script src="{_address("page.js")}"></script>'
    )
    html = FOREIGN.sub("", page.decode("utf-8"))
    # The style sheet shows what the role may do and, with a name, the way out.
    about = attributes(lang=reader.language, data_role=reader.role, data_user=reader.name or None)
    html = html.replace('lang="en"', about.strip(), 1).replace("</head>", head + "</head>", 1)
    return html.encode("utf-8")


SCRIPT_TEXTS = ("wait.", "cite.copied", "feedback.", "error.title", "app.name")
