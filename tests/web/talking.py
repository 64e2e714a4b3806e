"""Talks to the page's server as its script does, without a browser: joins the queue, reads the stream of answers."""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PATIENCE_S = 120.0


@dataclass
class Talk:
    """One visitor's connection; `config` is Gradio's description of the page."""

    server: str
    config: dict[str, Any] = field(default_factory=dict)
    session: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.server, timeout=PATIENCE_S, trust_env=False)
        self.config = self.config or self.client.get("/config").json()

    def function(self, elem_id: str) -> dict[str, Any]:
        """The function behind the click on a component."""
        (component,) = [c["id"] for c in self.config["components"] if c["props"].get("elem_id") == elem_id]
        return next(d for d in self.config["dependencies"] if [component, "click"] in d["targets"])

    def upload(self, path: Path) -> dict[str, Any]:
        with path.open("rb") as file:
            (kept,) = self.client.post("/gradio_api/upload", files={"files": (path.name, file)}).json()
        return {"path": kept, "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}

    def stream(self, elem_id: str, *data: Any) -> Iterator[tuple[float, dict[str, Any]]]:
        """(seconds since the click, message) until the function has ended."""
        began = time.monotonic()
        body = {"data": data, "fn_index": self.function(elem_id)["id"], "session_hash": self.session}
        joined = self.client.post("/gradio_api/queue/join", json=body)
        assert joined.status_code == 200, joined.text
        event = joined.json()["event_id"]
        with self.client.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as answer:
            for line in answer.iter_lines():
                if not line.startswith("data: "):
                    continue
                message = json.loads(line[6:])
                if message.get("event_id") not in (event, None):
                    continue
                yield time.monotonic() - began, message
                if message["msg"] == "process_completed":
                    assert message["success"], message
                    return

    def ask(self, elem_id: str, *data: Any) -> tuple[float, str]:
        """Seconds until the whole answer was there, and its HTML."""
        seconds, message = list(self.stream(elem_id, *data))[-1]
        answer = message["output"]["data"][0]
        assert elem_id != "go-ask" or "bc-answer" in answer or "bc-refusal" in answer, answer
        return seconds, answer

    def at_once(self, elem_id: str, *data: Any) -> None:
        """A function that does not queue."""
        body = {"data": data, "fn_index": self.function(elem_id)["id"], "session_hash": self.session}
        assert self.client.post("/gradio_api/run/predict", json=body).status_code == 200
