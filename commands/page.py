"""`baycase ui`: the web page, and who may log in to it."""

from pathlib import Path
from typing import Annotated

import typer

from baycase.commands.options import LibraryOption, ModelOption
from baycase.errors import UsageError
from baycase.places import default_library


def ui(
    library: LibraryOption = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; elsewhere than on this machine, with a login.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 picks a free one.", min=0, max=65535)] = 7860,
    model: ModelOption = None,
    auth_file: Annotated[Path | None, typer.Option(help="The file of people who may log in.")] = None,
    add_user: Annotated[
        str | None, typer.Option(help="Add this person to --auth-file (asks for a password) and stop.")
    ] = None,
    role: Annotated[str, typer.Option(help="With --add-user: reader or editor.")] = "reader",
    without_login: Annotated[
        bool, typer.Option("--without-login", help="Let everybody who reaches the address in.")
    ] = False,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A further name that browsers may call this server.")
    ] = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="Also offer ask, search and similar as MCP tools.")] = False,
) -> None:
    """Open the web page.

    Example: baycase ui --port 8080
    """
    if add_user is not None:
        from baycase.web.users import add_user as add

        if auth_file is None:
            raise UsageError("name the file to add to with --auth-file")
        add(auth_file, add_user, typer.prompt("Password", hide_input=True, confirmation_prompt=True), role)
        typer.echo(f"{auth_file}: {add_user} may log in as {role}")
        return
    from baycase.ui import serve

    serve(library or default_library(), host, port, model, auth_file=auth_file, without_login=without_login,
          allowed_hosts=allow_host or (), mcp=mcp)  # fmt: skip
