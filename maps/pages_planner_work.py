"""Pages of whoever plans without a map: files of one's own, reports, two dates, links, hazards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gis.profiles import load
from gis.schema import SCHEMAS
from maps.pages import PLANNER, PageView, plain_page
from maps.pages_planner import tabs
from maps.panels_uploads import Preview, Row, Sketch
from maps.words import words

# What is read besides single layers, in the order of the choice.
WHOLE_FILES = ("cameras-sheet", "gb28181", "osm")
DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000")
FORMATS = ("pdf", "docx", "xlsx")


@dataclass(frozen=True)
class Waiting:
    """An upload that waits: what it is called, where it is shown, when it came."""

    title: str
    href: str
    made_at: str


@dataclass(frozen=True)
class Report:
    """A report that was made: what it is, when, and where to fetch it."""

    title: str
    made_at: str
    href: str


@dataclass(frozen=True)
class Team:
    """A team of a night, with its links.

    Parameters
    ----------
    code, name
        Which.
    address, qr
        The link that works, and its picture (SVG); "" where there is none.
    until
        When that ends, as text.
    jti
        What it is called where it is taken back.
    """

    code: str
    name: str
    address: str = ""
    qr: str = ""
    until: str = ""
    jti: str = ""


@dataclass(frozen=True)
class Reported:
    """A hazard that a team reported."""

    number: int
    kind: str
    place: str
    told: str
    state: str
    answer: str
    href: str


def files_tab(view: PageView, waiting: Sequence[Waiting], layer: str, base: str) -> str:
    """Return the page to send files of one's own, as HTML.

    Parameters
    ----------
    view
        What the page shows besides.
    waiting
        Uploads that are not imported yet.
    layer
        What is chosen at first, "" to find out.
    base
        As for `maps.pages_planner.tabs`.
    """
    megabytes = int(load("planner")["uploads"]["bytes"]) >> 20
    endings = load("planner")["uploads"]["endings"]
    return _page(
        "files", "work_files.html", view, base,
        waiting=waiting, chosen=layer, kinds=kinds(view.lang), megabytes=megabytes, endings=endings,
    )  # fmt: skip


def upload_tab(
    view: PageView,
    upload: Mapping[str, Any],
    state: str,
    base: str,
    *,
    kind: str = "",
    message: str = "",
    faults: Sequence[Row] = (),
    fault_count: int = 0,
    sketches: Sequence[Sketch] = (),
    preview: Preview | None = None,
) -> str:
    """Return the page of one upload: what is wrong, what its coordinates are, what would change.

    Parameters
    ----------
    view, base
        As for `files_tab`.
    upload
        As `POST /uploads` answers it.
    state
        "refused", "faults", "datum", "preview", or "imported".
    kind
        What it was read as.
    message
        What is wrong, or what the verdict on the coordinates is, in the page's language.
    faults, fault_count
        The first faults, and how many there are.
    sketches
        What its coordinates may be, best first.
    preview
        What would change.
    """
    return _page(
        "files", "work_upload.html", view, base,
        upload=upload, state=state, kind=kind, message=message, faults=faults,
        fault_count=fault_count, sketches=sketches, preview=preview, kinds=kinds(view.lang),
        datums=DATUMS, profiles=tuple(load("camera_sheet")["profiles"]),
    )  # fmt: skip


def reports_tab(view: PageView, made: Sequence[Report], base: str) -> str:
    """Return the page that makes the town's report as a file, as HTML."""
    return _page("reports", "work_reports.html", view, base, made=made, formats=FORMATS)


def compare_tab(view: PageView, shown: str, today: str, base: str) -> str:
    """Return the page that compares two days, as HTML.

    Parameters
    ----------
    view, base
        As for `files_tab`.
    shown
        Address of the page of the last comparison, "" for none.
    today
        The latest day that can be chosen.
    """
    return _page("compare", "work_compare.html", view, base, shown=shown, today=today)


def teams_tab(
    view: PageView, night: str, teams: Sequence[Team], hazards: Sequence[Reported], base: str
) -> str:
    """Return the page of the links of a night's teams, and of what teams reported, as HTML.

    Parameters
    ----------
    view, base
        As for `files_tab`.
    night
        The night, "" where none is planned.
    teams
        Those that have a route.
    hazards
        What was reported, the newest first.
    """
    states = [(name, about[view.lang]) for name, about in load("hazards")["states"].items()]
    return _page(
        "teams", "work_teams.html", view, base,
        night=night, teams=teams, hazards=hazards, states=states,
    )  # fmt: skip


def kinds(lang: str) -> list[tuple[str, str]]:
    """Return what a file may be: name and words."""
    say = words(lang)
    layers = [(name, say.term("layer", name)) for name in SCHEMAS]
    return [*layers, *((name, say.term("upload", name)) for name in WHOLE_FILES)]


def _page(tab: str, template: str, view: PageView, base: str, **values: Any) -> str:
    return plain_page(
        template, view, page=PLANNER, tab=tab, tabs=tabs(tab, view.lang, base), base=base, **values
    )
