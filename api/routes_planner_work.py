"""The planner's pages without a map: files of one's own, reports, two dates, links and hazards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import Known
from api.given_plans import plan_of, teams_out
from api.incident_source import Source
from api.links import links_list
from api.planner_desk import Desk, Planned
from api.routes_live_pages import PageLang
from api.routes_planner import html_page
from api.routes_uploads import Identity, upload_document
from api.uploads import find_upload, uploads_of
from api.uploads_kinds import KINDS
from api.uploads_look import Looked
from api.uploads_looked import looked
from gis.errors import NotFoundError
from gis.profiles import load
from gis.store import Store
from gis.store_field import hazards_of
from gis.store_jobs import jobs_list
from maps.pages_planner_work import (
    Report,
    Reported,
    Team,
    Waiting,
    compare_tab,
    files_tab,
    reports_tab,
    teams_tab,
    upload_tab,
)
from maps.panels_uploads import Row, column_title, preview_of, sketches
from maps.patrol_sheet import qr_svg
from maps.words import Words, words

router = APIRouter()

BASE = "../"
# So far back hazards are shown, and so many of them, and of the reports made.
HAZARD_DAYS, MOST_HAZARDS, MOST_REPORTS = 60, 200, 10
# So many rows with the same fault are named.
NAMED_ROWS = 8


@router.get("/planner/files", response_class=HTMLResponse)
def files(
    desk: Planned,
    source: Source,
    who: Known,
    lang: PageLang,
    layer: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Return the page to send files of one's own; layer=NAME is chosen at first."""
    found = uploads_of(source.workspace, who.name)
    waiting = [
        Waiting(one.title(), f"files/{one.id}?lang={lang}", one.made_at[:16].replace("T", " "))
        for one in found
    ]
    chosen = layer if layer in KINDS else ""
    return html_page(files_tab(desk.page(lang, "files"), waiting, chosen, BASE))


@router.get("/planner/files/{identity}", response_class=HTMLResponse)
def file(
    identity: Identity, desk: Planned, source: Source, who: Known, lang: PageLang, request: Request
) -> Response:
    """Return the page of one upload: what is wrong, what its coordinates are, what would change."""
    found = find_upload(source.workspace, identity, who.name)
    view, document = desk.page(lang, f"files/{identity}"), upload_document(found)
    if found.revision is not None:
        return html_page(upload_tab(view, document, "imported", "../../"))
    seen, say = looked(request, found, source, desk.view), words(lang)
    said = found.choices.crs or ("wgs84" if seen.state == "preview" else "")
    return html_page(
        upload_tab(
            view,
            document,
            seen.state,
            "../../",
            kind=seen.kind,
            message=_message(seen, say),
            faults=_rows(seen, say),
            fault_count=len(seen.faults),
            sketches=sketches(seen.guesses, desk.view.layers, said, say),
            preview=None if seen.imported is None else preview_of(seen.imported, say),
        )
    )


@router.get("/planner/reports", response_class=HTMLResponse)
def reports(desk: Planned, source: Source, lang: PageLang) -> Response:
    """Return the page that makes the town's report as a file."""
    say = words(lang)
    made = [
        Report(
            f"{say.term('report_format', job.params.get('format', ''))} · {job.result['day']}",
            (job.finished_at or "")[:16].replace("T", " "),
            f"{BASE}jobs/{job.id}/file",
        )
        for job in jobs_list(source.store, state="done", limit=50)
        if job.kind == "report" and job.result is not None
    ]
    return html_page(reports_tab(desk.page(lang, "reports"), made[:MOST_REPORTS], BASE))


@router.get("/planner/compare", response_class=HTMLResponse)
def two_dates(desk: Planned, source: Source, lang: PageLang) -> Response:
    """Return the page that compares two days."""
    shown = f"{BASE}pages/change?lang={lang}" if "change" in desk.view.answers else ""
    today = source.now().date().isoformat()
    return html_page(compare_tab(desk.page(lang, "compare"), shown, today, BASE))


@router.get("/planner/teams", response_class=HTMLResponse)
def teams(
    desk: Planned, source: Source, lang: PageLang, request: Request, night: date | None = None
) -> Response:
    """Return the page of the links of a night's teams, and of the hazards that teams reported."""
    day = night or _planned_night(desk)
    shown = [] if day is None else _teams(desk, source.store, day, request, words(lang))
    since = (source.now() - timedelta(days=HAZARD_DAYS)).date()
    hazards = hazards_of(source.store, since=since)[:MOST_HAZARDS]
    told = [_hazard(one, desk, lang) for one in hazards]
    name = "" if day is None else day.isoformat()
    return html_page(teams_tab(desk.page(lang, "teams"), name, shown, told, BASE))


def _message(seen: Looked, say: Words) -> str:
    """Return what is wrong with a file as a whole; of coordinates their sketches say it."""
    if seen.state != "refused":
        return ""
    return say.sentence(seen.message)


def _rows(seen: Looked, say: Words) -> list[Row]:
    """Return the faults, those that are alike in one row."""
    most = int(load("planner")["shown"]["faults"])
    alike: dict[tuple[str | None, str], list[str]] = {}
    for one in seen.faults:
        rows = alike.setdefault((one.column, one.problem), [])
        rows.extend([] if one.row is None else [str(one.row)])
    return [
        Row(_listed(rows), column_title(seen.kind, column, say), say.sentence(problem))
        for (column, problem), rows in list(alike.items())[:most]
    ]


def _listed(rows: list[str]) -> str:
    more = len(rows) - NAMED_ROWS
    return ", ".join(rows[:NAMED_ROWS]) + (f" … +{more}" if more > 0 else "")


def _planned_night(desk: Desk) -> date | None:
    kept = desk.view.answers.get("patrol")
    return None if kept is None else date.fromisoformat(kept.document["date"])


def _teams(desk: Desk, store: Store, night: date, request: Request, say: Words) -> list[Team]:
    """Return the teams that have a route on a night, each with the link that works now."""
    try:
        codes = teams_out(plan_of(store, night))
    except NotFoundError:
        return []
    now, zone = datetime.now(UTC), desk.source.now().tzinfo
    links = {one.team: one for one in links_list(store, night) if one.state(now) == "open"}
    frame = desk.view.layers["teams"]
    names = dict(zip(frame["code"], frame["name"], strict=True))
    made = []
    for code in codes:
        name = names.get(code)
        shown = name if isinstance(name, str) and name else code
        link = links.get(code)
        if link is None:
            made.append(Team(code, shown))
            continue
        address = str(request.base_url).rstrip("/") + link.url_path
        until = f"{link.expires_at.astimezone(zone):%Y-%m-%d %H:%M}"
        made.append(Team(code, shown, address, str(qr_svg(address)), until, link.jti))
    return made


def _hazard(one: Any, desk: Desk, lang: str) -> Reported:
    kinds = load("hazards")["kinds"]
    kind = kinds.get(one.kind, kinds["other"])[lang]
    place = f"{one.lon:.5f}, {one.lat:.5f}"
    href = f"{BASE}planner?lang={lang}#at=17/{one.lat:.5f}/{one.lon:.5f}"
    return Reported(
        one.number,
        kind,
        place,
        f"{one.night} {one.team}".strip(),
        one.state,
        one.answer or "",
        href,
    )
