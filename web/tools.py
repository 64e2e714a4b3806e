"""The page's endpoints as MCP tools, whose results are JSON. Needs the extra `mcp`; Gradio does the rest."""

import json
from typing import Any

import gradio as gr

from baycase.errors import MissingExtraError


def answer_in_json(page: gr.Blocks) -> None:
    """Let the tools of a mounted page answer with the JSON of the interfaces; Gradio writes Python's form of it."""
    server = page.mcp_server_obj
    if server is None:
        raise MissingExtraError("tools over MCP cannot be served: this Gradio has no server for them")
    from mcp.types import ImageContent, TextContent  # pyright: ignore[reportMissingImports]

    def told(data: Any, root_url: str) -> list[TextContent | ImageContent]:
        return [TextContent(type="text", text=json.dumps(output, ensure_ascii=False)) for output in data]

    server.postprocess_output_data = told
