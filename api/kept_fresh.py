"""Answers that a browser keeps, and asks about before it shows them again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from fastapi import Request, Response


def kept_fresh(
    request: Request, etag: str, media_type: str, make: Callable[[], bytes | str]
) -> Response:
    """Return the content, or 304 where the browser has it already.

    Parameters
    ----------
    request
        Its `If-None-Match` says what the browser has.
    etag
        Changes whenever the content may; in its double quotes.
    media_type
        What the content is.
    make
        Called only if the content is wanted.
    """
    # no-cache: may be kept, but not be shown without asking whether it still holds.
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    known = request.headers.get("If-None-Match", "").split(",")
    if etag in (tag.strip().removeprefix("W/") for tag in known):
        return Response(status_code=304, headers=headers)
    return Response(make(), media_type=media_type, headers=headers)


def etag_of(*parts: bytes | str) -> str:
    """Return an entity tag that changes when any part does.

    Examples
    --------
    >>> etag_of("a", "bc") == etag_of("ab", "c")
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "big") + content)
    return f'"{digest.hexdigest()[:32]}"'
