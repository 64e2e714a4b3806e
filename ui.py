"""The web page's entry: a library folder and an address in, a running server out.

`baycase ui` and `python ui.py` start it; the page itself is in `baycase.web`.
"""

import contextlib
import socket
import sys
from pathlib import Path

LOCAL = ("127.0.0.1", "localhost", "::1")


def serve(library_folder: Path, host: str = "127.0.0.1", port: int = 7860, model: str | None = None) -> None:
    """Serve the page until it is interrupted; port 0 takes a free one. The model loads behind the page."""
    import uvicorn

    from baycase.web.desk import Desk
    from baycase.web.server import build_app

    class Server(uvicorn.Server):
        """uvicorn's server, which says where it is once it answers, and then loads the model."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            for bound in sockets or []:
                print(f"BayCase: {address_of(bound)}", flush=True)
            desk.warm()

    desk = Desk(library_folder, model)
    app = build_app(desk, hosts=[*LOCAL, host])
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False, server_header=False)
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run(sockets=[config.bind_socket()])


def address_of(bound: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


if __name__ == "__main__":
    from baycase.cli import app as cli

    cli(["ui", *sys.argv[1:]])
