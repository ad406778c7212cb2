"""Duty states over HTTP: asked for, and set by hand."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.cli_terms import document_head
from api.duty import closed_now, closures_document, duty_document, duty_now, set_duty, with_units
from api.incident_source import Source
from api.moments import Moment
from api.routes_results import View
from api.same_site import SameSite
from gis.errors import InputError

router = APIRouter()


class DutyChange(BaseModel):
    """What is set by hand about a unit.

    Parameters
    ----------
    state
        "ready", "busy" or "off".
    place
        Code of the place where it stands by, or `lon` and `lat`; else its own post.
    until
        With offset from UTC; else until it is set again.
    seen
        Version of the state that was looked at; refused if somebody else has set it since.
    """

    model_config = ConfigDict(extra="forbid")

    state: Literal["ready", "busy", "off"]
    place: str | None = Field(default=None, max_length=200)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    until: Moment | None = None
    seen: int | None = Field(default=None, ge=0)


@router.get("/duty")
def duty(view: View, source: Source) -> dict[str, Any]:
    """Return what every unit does now, and which streets are closed."""
    now, layers = source.now(), with_units(view.layers)
    return {
        **document_head("duty", layers, params={}),
        "at": now.isoformat(),
        "units": duty_document(layers, duty_now(layers, source.store, now)),
        "closures": closures_document(layers, closed_now(layers, source.store, now)),
    }


@router.post("/duty/{unit:path}")
def change_duty(
    unit: str, change: DutyChange, view: View, source: Source, _: SameSite
) -> dict[str, Any]:
    """Set by hand what a unit does, and return its state."""
    now, layers = source.now(), with_units(view.layers)
    if (change.lon is None) != (change.lat is None):
        msg = "lon and lat belong together"
        raise InputError(msg)
    until = change.until
    if until is not None and until.tzinfo is None:
        until = until.replace(tzinfo=now.tzinfo)
    lonlat = None if change.lon is None or change.lat is None else (change.lon, change.lat)
    state = set_duty(
        layers, source.store, unit, change.state,
        now=now, place=change.place, lonlat=lonlat, until=until, seen=change.seen,
    )  # fmt: skip
    return {**document_head("duty", layers, params={}), "at": now.isoformat(), **state.document()}
