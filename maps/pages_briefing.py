"""The briefing and the handover sheet: one A4 page each, made to be printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from typing import Literal

from gis.duty_rows import STATES
from gis.layers import Layers
from maps.overlays_dashboard import THEMES
from maps.pages import PageView, plain_page
from maps.pages_dashboard import Moment, Overview
from maps.panels import Entry
from maps.panels_dashboard_live import hazards_seen, open_cases, state_counts, teams_tonight
from maps.panels_duty import moment_text, street_names
from maps.style import css_tokens
from maps.words import Words, words

Sheet = Literal["briefing", "handover"]
# So much of each list fits one page.
MOST_ROWS = 10
MOST_PLACES = 3


@dataclass(frozen=True)
class Shift:
    """The shift that it is, and what was done in it.

    Parameters
    ----------
    begin, end
        Local time.
    closed
        Incidents that were closed since it began; None where nobody keeps count.
    """

    begin: datetime
    end: datetime
    closed: int | None = None


@dataclass(frozen=True)
class PaperList:
    """A list of a sheet: its rows, and how many are not written out."""

    title: str
    rows: tuple[Entry, ...] = field(repr=False)
    empty: str = ""
    more: str = ""


def briefing_page(
    layers: Layers,
    about: Overview,
    moment: Moment,
    shift: Shift,
    view: PageView,
    sheet: Sheet = "briefing",
    *,
    on_paper: bool = False,
) -> str:
    """Return a sheet as HTML.

    Parameters
    ----------
    layers
        The town, its units with modes.
    about, moment
        As for the overview.
    shift
        The shift that it is.
    view
        As for the overview.
    sheet
        "briefing": the town at a glance; "handover": what the next shift takes over.
    on_paper
        True for a page that stands alone, with its style in it, to be made a PDF.
    """
    say = words(view.lang)
    return plain_page(
        "briefing.html",
        view,
        sheet=sheet,
        title=say("Briefing") if sheet == "briefing" else say("Handover sheet"),
        css=_css() if on_paper else "",
        level=say.term("duty_level", str(moment.level)),
        now=f"{moment.now:%Y-%m-%d %H:%M}",
        shift=f"{shift.begin:%H:%M}–{shift.end:%H:%M}",
        figures=about.figures if sheet == "briefing" else (),
        counts=state_counts(moment.states, about.unit_names, say),
        lists=_lists(layers, about, moment, say, sheet),
        incidents=_incidents(about, moment, view.links, say),
        totals=_totals(moment, shift, say),
    )


def _lists(
    layers: Layers, about: Overview, moment: Moment, say: Words, sheet: Sheet
) -> list[PaperList]:
    now = [_away(about, moment, say), _closed(layers, moment, say)]
    hazards = _cut(
        say("Hazards reported"),
        [
            Entry(one.entry.title, one.entry.note, one.word)
            for one in hazards_seen(moment.hazards, say)
        ],
        say,
    )
    teams = _teams(about, moment, say)
    if sheet == "handover":
        return [*now, teams, hazards]
    return [*_worst(about, say), *now, teams]


def _worst(about: Overview, say: Words) -> list[PaperList]:
    sections = [about.worst[theme] for theme in THEMES if theme in about.worst]
    return [
        PaperList(one.title, one.entries[:MOST_PLACES], one.empty)
        for one in sections
        if one.entries or one.empty
    ]


def _away(about: Overview, moment: Moment, say: Words) -> PaperList:
    """Return the units that cannot be sent, the busy ones first."""
    order = STATES[1:]
    away = [one for one in moment.states.values() if one.state in order]
    away.sort(key=lambda one: order.index(one.state))
    rows = [
        Entry(
            about.unit_names.get(one.unit, one.unit),
            say("until {time}", time=moment_text(one.until, moment.now)) if one.until else "",
            say.term("duty", one.state),
        )
        for one in away
    ]
    return _cut(say("Units busy or off"), rows, say)


def _closed(layers: Layers, moment: Moment, say: Words) -> PaperList:
    names = street_names(layers)
    rows = [
        Entry(
            names.get(one.street, one.street),
            one.reason or "",
            say("until {time}", time=moment_text(one.until, moment.now))
            if one.until
            else say("until it is opened"),
        )
        for one in moment.closed
    ]
    return _cut(say("Closed streets"), rows, say)


def _teams(about: Overview, moment: Moment, say: Words) -> PaperList:
    teams = teams_tonight(about.patrol, moment.signals, moment.now, say)
    rows = [Entry(one.entry.title, one.entry.note, one.word) for one in teams]
    tonight = about.patrol is not None and about.patrol.date == f"{moment.now:%Y-%m-%d}"
    date = "" if about.patrol is None else about.patrol.date
    title = say("Patrols tonight") if tonight or not date else say("Patrols of {date}", date=date)
    return _cut(title, rows, say)


def _cut(title: str, rows: Sequence[Entry], say: Words) -> PaperList:
    rest = len(rows) - MOST_ROWS
    more = say("{n} more", n=rest) if rest > 0 else ""
    return PaperList(title, tuple(rows[:MOST_ROWS]), say("None."), more)


def _incidents(about: Overview, moment: Moment, links: Mapping[str, str], say: Words) -> PaperList:
    cases = open_cases(moment.opened, about.unit_names, links, say)
    rows = [
        Entry(
            one.where,
            say(", ").join(unit.title for unit in one.case.units),
            one.word,
            say("opened at {time}", time=one.since[11:16]),
            badge=one.what,
        )
        for one in cases
    ]
    return _cut(say("Open incidents"), rows, say)


def _totals(moment: Moment, shift: Shift, say: Words) -> str:
    """Return how many incidents were opened and closed in this shift."""
    opened = sum(one.opened_at >= shift.begin for one in moment.opened)
    open_of = Counter(one.opened_at >= shift.begin for one in moment.opened)
    told = [say("open: {n}", n=len(moment.opened))]
    if open_of[False]:
        told.append(say("of these from earlier shifts: {n}", n=open_of[False]))
    if shift.closed is not None:
        told.append(say("closed in this shift: {n}", n=shift.closed))
    else:
        told.append(say("begun in this shift: {n}", n=opened))
    return " · ".join(told)


def _css() -> str:
    place = resources.files("maps") / "templates" / "briefing.css"
    return css_tokens().split("@media")[0] + place.read_text(encoding="utf-8")
