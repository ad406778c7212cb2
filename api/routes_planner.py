"""The planner's pages with a map: targets down to gaps, faults, scorecards, what to mend."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from urllib.parse import urlencode

import pandas as pd
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.kept_fresh import kept_fresh
from api.planner_desk import Desk, Planned
from api.planner_export import selected_table
from api.routes_live_pages import PageLang
from api.routes_pages import header_policy
from api.routes_uploads import XLSX, xlsx_response
from gis.checks_faults import faults_table
from gis.errors import LayerMissingError, NotFoundError
from gis.schema import SCHEMAS
from gis.template import write_template
from maps.overlays_cameras import views
from maps.pages_planner import cards_tab, checks_tab, list_tab, targets_tab
from maps.panels_planner_cell import cell_document
from maps.words import Lang, words
from planner.results_rectification import CLOSED

router = APIRouter()

BASE = "../"
Short = Annotated[str, Query(max_length=100)]


@router.get("/planner", response_class=HTMLResponse)
def planner(desk: Planned, lang: PageLang) -> Response:
    """Return the page that leads from each target to the places that fail it and to their gaps."""
    return html_page(desk.once(f"targets {lang}", lambda: _targets_text(desk, lang)))


@router.get("/planner/views")
def seen_by_cameras(desk: Planned, request: Request) -> Response:
    """Return what each camera sees as features of the page's map."""
    coverage = desk.coverage

    def features() -> str:
        return json.dumps([] if coverage is None else views(coverage).features)

    text = desk.once("views", features)
    return kept_fresh(request, desk.view.etag("views"), "application/json", lambda: text)


@router.get("/planner/cards", response_class=HTMLResponse)
def cards(desk: Planned, lang: PageLang) -> Response:
    """Return the page of the scorecards of stations and villages."""
    return html_page(desk.once(f"cards {lang}", lambda: _cards_text(desk, lang)))


@router.get("/planner/checks", response_class=HTMLResponse)
def checks(desk: Planned, lang: PageLang) -> Response:
    """Return the page of the grids and of what is wrong with the town's files."""
    view, layers = desk.page(lang, "checks"), desk.view.layers
    try:
        report = desk.checks()
    except LayerMissingError as error:
        return html_page(checks_tab(layers, faults_table(()), (), view, BASE, lacking=error.layers))
    return html_page(checks_tab(layers, report.faults, report.warnings, view, BASE))


@router.get("/planner/checks.xlsx", response_class=Response)
def checks_sheet(desk: Planned) -> Response:
    """Return all that is wrong with the town's files as a workbook."""
    faults = pd.DataFrame(desk.checks().faults.drop(columns="geometry"))
    return xlsx_response(faults.assign(codes=faults["codes"].map(" ".join)), "checks")


@router.get("/planner/list", response_class=HTMLResponse)
def mending(
    desk: Planned, lang: PageLang, state: Short = "", fault: Short = "", unit: Short = ""
) -> Response:
    """Return the page of what must be mended; by state, kind of fault and responsible unit."""
    asked = {"state": state, "fault": fault, "unit": unit}
    found = desk.rectification
    items = None if found is None else found.items
    shown = None if items is None else filtered(items, asked)
    kept = urlencode({name: value for name, value in asked.items() if value})
    view = desk.page(lang, "list", f"&{kept}" if kept else "", kind="rectification")
    return html_page(list_tab(desk.view.layers, items, shown, asked, view, BASE))


@router.get("/planner/list.xlsx", response_class=Response)
def mending_sheet(
    desk: Planned, state: Short = "", fault: Short = "", unit: Short = ""
) -> Response:
    """Return what must be mended as a workbook; by state, kind of fault and responsible unit."""
    if desk.rectification is None:
        raise NotFoundError(
            "there is no result of rectification yet: make it with `fengqiao rectification`"
        )
    asked = {"state": state, "fault": fault, "unit": unit}
    return xlsx_response(filtered(desk.rectification.items, asked), "rectification")


@router.get("/planner/cell")
def cell(
    desk: Planned,
    lang: PageLang,
    lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
    h3: Annotated[str | None, Query(pattern="^[0-9a-f]{15}$")] = None,
) -> dict[str, Any]:
    """Return the hexagon at a place, or of an id: what stands beside the map, and its outline."""
    teller = desk.cells()
    if h3 is not None:
        told = teller.of(h3)
    elif lon is not None and lat is not None:
        told = teller.at(lon, lat)
    else:
        raise HTTPException(400, "say where: lon and lat, or h3")
    code = None if told.row is None else told.row["village"]
    return cell_document(told, _village(desk, code), words(lang))


@router.get("/planner/export.xlsx", response_class=Response)
def export(desk: Planned, lang: PageLang, show: Short) -> Response:
    """Return what is selected as a workbook: a target with its places, a place, a gap, a card."""
    return xlsx_response(selected_table(desk, show, words(lang)), "selected")


@router.get("/planner/template/{layer}.xlsx", response_class=Response)
def template(layer: str, desk: Planned) -> Response:
    """Return the workbook that asks villages for a layer; what is known is filled in already."""
    if layer not in SCHEMAS:
        msg = f"no layer {layer!r}; there are: {', '.join(SCHEMAS)}"
        raise NotFoundError(msg)
    with TemporaryDirectory(prefix="fengqiao-") as folder:
        path = write_template(Path(folder) / f"{layer}.xlsx", layer, town=desk.view.layers)
        content = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{layer}.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers | {"Cache-Control": "no-store"})


def _targets_text(desk: Desk, lang: Lang) -> str:
    view = desk.page(lang, "", kind="targets")
    return targets_tab(desk.view.layers, desk.targets, desk.coverage, view, "")


def _cards_text(desk: Desk, lang: Lang) -> str:
    view = desk.page(lang, "cards", kind="targets")
    return cards_tab(desk.view.layers, desk.targets, view, BASE)


def html_page(text: str) -> Response:
    """Return a page with its policy."""
    return HTMLResponse(
        text,
        headers={
            "Content-Security-Policy": header_policy(text),
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
        },
    )


def filtered(items: pd.DataFrame, asked: dict[str, str]) -> pd.DataFrame:
    """Return the items that fit what was asked for; "left" is what is not mended."""
    kept = items
    if asked["state"] == "left":
        kept = kept[kept["state"] != CLOSED]
    elif asked["state"]:
        kept = kept[kept["state"] == asked["state"]]
    for name in ("fault", "unit"):
        if asked[name]:
            kept = kept[kept[name] == asked[name]]
    return kept


def _village(desk: Desk, code: Any) -> str:
    """Return the name of a village, "" where it has none."""
    villages = desk.view.layers["villages"]
    for name in villages.loc[villages["code"] == code, "name"].tolist():
        return name if isinstance(name, str) else ""
    return ""
