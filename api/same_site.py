"""Requests that change something: only from our own pages, and only as JSON.

The server has no users yet and listens on this machine; whatever page the browser has open could
send it a form. A request that changes something must name our own origin where the browser says
where it comes from, must be addressed to this machine by number or by the name it listens on, and
must be JSON, which no form can send without asking first.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated

from fastapi import Depends, HTTPException, Request

JSON = "application/json"


def check_same_site(request: Request) -> None:
    """Raise unless a request that changes something comes from our own pages or from a program.

    Raises
    ------
    HTTPException
        403 where another site sent it, 415 where it is not JSON.
    """
    host = request.headers.get("host", "")
    if not _is_ours(host, request.app.state.settings.host):
        raise HTTPException(403, f"this server is not called {host}")
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise HTTPException(403, "requests of other sites are refused")
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{host}":
        raise HTTPException(403, f"requests of {origin} are refused")
    content = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content != JSON:
        raise HTTPException(415, f"the content must be {JSON}")


SameSite = Annotated[None, Depends(check_same_site)]


def _is_ours(host: str, listens_on: str) -> bool:
    """Return whether a Host header names this machine: a name may be bound to any address."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.strip("[]").lower()
    if name in ("localhost", listens_on.lower()):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
