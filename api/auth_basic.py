"""HTTP Basic for programs that read features and tiles, such as QGIS and GDAL.

They have no login page. What they send with each request begins a session at the first one, and
is looked up from then on: a password is not checked hundreds of times, and roles, limits and
disabled accounts are those of every session. Only reading, only below these addresses.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Callable

from fastapi import HTTPException, Request
from starlette.types import Scope

PATHS = ("/ogc", "/tiles/")
# What a program that was refused is asked for.
CHALLENGE = 'Basic realm="fengqiao", charset="UTF-8"'
# So many programs are remembered in one process.
MOST = 1000
# Longer ones are no name and password.
MOST_LETTERS = 2000

LogIn = Callable[[str, str], str]


def takes_basic(scope: Scope) -> bool:
    """Return whether a request may say who asks with every request."""
    path: str = scope["path"]
    return scope["method"] in ("GET", "HEAD") and path.startswith(PATHS)


def basic_of(request: Request) -> tuple[str, str] | None:
    """Return the name and the password that a request says, None where it says none.

    Raises
    ------
    HTTPException
        401 if what it says cannot be read.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() != "basic" or not takes_basic(request.scope):
        return None
    try:
        text = base64.b64decode(given[:MOST_LETTERS].strip(), validate=True).decode()
    except ValueError as error:
        raise HTTPException(401, "name or password is wrong") from error
    name, _, password = text.partition(":")
    return name, password


class BasicSessions:
    """The sessions of programs, by what they say; names and passwords are not kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._salt = secrets.token_bytes(32)
        self._tokens: dict[bytes, str] = {}

    def recall(self, given: tuple[str, str]) -> str:
        """Return the token of a session that was begun with this name and password, "" if none."""
        return self._tokens.get(self._key(given), "")

    def begin(self, given: tuple[str, str], log_in: LogIn) -> str:
        """Return the token of a new session.

        Parameters
        ----------
        given
            Name and password.
        log_in
            Begins a session and returns its token, or raises 401 or 429.
        """
        token = log_in(*given)
        with self._lock:
            if len(self._tokens) >= MOST:
                self._tokens.clear()
            self._tokens[self._key(given)] = token
        return token

    def _key(self, given: tuple[str, str]) -> bytes:
        said = "\0".join(given).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(said, key=self._salt).digest()
