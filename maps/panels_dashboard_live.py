"""The overview as of now: posts by state, open incidents, teams on their way, what they report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gis.duty_rows import STATES, OpenIncident
from gis.profiles import load
from gis.store_field import Hazard, Signal
from maps.overlays_patrol import team_key, team_name
from maps.panels import Entry
from maps.panels_live import Button, Case, case_of, post
from maps.style import team_css
from maps.units import clock, each_row
from maps.words import Words
from planner.duty import UnitState
from planner.patrol import Patrol
from planner.results_incident import kind_title

# Sign of each duty state, beside its word.
SIGNS = {"ready": "●", "busy": "▲", "off": "□"}


@dataclass(frozen=True)
class StateCount:
    """How many units are in one state, and which."""

    state: str
    sign: str
    word: str
    count: int
    names: str = ""


@dataclass(frozen=True)
class OpenCase:
    """An open incident as the overview shows it.

    Parameters
    ----------
    case
        Its units and what can be done.
    key
        What the map calls it.
    where, what
        Its place, and its kind with its number.
    since
        When it was opened, ISO 8601.
    state
        "waiting" (nobody was sent), "coming" or "there".
    word
        The state in words.
    """

    case: Case
    key: str
    where: str
    what: str
    since: str
    state: str
    word: str


@dataclass(frozen=True)
class TeamTonight:
    """A team with its plan and what it said of itself.

    Parameters
    ----------
    entry
        Its name and times; its key leads to its way on the map.
    state
        "planned", "late" (not set out although it should have), "out" or "safe".
    word
        The state in words.
    """

    entry: Entry
    state: str
    word: str


@dataclass(frozen=True)
class HazardSeen:
    """A hazard that a team reported, with what can be done."""

    entry: Entry
    word: str
    buttons: tuple[Button, ...] = field(repr=False)


def state_counts(
    states: Mapping[str, UnitState], names: Mapping[str, str], say: Words
) -> tuple[StateCount, ...]:
    """Return how many units are ready, busy and off, and their names."""
    found = {
        state: [unit for unit, one in states.items() if one.state == state] for state in STATES
    }
    return tuple(
        StateCount(
            state,
            SIGNS[state],
            say.term("duty", state),
            len(units),
            say(", ").join(names.get(unit, unit) for unit in units),
        )
        for state, units in found.items()
    )


def open_cases(
    opened: Sequence[OpenIncident], names: Mapping[str, str], links: Mapping[str, str], say: Words
) -> tuple[OpenCase, ...]:
    """Return the open incidents, those to whom nobody was sent first.

    Parameters
    ----------
    opened
        With their times in those of the town.
    names
        Unit code to name.
    links
        As in `maps.pages.PageView`.
    say
        Words of the page's language.
    """
    words = {
        "waiting": say("nobody was sent yet"),
        "coming": say("on the way"),
        "there": say("a unit is there"),
    }
    made = []
    for one in opened:
        state = _state_of(one)
        what = say("Incident {n}: {kind}", n=one.number, kind=kind_title(one.kind, say.lang))
        where = one.place or f"{one.lon:.5f}, {one.lat:.5f}"
        case = case_of(one, names, links, say)
        since, key = one.opened_at.isoformat(timespec="seconds"), f"case:{one.number}"
        made.append(OpenCase(case, key, where, what, since, state, words[state]))
    order = list(words)
    return tuple(sorted(made, key=lambda one: (order.index(one.state), one.since)))


def _state_of(incident: OpenIncident) -> str:
    if any(sent.arrived_at is not None for sent in incident.units):
        return "there"
    return "coming" if incident.engaged() else "waiting"


def teams_tonight(
    patrol: Patrol | None, signals: Sequence[Signal], now: datetime, say: Words
) -> tuple[TeamTonight, ...]:
    """Return the teams of an evening that go out, in the order in which they set out.

    Parameters
    ----------
    patrol
        The plan, None where there is none.
    signals
        What its teams said of themselves.
    now
        The time in the town.
    say
        Words of the page's language.
    """
    if patrol is None:
        return ()
    told: dict[str, dict[str, Signal]] = {}
    for signal in signals:
        told.setdefault(signal.team, {})[signal.kind] = signal
    made = []
    for position, row in enumerate(each_row(patrol.teams)):
        if not row.length_m > 0:
            continue
        state, word = _team_state(row.depart, told.get(row.code, {}), now, say)
        entry = Entry(
            team_name(row, say),
            f"{clock(row.depart)}–{clock(row.return_)}",
            key=team_key(row),
            badge=str(position + 1),
            badge_css=f"team {team_css(position)}",
        )
        made.append((row.depart, TeamTonight(entry, state, word)))
    return tuple(team for _, team in sorted(made, key=lambda pair: pair[0]))


def _team_state(
    depart: str, told: Mapping[str, Signal], now: datetime, say: Words
) -> tuple[str, str]:
    """Return what a team does by what it said, else by its plan."""
    safe, out, people = (told.get(kind) for kind in ("safe", "set_out", "people"))
    if safe is not None:
        return "safe", _at(say("safe and finished"), safe, now)
    if out is not None:
        many = say("{n} people", n=people.value) if people is not None and people.value else ""
        return "out", " · ".join(filter(None, [_at(say("set out"), out, now), many]))
    if now > datetime.fromisoformat(depart):
        return "late", say("has not said that it set out")
    return "planned", say("as planned")


def _at(word: str, signal: Signal, now: datetime) -> str:
    return word if signal.at is None else f"{word} {signal.at.astimezone(now.tzinfo):%H:%M}"


def hazards_seen(
    hazards: Sequence[Hazard], say: Words, *, changes: bool = True
) -> tuple[HazardSeen, ...]:
    """Return the hazards that are not mended yet, with the button of the next step.

    Parameters
    ----------
    hazards
        From `gis.store_field.hazards_of`.
    say
        Words of the page's language.
    changes
        False where nothing can be changed: no buttons.
    """
    table = load("hazards")
    kinds, states = table["kinds"], table["states"]
    steps = {"open": say("Being mended"), "mending": say("Mended")}
    after = {"open": "mending", "mending": "done"}
    made = []
    for one in hazards:
        if one.state not in steps:
            continue
        kind = str(kinds.get(one.kind, kinds["other"])[say.lang])
        entry = Entry(kind, f"{one.night:%m-%d}", key=f"hazard:{one.number}")
        word = steps[one.state]
        act = post(
            word, f"{word}: {kind}", f"hazards/{one.number}",
            state=after[one.state], answer=one.answer,
        )  # fmt: skip
        made.append(HazardSeen(entry, str(states[one.state][say.lang]), (act,) if changes else ()))
    return tuple(made)
