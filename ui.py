"""The web page's entry: a library folder and an address in, a running server out.

`baycase ui` and `python ui.py` start it; the page itself is in `baycase.web`.
"""

import contextlib
import gc
import logging
import runpy
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

LEAVING_S = 3  # that open connections have when the server is told to stop: a client's stream of events never ends


def serve(
    library_folder: Path,
    host: str = "127.0.0.1",
    port: int = 7860,
    model: str | None = None,
    *,
    auth_file: Path | None = None,
    without_login: bool = False,
    allowed_hosts: Sequence[str] = (),
    mcp: bool = False,
) -> None:
    """Serve the page until it is interrupted; port 0 takes a free one. The model loads behind the page.

    On an address that other machines reach, `auth_file` (see `web.users`) is needed, or `without_login`.
    `allowed_hosts` are further names under which browsers may address the server. Raises UsageError.
    """
    gc.disable()  # until the page is up: what is imported and built stays, and looking through it takes .3 s

    import uvicorn

    from baycase.web.desk import Desk
    from baycase.web.network import doorman_for, host_names

    doorman = doorman_for(host, auth_file, without_login)  # before anything heavy is imported
    from baycase.web.server import build_app

    class Server(uvicorn.Server):
        """uvicorn's server, which says where it is once it answers, and then loads the model."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            for bound in sockets or []:
                print(f"BayCase: {address_of(bound)}", flush=True)
            gc.freeze()
            gc.enable()
            desk.warm()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # Every open page holds a stream; that these are cut off now is no news.
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
            await super().shutdown(sockets)

    desk = Desk(library_folder, model)
    app = build_app(desk, hosts=host_names(host, allowed_hosts), doorman=doorman, mcp=mcp)
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False, server_header=False,
                            timeout_graceful_shutdown=LEAVING_S)  # fmt: skip
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run(sockets=[config.bind_socket()])


def address_of(bound: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


if __name__ == "__main__":
    sys.argv[:1] = ["baycase", "ui"]
    runpy.run_module("baycase", run_name="__main__")
