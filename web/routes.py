"""The page's own routes beside Gradio's: briefings, feedback, its export. Each checks the role itself."""

import json
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from baycase.errors import BayCaseError, UsageError
from baycase.search.briefing import to_csv, to_docx, to_markdown
from baycase.web.access import RefusedError, demand
from baycase.web.desk import Desk
from baycase.web.languages import DEFAULT, known

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BRIEFING_CASES = 5


def add_routes(app: FastAPI, desk: Desk) -> None:
    """The routes of a desk."""

    async def briefing(request: Request) -> Response:
        """A proposal's briefing as a file: form fields `text`, `format` (docx, md, csv), `lang`."""
        demand(request, "reader")
        form = {
            name: values[-1] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()
        }
        language = known(form.get("lang")) or DEFAULT
        result = await run_in_threadpool(desk.shelf.library.similar, form.get("text", ""), BRIEFING_CASES)
        match form.get("format"):
            case "docx":
                return _file(await run_in_threadpool(to_docx, result, language), DOCX, "briefing.docx")
            case "csv":
                return _file(to_csv(result, language).encode(), "text/csv; charset=utf-8", "briefing.csv")
            case "md":
                return _file(to_markdown(result, language).encode(), "text/markdown; charset=utf-8", "briefing.md")
        raise UsageError(f"a briefing is docx, md or csv, not {form.get('format')!r}")

    async def feedback(request: Request) -> Response:
        """Keep a verdict: JSON with query, doc_id, start, end, verdict."""
        demand(request, "reader")
        try:
            said: Any = json.loads(await request.body())
            fields = [said[name] for name in ("query", "doc_id", "start", "end", "verdict")]
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError("expected a JSON object with query, doc_id, start, end, verdict") from error
        await run_in_threadpool(desk.feedback.add, desk.shelf.library, *fields)
        return JSONResponse({"stored": True}, 201)

    def export(request: Request) -> Response:
        demand(request, "editor")
        return _file(desk.feedback.test_set(desk.shelf.library), "application/zip", "feedback-testset.zip")

    app.post("/briefing")(briefing)
    app.post("/feedback")(feedback)
    app.get("/export/feedback.zip")(export)
    app.add_exception_handler(BayCaseError, _told)


def _told(request: Request, error: Exception) -> Response:
    status = 403 if isinstance(error, RefusedError) else 400 if isinstance(error, UsageError) else 409
    return JSONResponse({"detail": str(error)}, status)


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
