"""What stands beside the map of the duty board: units by state, open incidents, closed streets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import shapely

from gis.duty_rows import STATES, Closure, OpenIncident
from gis.layers import Layers
from maps.panels import Entry, Figure, Item, LegendGroup, Panel, Swatch, tag_swatch
from maps.panels_live import Button, post
from maps.style import style
from maps.units import each_row, known, length
from maps.words import Words
from planner.duty import UnitState
from planner.results_incident import kind_title

CLOCK = "%H:%M"
DAY_AND_CLOCK = "%m-%d %H:%M"


@dataclass(frozen=True)
class Closing:
    """A street that is about to be closed, or why there is none.

    Parameters
    ----------
    code, name
        Of the street; the name may be None.
    length_m
        Its length.
    line
        Its LineString, EPSG:4326.
    fault
        Why no street can be closed here, "" where one can.
    """

    code: str = ""
    name: str | None = None
    length_m: float = 0.0
    line: shapely.Geometry | None = None
    fault: str = ""


def duty_panel(
    layers: Layers, states: Mapping[str, UnitState], opened: Sequence[OpenIncident], say: Words
) -> Panel:
    """Return what stands beside the map of the duty board.

    Parameters
    ----------
    layers
        The town.
    states
        Unit to what it does.
    opened
        The open incidents.
    say
        Words of the page's language.
    """
    count, total = Counter(state.state for state in states.values()), len(states)
    figures = tuple(
        Figure(say.term("duty", state), f"{count[state]} / {total}") for state in STATES
    )
    signs = LegendGroup(
        say("Units"),
        (
            tag_swatch("unit", say("name"), say.term("duty", "ready")),
            tag_swatch("unit away", say("name"), say("busy or off")),
            tag_swatch("place", "1", say("open incident")),
            Swatch(say("closed street"), "line", (style()["status"]["not_met"], 5, "2 7")),
        ),
    )
    items = tuple(
        Item(
            f"case:{one.number}", kind_title(one.kind, say.lang), ((say("Where"), one.place or ""),)
        )
        for one in opened
    )
    return Panel(figures, (), (signs,), items=(*_items(layers, states, say), *items))


def duty_rows(
    layers: Layers, states: Mapping[str, UnitState], say: Words, *, changes: bool = True
) -> list[tuple[Entry, tuple[Button, ...]]]:
    """Return a row for each unit with a button for each state.

    Parameters
    ----------
    layers, states, say
        As in `duty_panel`.
    changes
        False where nothing can be changed: no buttons.
    """
    return [
        (
            Entry(
                _name(row),
                _note(states[row.code], say),
                "" if changes else say.term("duty", states[row.code].state),
                key=f"unit:{row.code}",
            ),
            tuple(_set(row, states[row.code], word, say) for word in STATES) if changes else (),
        )
        for row in each_row(layers["units"])
    ]


def closed_rows(
    layers: Layers, closed: Sequence[Closure], now: datetime, say: Words
) -> list[tuple[Entry, tuple[Button, ...]]]:
    """Return a row for each closed street, with the button that opens it again."""
    word, names = say("Open again"), street_names(layers)
    made: list[tuple[Entry, tuple[Button, ...]]] = []
    for one in closed:
        name = names.get(one.street, one.street)
        until = say("until {time}", time=moment_text(one.until, now)) if one.until else ""
        note = " · ".join(filter(None, [until, one.reason or ""]))
        body = json.dumps({})
        opens = Button(word, f"{word}: {name}", f"closures/{one.street}", body, method="DELETE")
        made.append((Entry(name, note, key=f"closed:{one.street}"), (opens,)))
    return made


def closing_words(closing: Closing, say: Words) -> dict[str, str]:
    """Return what the form says of the street that is about to be closed."""
    title = closing.name or closing.code
    note = "" if closing.fault else f"{closing.code} · {length(closing.length_m, say)}"
    fault = say.sentence(closing.fault)
    return {"code": closing.code, "title": title, "note": note, "fault": fault}


def street_names(layers: Layers) -> dict[str, str]:
    """Return the code of each street with a name to that name."""
    streets = layers["streets"]
    pairs = zip(streets["code"].tolist(), streets["name"].tolist(), strict=True)
    return {code: name for code, name in pairs if isinstance(name, str)}


def moment_text(moment: datetime, now: datetime) -> str:
    """Return a time of today as its clock, another with its day."""
    return f"{moment:{CLOCK if moment.date() == now.date() else DAY_AND_CLOCK}}"


def _name(row: object) -> str:
    name = getattr(row, "name", None)
    return str(name) if known(name) else str(getattr(row, "code", ""))


def _note(state: UnitState, say: Words) -> str:
    """Return where a unit is and what says so."""
    at = state.place or (f"{state.lon:.5f}, {state.lat:.5f}" if state.lon is not None else "")
    parts = [
        say("stands by at {place}", place=at) if at else "",
        say.term("duty_source", state.source),
        say("since {time}", time=f"{state.since:{CLOCK}}") if state.since else "",
        say("until {time}", time=f"{state.until:{CLOCK}}") if state.until else "",
    ]
    return " · ".join(filter(None, parts))


def _set(row: object, state: UnitState, word: str, say: Words) -> Button:
    """Return the button that sets a state; where it stands by and who looked last go with it."""
    told = say.term("duty", word)
    where = {"place": state.place} if state.place else {"lon": state.lon, "lat": state.lat}
    kept = {name: value for name, value in where.items() if value is not None}
    made = post(
        told,
        f"{told}: {_name(row)}",
        f"duty/{state.unit}",
        state=word,
        seen=state.version,
        **kept,
    )
    return Button(made.word, made.label, made.path, made.body, pressed=state.state == word)


def _items(layers: Layers, states: Mapping[str, UnitState], say: Words) -> list[Item]:
    return [
        Item(
            f"unit:{row.code}",
            _name(row),
            (
                (say("State"), say.term("duty", states[row.code].state)),
                (say("Set by"), say.term("duty_source", states[row.code].source)),
                (say("Kind"), say.term("unit", row.kind)),
                (say("Moves"), say.term("mode", row.mode)),
                (say("Duty hours"), row.duty_hours if known(row.duty_hours) else ""),
                (say("Stands by at"), states[row.code].place or ""),
            ),
        )
        for row in each_row(layers["units"])
    ]
