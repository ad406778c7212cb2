"""Requests that change something: only from our own pages, and only as JSON.

Whatever page the browser has open could send the server a form. A request that changes something
must name our own origin where the browser says where it comes from, must be addressed to this
machine by number or by a name it is known to have, and must be JSON, which no form can send
without asking first. A file that is uploaded is a form, and says instead who may send it.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from functools import cache
from typing import Annotated

from fastapi import Depends, HTTPException, Request

JSON = "application/json"
UPLOAD = "multipart/form-data"


def check_same_site(request: Request) -> None:
    """Raise unless a request that changes something comes from our own pages or from a program.

    Raises
    ------
    HTTPException
        403 where another site sent it, 415 where it is not JSON.
    """
    check_host(request)
    check_source(request)
    _check_content(request, JSON)


def check_upload(request: Request) -> None:
    """Raise unless a file comes from our own pages or from a program.

    Raises
    ------
    HTTPException
        403 where another site sent it, 415 where it is no upload.
    """
    check_host(request)
    check_source(request)
    _check_content(request, UPLOAD)


SameSite = Annotated[None, Depends(check_same_site)]
SameSiteUpload = Annotated[None, Depends(check_upload)]


def check_host(request: Request) -> None:
    """Raise 403 unless a request calls this server by a number or a name of its own."""
    host = request.headers.get("host", "")
    settings = request.app.state.settings
    if not _is_ours(host, (settings.host, *settings.trusted_hosts)):
        raise HTTPException(403, f"this server is not called {host}")


def check_source(request: Request) -> None:
    """Raise 403 where the browser says that another site sent a request."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise HTTPException(403, "requests of other sites are refused")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if origin is not None and origin != f"{request.url.scheme}://{host}":
        raise HTTPException(403, f"requests of {origin} are refused")


def is_loopback(host: str) -> bool:
    """Return whether an address to listen on is reached from this machine alone.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_content(request: Request, wanted: str) -> None:
    content = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content != wanted:
        raise HTTPException(415, f"the content must be {wanted}")


def _is_ours(host: str, names: Collection[str]) -> bool:
    """Return whether a Host header names this machine: a name may be bound to any address."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.strip("[]").lower()
    if name in ("localhost", _own_name(), *(known.lower() for known in names)):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@cache
def _own_name() -> str:
    return socket.gethostname().lower()
