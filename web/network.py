"""Who may reach the page: on this machine anybody, on another address people who log in."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from pathlib import Path

from baycase.errors import UsageError
from baycase.web.login import Login
from baycase.web.security import Doorman, Everybody
from baycase.web.users import read_users

LOCAL = ("127.0.0.1", "localhost", "::1")


def doorman_for(host: str, auth_file: Path | None, without_login: bool) -> Doorman:
    """Raises UsageError where a login is needed and none was arranged."""
    if auth_file is not None:
        return Login(read_users(auth_file))
    if is_local(host) or without_login:
        return Everybody()
    raise UsageError(
        f"{host} can be reached from other machines, so people must log in: make a file of users with  "
        f"baycase ui --auth-file FILE --add-user NAME  and start with --auth-file FILE, or say --without-login"
    )


def is_local(host: str) -> bool:
    """Whether only this machine reaches the address; a name that is not localhost may lead anywhere."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_names(host: str, allowed: Iterable[str] = ()) -> frozenset[str]:
    """The names in a Host header that the server answers to; on every address also this machine's own."""
    names = {*LOCAL, host.lower(), *(name.lower() for name in allowed)}
    if host in ("0.0.0.0", "::", ""):
        own = socket.gethostname()
        names |= {own.lower(), socket.getfqdn().lower()}
        with contextlib.suppress(OSError):
            names |= {str(found[4][0]) for found in socket.getaddrinfo(own, None)}
    return frozenset(names)
