"""Uploads within their limits: refused while they come in, not after they have filled the disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import HTTPException, Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import Message

from gis.profiles import load

# What a form has besides the files themselves.
MORE_BYTES = 1 << 20
FIELDS = 8


@asynccontextmanager
async def upload_form(request: Request) -> AsyncIterator[FormData]:
    """Give the form of an upload, its files closed behind.

    Raises
    ------
    HTTPException
        413 if the request says, or is found while reading, to be larger than is taken; 400 if it
        is no form.
    """
    table = load("planner")["uploads"]
    most = int(table["bytes"]) + MORE_BYTES
    said = request.headers.get("content-length", "0")
    if not said.isascii() or not said.isdigit() or int(said) > most:
        raise _too_large(most)
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await request.receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise _too_large(most)
        return message

    limited = Request(request.scope, counted)
    try:
        form = await limited.form(max_files=int(table["files"]), max_fields=FIELDS)
    except StarletteHTTPException as error:
        raise HTTPException(error.status_code, str(error.detail)) from error
    try:
        yield form
    finally:
        await form.close()


def _too_large(most: int) -> HTTPException:
    megabytes = (most - MORE_BYTES) >> 20
    return HTTPException(413, f"files of more than {megabytes} MB are not taken: split them")
