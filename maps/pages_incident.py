"""The page of an incident: who comes, by which way, what sees the place, which cordon to ask."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gis.duty_rows import OpenIncident
from gis.layers import Layers
from gis.profiles import load
from maps.overlays import Overlay
from maps.overlays_incident import DRAWN, focus_on, incident_overlays
from maps.pages import PageView, draw_page
from maps.panels import Entry
from maps.panels_incident import LISTED, UnitRow, incident_panel, unit_rows
from maps.panels_live import Button, Case, Link, at_place, case_of, preset_links
from maps.words import Words, words
from planner.cordon_params import CordonParams
from planner.results_coverage import Coverage
from planner.results_incident import Incident, kind_title
from planner.week import minute_text


def incident_page(
    layers: Layers,
    incident: Incident,
    view: PageView,
    *,
    coverage: Coverage | None = None,
    opened: OpenIncident | None = None,
    at: str | None = None,
    names: Sequence[Overlay] | None = None,
    cordon: CordonParams | None = None,
) -> str:
    """Return the page of an incident, as HTML.

    Parameters
    ----------
    layers
        The town.
    incident
        Who comes.
    view
        What it shows besides; `links` with those of `maps.pages.LIVE`.
    coverage
        What the cameras see, if that is known.
    opened
        The open incident that it is about; None while none is opened.
    at
        The moment that was asked for; then nobody can be sent from the page.
    names
        From `maps.overlays_incident.map_names`, where they are kept; else they are made.
    cordon
        The town's numbers of the cordon; None = those of the profile.
    """
    say = words(view.lang)
    lon, lat = incident.lon, incident.lat
    lines = [unit.geometry for unit in incident.units[:DRAWN] if unit.geometry is not None]
    view = replace(
        view,
        assumed=incident.assumed,
        missing=incident.missing,
        focus=view.focus or focus_on(lon, lat, lines),
    )
    return draw_page(
        "incident",
        incident_overlays(layers, incident, coverage, say, names),
        incident_panel(incident, say),
        view,
        where=incident.place_text(view.lang),
        when=_when(incident, at, say),
        rows=[
            (_entry(row), _buttons(row, incident, opened, at, say))
            for row in unit_rows(incident, say)
        ],
        listed=LISTED,
        opened=None if opened is None else _case(opened, layers, view.links, say),
        presets=preset_links(view.links["cordon"], lon, lat, say, cordon),
        kinds=_kinds(incident, view.links, say, at),
    )


def _when(incident: Incident, at: str | None, say: Words) -> str:
    """Return what kind of incident it is, when it is answered for, and on which ground."""
    minute = "" if incident.minute is None else minute_text(incident.minute, say.lang)
    moment = minute if at else say("now, {time}", time=minute)
    kind = kind_title(incident.kind, say.lang)
    return " · ".join(filter(None, [kind, moment, say.term("setting", incident.ground)]))


def _entry(row: UnitRow) -> Entry:
    return Entry(row.name, row.note, row.time, row.judged, row.key, row.badge, row.css)


def _buttons(
    row: UnitRow, incident: Incident, opened: OpenIncident | None, at: str | None, say: Words
) -> tuple[Button, ...]:
    """Return the button that sends a unit; none while another moment is looked at."""
    if at is not None:
        return ()
    first = {"lon": incident.lon, "lat": incident.lat, "kind": incident.kind}
    number = "{number}" if opened is None else str(opened.number)
    word = say("Send")
    return (
        Button(
            word,
            f"{word}: {row.name}",
            f"incidents/{number}/send",
            json.dumps({"unit": row.code}, ensure_ascii=False),
            strong=True,
            first=json.dumps(first) if opened is None else "",
        ),
    )


def _case(opened: OpenIncident, layers: Layers, links: Mapping[str, str], say: Words) -> Case:
    units = layers["units"]
    pairs = zip(units["code"].tolist(), units["name"].tolist(), strict=True)
    named = {code: name for code, name in pairs if isinstance(name, str)}
    return case_of(opened, named, links, say)


def _kinds(incident: Incident, links: Mapping[str, str], say: Words, at: str | None) -> list[Link]:
    """Return a link to the same place for every kind of incident."""
    return [
        Link(
            kind_title(kind, say.lang),
            at_place(links["incident"], incident.lon, incident.lat, kind=kind, at=at),
            kind_title(kind, say.lang),
            kind == incident.kind,
        )
        for kind in load("incidents")["kinds"]
    ]
