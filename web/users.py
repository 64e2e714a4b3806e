"""The file of people who may log in: a name, a role and a hashed password a line.

    mei:editor:scrypt$16384$8$1$<salt>$<hash>

Passwords are kept as scrypt hashes only. It knows nothing of sessions or pages.
"""

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from baycase.errors import UsageError
from baycase.web.access import Role

N, R, P = 1 << 14, 8, 1  # about 50 ms and 16 MB a guess
SHORTEST = 8
_NAME = re.compile(r"[^\s:]{1,64}")


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: Role
    hashed: str


def hash_password(password: str) -> str:
    """`scrypt$n$r$p$salt$hash`, with a salt of its own."""
    salt = secrets.token_bytes(16)
    return "$".join(
        [
            "scrypt",
            str(N),
            str(R),
            str(P),
            b64encode(salt).decode(),
            b64encode(_scrypt(password, salt, N, R, P)).decode(),
        ]
    )


def matches(password: str, hashed: str) -> bool:
    """Whether a password gave this hash; takes as long either way."""
    _, n, r, p, salt, digest = hashed.split("$")
    return hmac.compare_digest(_scrypt(password, b64decode(salt), int(n), int(r), int(p)), b64decode(digest))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=256 << 20, dklen=32)


def read_users(path: Path) -> dict[str, User]:
    """The users by name; raises UsageError that names the file and the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read ({error}): make it with  baycase ui --auth-file {path} --add-user NAME"
        ) from error
    users = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        role, _, hashed = rest.partition(":")
        if not _NAME.fullmatch(name) or role not in get_args(Role) or not re.fullmatch(r"scrypt(\$[^$]+){5}", hashed):
            raise UsageError(f"{path}, line {number}: expected name:role:hash, role reader or editor")
        users[name] = User(name, role, hashed)  # pyright: ignore[reportArgumentType]
    if not users:
        raise UsageError(f"{path} names nobody: add a user with  baycase ui --auth-file {path} --add-user NAME")
    return users


def add_user(path: Path, name: str, password: str, role: str) -> None:
    """Add a user, or give one another password and role; the file is replaced whole and is its owner's alone."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"a user name has 1 to 64 characters without spaces and colons, not {name[:80]!r}")
    if role not in get_args(Role):
        raise UsageError(f"a role is reader or editor, not {role!r}")
    if len(password) < SHORTEST:
        raise UsageError(f"the password has {len(password)} characters; take at least {SHORTEST}")
    users = read_users(path) if path.exists() else {}
    users[name] = User(name, role, hash_password(password))  # pyright: ignore[reportArgumentType]
    handle, draft = tempfile.mkstemp(dir=path.absolute().parent, prefix=".users-")  # made readable by its owner only
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(f"{user.name}:{user.role}:{user.hashed}\n" for user in users.values())
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
