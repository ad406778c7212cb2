"""Incidents of one town: who comes, and what becomes of those that are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Literal

from api.duty import duty_now, duty_then
from api.kept import find_answer
from api.planned_teams import teams_planned
from api.workspace import Workspace
from gis.duty_rows import LONGER, NOBODY_CAME, IncidentTotal, OpenIncident
from gis.errors import NotFoundError
from gis.layers import Layers
from gis.profiles import load
from gis.store import Store
from gis.store_incidents import add_incident, change_incident, incident_totals, open_incidents
from planner import dispatch
from planner.assume import complete
from planner.incidents import IncidentTown, prepare_incidents, who_comes
from planner.network import build_network
from planner.results_coverage import Coverage
from planner.results_incident import Incident, kind_title
from planner.week import minute_of

Action = Literal["send", "arrived", "clear", "close"]
DAY_MIN = 24 * 60


def prepared(
    workspace: Workspace, layers: Layers, closed: Sequence[str], coverage: Coverage | None
) -> IncidentTown:
    """Return the town ready to say who comes while some streets are closed.

    Parameters
    ----------
    workspace
        The town.
    layers
        Its layers as they are known.
    closed
        Codes of the streets that are closed.
    coverage
        What its cameras see, if that is known.
    """
    params = workspace.params()
    asked, town = params.response, complete(layers, params.response.tiers_min)
    closures = {*asked.closures, *closed}
    streets = build_network(layers, emergency=asked.emergency, closures=closures)
    ladder = params.coverage.ladder
    return prepare_incidents(
        town.layers, streets, coverage, asked, ladder=ladder, assumed=town.assumed
    )


def kept_coverage(store: Store) -> Coverage | None:
    """Return the coverage that was made last, or None."""
    kept = find_answer(store, "coverage")
    return kept.result if kept is not None and isinstance(kept.result, Coverage) else None


def answer(
    town: IncidentTown,
    store: Store,
    lon: float,
    lat: float,
    kind: str,
    *,
    now: datetime,
    at: str | None = None,
) -> Incident:
    """Return who comes to a place now, or at another moment of the week.

    Parameters
    ----------
    town
        From `prepared`.
    store
        The town's.
    lon, lat
        Degrees.
    kind
        Kind of incident.
    now
        The time in the town.
    at
        Another moment (`planner.week.minute_of`): the next such one, by roster and duty hours;
        what was set by hand and who was sent hold for now only.
    """
    if at is None:
        minute = now.weekday() * DAY_MIN + now.hour * 60 + now.minute
        sent = {unit for incident in open_incidents(store) for unit in incident.engaged()}
        states = duty_now(town.layers, store, now)
        planned = teams_planned(store, now)
        return who_comes(
            town, lon, lat, kind, minute=minute, states=states, sent=sent, planned=planned
        )
    minute = minute_of(at)
    today = now.replace(hour=0, minute=0, second=0)
    moment = today - timedelta(days=now.weekday()) + timedelta(minutes=minute)
    moment += timedelta(days=7 if moment < now else 0)
    states = duty_then(town.layers, store, moment)
    planned = teams_planned(store, moment)
    return who_comes(town, lon, lat, kind, minute=minute, states=states, planned=planned)


def open_new(store: Store, found: Incident, now: datetime) -> OpenIncident:
    """Keep a new incident at a place that was answered for, and return it with its number."""
    return add_incident(
        store,
        OpenIncident(
            found.kind, found.lon, found.lat, now, found.place_text("zh"), found.village,
            found.tier_min,
        ),
    )  # fmt: skip


def step(
    store: Store, layers: Layers, number: int, action: Action, at: datetime, unit: str | None = None
) -> OpenIncident | IncidentTotal:
    """Take one step with an open incident, and return what it is then.

    Parameters
    ----------
    store, layers
        The town.
    number
        Of the incident.
    action
        "send", "arrived" or "clear" a unit, or "close" the incident.
    at
        When.
    unit
        Code of the unit; not for "close".

    Raises
    ------
    NotFoundError
        If there is no such incident or unit.
    ConflictError
        If the step is not possible; the message says why.
    """
    if action == "close":
        return change_incident(store, number, lambda one, _: dispatch.close(one, at))
    if unit is None or unit not in set(layers["units"]["code"]):
        msg = f"no unit {unit!r}: see `fengqiao duty list`"
        raise NotFoundError(msg)
    code = unit
    if action == "send":
        return change_incident(
            store, number, lambda one, every: dispatch.send(one, code, at, others=every)
        )
    change = dispatch.arrive if action == "arrived" else dispatch.clear
    return change_incident(store, number, lambda one, _: change(one, code, at))


def incident_document(incident: OpenIncident, now: datetime) -> dict[str, Any]:
    """Return an open incident as JSON gives it, its times in the town's own."""
    times = ("sent_at", "arrived_at", "cleared_at")
    return {
        **asdict(incident),
        "kind_title": {lang: kind_title(incident.kind, lang) for lang in ("zh", "en")},
        "opened_at": _local(incident.opened_at, now),
        "units": [
            {"unit": sent.unit, **{name: _local(getattr(sent, name), now) for name in times}}
            for sent in incident.units
        ],
    }


def totals_document(store: Store, least: int) -> list[dict[str, Any]]:
    """Return the totals of closed incidents by month, village, kind and tier.

    Parameters
    ----------
    store
        The town's.
    least
        Of fewer incidents no times are told, as they would tell of a single one.
    """
    groups: dict[tuple[Any, ...], list[IncidentTotal]] = {}
    for total in incident_totals(store):
        key = (total.month, total.village, total.kind, total.tier_min)
        groups.setdefault(key, []).append(total)
    return [_total(key, parts, least) for key, parts in groups.items()]


def _total(key: Sequence[Any], parts: Sequence[IncidentTotal], least: int) -> dict[str, Any]:
    month, village, kind, tier_min = key
    count = sum(part.incidents for part in parts)
    reached = [part for part in parts if part.band_s != NOBODY_CAME]
    arrived = sum(part.incidents for part in reached)
    told = arrived >= least
    return {
        "month": month,
        "village": village or None,
        "kind": kind,
        "tier_min": tier_min or None,
        "incidents": count,
        "arrived": arrived if count >= least else None,
        "within_tier": sum(part.within_tier for part in reached) if told else None,
        "mean_s": sum(part.sum_s for part in reached) / arrived if told else None,
        "bands": _bands({part.band_s: part.incidents for part in reached}) if told else None,
    }


def _bands(counts: Mapping[int, int]) -> list[dict[str, Any]]:
    bands: list[int] = load("incidents")["bands_s"]
    rows = [{"band_s": band, "incidents": counts.get(band, 0)} for band in bands]
    return [*rows, {"band_s": None, "incidents": counts.get(LONGER, 0)}]


def _local(moment: datetime | None, now: datetime) -> str | None:
    return None if moment is None else moment.astimezone(now.tzinfo).isoformat(timespec="seconds")
