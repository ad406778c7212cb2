"""Links of teams, and the hazards that teams report, for the duty desk."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.answers_cut import MOST_ROWS, After, Limit, part_of
from api.audit import note
from api.auth import Known
from api.cli_terms import document_head
from api.given_plans import plan_of, teams_out
from api.incident_source import Source
from api.links import TeamLink, links_list, make_link, revoke_link
from api.routes_results import View
from api.same_site import SameSite
from gis.errors import NotFoundError
from gis.store_field import (
    MOST_ANSWER,
    Hazard,
    HazardState,
    answer_hazard,
    hazards_of,
    signals_of,
)

router = APIRouter()

MOST_HAZARDS = 1000
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class NewLinks(BaseModel):
    """For which teams links are made; none named = all that go out."""

    model_config = ConfigDict(extra="forbid")

    teams: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=200)


class HazardAnswer(BaseModel):
    """What becomes of a hazard, and one line for the team."""

    model_config = ConfigDict(extra="forbid")

    state: HazardState
    answer: str | None = Field(default=None, max_length=MOST_ANSWER)


@router.get("/patrols/{night}/links")
def links(
    night: date,
    view: View,
    source: Source,
    request: Request,
    limit: Limit = MOST_ROWS,
    after: After = 0,
) -> dict[str, Any]:
    """Return the links of a night, those that have run out or were taken back among them."""
    found = _links(view, night, links_list(source.store, night))
    return part_of(request, found, limit, after)


@router.post("/patrols/{night}/links", status_code=201)
def new_links(
    night: date, new: NewLinks, view: View, source: Source, who: Known, _: SameSite
) -> dict[str, Any]:
    """Make a link for each team of a night, or for some, and return them."""
    teams = new.teams or teams_out(plan_of(source.store, night))
    made = [make_link(source.store, team, night, who.name) for team in teams]
    for link in made:
        note(source.store, who, "link", did="make", team=link.team, night=str(night), jti=link.jti)
    return _links(view, night, made)


@router.delete("/patrols/{night}/links/{jti}")
def end_link(
    night: date, jti: str, view: View, source: Source, who: Known, _: SameSite
) -> dict[str, Any]:
    """Take a link back, and return it: from now on it shows nothing."""
    if jti not in {link.jti for link in links_list(source.store, night)}:
        msg = f"there is no link {jti} of {night}"
        raise NotFoundError(msg)
    link = revoke_link(source.store, jti)
    note(source.store, who, "link", did="revoke", team=link.team, night=str(night), jti=jti)
    return _links(view, night, [link])


@router.get("/patrols/{night}/signals")
def signals(
    night: date,
    view: View,
    source: Source,
    request: Request,
    limit: Limit = MOST_ROWS,
    after: After = 0,
) -> dict[str, Any]:
    """Return what the teams of a night said of themselves: set out, how many, safe and finished."""
    head = document_head("signals", view.layers, params={"night": night.isoformat()})
    document = {
        **head,
        "signals": [
            {
                "team": one.team,
                "kind": one.kind,
                "value": one.value,
                "at": None if one.at is None else one.at.isoformat(),
            }
            for one in signals_of(source.store, night)
        ],
    }
    return part_of(request, document, limit, after)


@router.get("/hazards")
def hazards(
    view: View,
    source: Source,
    state: HazardState | None = None,
    since: date | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_HAZARDS)] = 200,
) -> dict[str, Any]:
    """Return what teams reported, the newest first."""
    states = None if state is None else (state,)
    found = hazards_of(source.store, since=since, states=states)[:limit]
    params = {"state": state, "since": None if since is None else since.isoformat(), "limit": limit}
    head = document_head("hazards", view.layers, params=params)
    return {**head, "hazards": [hazard_document(one) for one in found]}


@router.post("/hazards/{number}")
def change_hazard(
    number: Number, change: HazardAnswer, view: View, source: Source, _: SameSite
) -> dict[str, Any]:
    """Set what becomes of a hazard; its team sees it at the next look."""
    now = datetime.now(UTC)
    done = answer_hazard(source.store, number, change.state, change.answer, now)
    head = document_head("hazards", view.layers, params={"number": number})
    return {**head, "hazards": [hazard_document(done)]}


def hazard_document(one: Hazard) -> dict[str, Any]:
    """Return a hazard as JSON-ready values."""
    return {
        "number": one.number,
        "kind": one.kind,
        "lon": one.lon,
        "lat": one.lat,
        "night": one.night.isoformat(),
        "team": one.team,
        "made_at": one.made_at.isoformat(),
        "state": one.state,
        "answer": one.answer,
        "changed_at": None if one.changed_at is None else one.changed_at.isoformat(),
    }


def _links(view: View, night: date, found: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    shown: list[TeamLink] = list(found)
    head = document_head("links", view.layers, params={"night": night.isoformat()})
    return {**head, "links": [link.document(now) for link in shown]}
