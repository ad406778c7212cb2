"""Duty states and closed streets over HTTP: asked for, and set by hand."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from api.answers_cut import MOST_ROWS, After, Limit, part_of
from api.cli_terms import document_head
from api.duty import (
    close_street,
    closed_now,
    closures_document,
    duty_document,
    duty_now,
    open_street,
    set_duty,
    street_at,
    town_moment,
    with_units,
)
from api.incident_source import IncidentSource, Source
from api.moments import Moment
from api.routes_results import View
from api.same_site import SameSite
from api.town_view import TownView
from gis.errors import InputError

router = APIRouter()

# Letters of a reason.
MOST_REASON = 100


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


class NewClosure(BaseModel):
    """A street to close: by its code, or the one nearest to `lon` and `lat`.

    Parameters
    ----------
    street
        Code of the street.
    until
        The next 22:00, or a date and time such as 2026-11-26T06:00; else until it is opened.
    reason
        Why, in one line; never who.
    """

    model_config = ConfigDict(extra="forbid")

    street: str | None = Field(default=None, min_length=1, max_length=200)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    until: str | None = Field(default=None, max_length=40)
    reason: str | None = Field(default=None, max_length=MOST_REASON)


@router.get("/duty")
def duty(
    view: View, source: Source, request: Request, limit: Limit = MOST_ROWS, after: After = 0
) -> dict[str, Any]:
    """Return what every unit does now, and which streets are closed."""
    now, layers = source.now(), with_units(view.layers)
    document = {
        **document_head("duty", layers, params={}),
        "at": now.isoformat(),
        "units": duty_document(layers, duty_now(layers, source.store, now)),
        "closures": closures_document(layers, closed_now(layers, source.store, now)),
    }
    return part_of(request, document, limit, after)


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


@router.get("/closures")
def closures(
    view: View, source: Source, request: Request, limit: Limit = MOST_ROWS, after: After = 0
) -> dict[str, Any]:
    """Return the streets that are closed now."""
    return part_of(request, _closures(view, source), limit, after)


@router.post("/closures", status_code=201)
def add_closure(new: NewClosure, view: View, source: Source, _: SameSite) -> dict[str, Any]:
    """Close a street, or change until when and why it is closed; return those that are closed."""
    now, layers = source.now(), view.layers
    until = town_moment(source.workspace, new.until, now=now) if new.until else None
    street = _street(new, source)
    close_street(layers, source.store, street, now=now, until=until, reason=new.reason or None)
    return _closures(view, source)


@router.delete("/closures/{street:path}")
def remove_closure(street: str, view: View, source: Source, _: SameSite) -> dict[str, Any]:
    """Open a street again, and return those that are closed."""
    open_street(source.store, street)
    return _closures(view, source)


def _street(new: NewClosure, source: IncidentSource) -> str:
    """Return the code of the street that is meant."""
    if new.street is not None and new.lon is None and new.lat is None:
        return new.street
    if new.street is None and new.lon is not None and new.lat is not None:
        return street_at(source.town().streets, new.lon, new.lat)
    msg = "name the street, or lon and lat"
    raise InputError(msg)


def _closures(view: TownView, source: IncidentSource) -> dict[str, Any]:
    now = source.now()
    closed = closures_document(view.layers, closed_now(view.layers, source.store, now))
    return {
        **document_head("closures", view.layers, params={}),
        "at": now.isoformat(),
        "closures": closed,
    }
