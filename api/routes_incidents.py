"""Incidents over HTTP: who comes, and the steps of those that are open."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.answers_cut import MOST_ROWS, After, Limit, part_of
from api.cli_terms import document_head
from api.incident_source import IncidentSource, Source
from api.incidents import Action, answer, incident_document, open_new, step, totals_document
from api.moments import Moment
from api.same_site import SameSite
from gis.duty_rows import OpenIncident
from gis.errors import InputError
from gis.store_incidents import open_incidents

router = APIRouter()

Lon = Annotated[float, Query(ge=-180, le=180)]
Lat = Annotated[float, Query(ge=-90, le=90)]


class NewIncident(BaseModel):
    """An incident to open: where, and of which kind; never who."""

    model_config = ConfigDict(extra="forbid")

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    kind: str = Field(default="other", max_length=50)


class UnitStep(BaseModel):
    """A step of one unit, and when it was taken if not now (with offset from UTC)."""

    model_config = ConfigDict(extra="forbid")

    unit: str = Field(max_length=200)
    at: Moment | None = None


class Closing(BaseModel):
    """When an incident was closed, if not now (with offset from UTC)."""

    model_config = ConfigDict(extra="forbid")

    at: Moment | None = None


@router.get("/incident")
def incident(
    lon: Lon, lat: Lat, source: Source, kind: str = "other", at: str | None = None
) -> dict[str, Any]:
    """Return who comes to a place now, or at another moment (at=Mon 20:00), and by which way."""
    town = source.town()
    found = answer(town, source.store, lon, lat, kind, now=source.now(), at=at)
    params = {"lon": lon, "lat": lat, "kind": kind, "at": at}
    return {**document_head("incident", town.layers, params=params), **found.document()}


@router.get("/incidents")
def incidents(
    source: Source, request: Request, limit: Limit = MOST_ROWS, after: After = 0
) -> dict[str, Any]:
    """Return the incidents that are open, and the totals of those that are closed."""
    now, layers = source.now(), source.town().layers
    least = source.workspace.params().coverage.least_total
    document = {
        **document_head("incidents", layers, params={"least_total": least}),
        "at": now.isoformat(),
        "incidents": [incident_document(one, now) for one in open_incidents(source.store)],
        "totals": totals_document(source.store, least),
    }
    return part_of(request, document, limit, after)


@router.post("/incidents", status_code=201)
def open_incident(new: NewIncident, source: Source, _: SameSite) -> dict[str, Any]:
    """Open an incident, and return it with who can come."""
    now, town = source.now(), source.town()
    found = answer(town, source.store, new.lon, new.lat, new.kind, now=now)
    kept = open_new(source.store, found, now)
    head = document_head("incidents", town.layers, params=new.model_dump())
    return {
        **head,
        "at": now.isoformat(),
        "incident": incident_document(kept, now),
        "answer": found.document(),
    }


@router.post("/incidents/{number}/send")
def send(number: int, change: UnitStep, source: Source, _: SameSite) -> dict[str, Any]:
    """Write down that a unit was sent, and return the incident."""
    return _stepped(source, number, "send", change.at, change.unit)


@router.post("/incidents/{number}/arrived")
def arrived(number: int, change: UnitStep, source: Source, _: SameSite) -> dict[str, Any]:
    """Write down that a unit has arrived, and return the incident."""
    return _stepped(source, number, "arrived", change.at, change.unit)


@router.post("/incidents/{number}/clear")
def clear(number: int, change: UnitStep, source: Source, _: SameSite) -> dict[str, Any]:
    """Write down that a unit is free again, and return the incident."""
    return _stepped(source, number, "clear", change.at, change.unit)


@router.post("/incidents/{number}/close")
def close(number: int, change: Closing, source: Source, _: SameSite) -> dict[str, Any]:
    """Close an incident; only totals of it are kept."""
    return _stepped(source, number, "close", change.at, None)


def _stepped(
    source: IncidentSource, number: int, action: Action, at: datetime | None, unit: str | None
) -> dict[str, Any]:
    now, layers = source.now(), source.town().layers
    when = now if at is None else at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
    if when > now:
        msg = f"{when.isoformat(timespec='seconds')} is yet to come"
        raise InputError(msg)
    after = step(source.store, layers, number, action, when.astimezone(now.tzinfo), unit)
    told = incident_document(after, now) if isinstance(after, OpenIncident) else None
    head = document_head("incidents", layers, params={"number": number})
    return {**head, "at": now.isoformat(), "incident": told, "closed": told is None}
