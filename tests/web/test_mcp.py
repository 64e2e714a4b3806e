"""`baycase ui --mcp`: ask, search and similar as tools, called by the protocol's own client."""

import asyncio
import json
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed: pip install 'baycase[mcp]'")


def test_tools_are_listed_and_answer(library_folder: Path, serve, tmp_path: Path):
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk(address: str) -> tuple[list[str], list[str], str]:
        async with (
            streamablehttp_client(f"{address}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            said = await session.call_tool("ask", {"text": "港车北上的保险在内地怎么认？"})
            assert not said.isError, said
            return [t.name for t in tools], [t.description or "" for t in tools], said.content[0].text

    with serve(library_folder, tmp_path / "library", "--mcp") as address:
        names, descriptions, said = asyncio.run(talk(address))
    assert set(names) == {"ask", "search", "similar"}  # and none of the page's own functions
    assert all(len(each) > 20 for each in descriptions)
    answer = json.loads(said)
    assert answer["answered"] and "等效先认" in answer["citations"][0]["quote"]
