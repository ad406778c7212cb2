"""Wall screens: what an operator shows on one, and the events by which it follows."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

import anyio
from anyio import to_thread
from fastapi import APIRouter, Header, Path
from fastapi.sse import format_sse_event
from pydantic import BaseModel, ConfigDict, Field

from api.incident_source import Source
from api.same_site import SameSite
from api.streams import Events, is_over
from gis.errors import NotFoundError, StoreError
from gis.store import Store
from gis.store_displays import MOST_LETTERS, NAME, Display, display_of, show_on

router = APIRouter()

# How often the store is asked what a screen shall show, and how long a connection may be silent:
# a screen that hears nothing for longer says that it is cut off.
LOOK_S = 0.3
SILENT_S = 4.0

Name = Annotated[str, Path(pattern=f"^{NAME.pattern}$", description="Name of the screen.")]


class Shown(BaseModel):
    """What a screen shall show.

    Parameters
    ----------
    address
        Path, query and fragment of a page of this server.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"address": "/pages/incident?lon=120.72&lat=30.15"}]},
    )

    address: str = Field(min_length=1, max_length=MOST_LETTERS)


@router.get("/displays/{name}")
def display(name: Name, source: Source) -> dict[str, Any]:
    """Return what a wall screen shows."""
    return _document(display_of(source.store, name))


@router.post("/displays/{name}")
def show(name: Name, shown: Shown, source: Source, _: SameSite) -> dict[str, Any]:
    """Show a page on a wall screen, which takes it within a second; return what it shows."""
    return _document(show_on(source.store, name, shown.address, datetime.now(UTC)))


@router.get("/displays/{name}/events", response_class=Events)
async def events(
    name: Name,
    source: Source,
    after: Annotated[str, Header(alias="Last-Event-ID", max_length=40)] = "",
) -> Events:
    """Return what a wall screen shall show whenever that changes, as server-sent events.

    An event "show" carries the address; "beat" says that the server is there.
    """
    stream = _events(source.store, name, after)
    # A server in front of this one must not gather the events.
    return Events(stream, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def _events(store: Store, name: str, after: str) -> AsyncIterator[bytes]:
    """Yield events until the screen goes away; no thread is held while nothing changes."""
    began, told_at = time.monotonic(), -SILENT_S
    while not is_over(began):
        shown = await to_thread.run_sync(_shown, store, name)
        moment = "" if shown is None else shown.changed_at.isoformat(timespec="milliseconds")
        if shown is not None and moment != after:
            after, told_at = moment, time.monotonic()
            data = json.dumps(_document(shown), ensure_ascii=False)
            yield format_sse_event(data_str=data, event="show", id=moment)
        elif time.monotonic() - told_at >= SILENT_S:
            told_at = time.monotonic()
            yield format_sse_event(data_str="{}", event="beat")
        await anyio.sleep(LOOK_S)


def _shown(store: Store, name: str) -> Display | None:
    try:
        return display_of(store, name)
    except (NotFoundError, StoreError):
        return None


def _document(display: Display) -> dict[str, Any]:
    changed_at = display.changed_at.isoformat(timespec="milliseconds")
    return {"name": display.name, "address": display.address, "changed_at": changed_at}
