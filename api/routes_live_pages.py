"""Pages of now: the duty board, who comes to a place, the cordon around one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.duty import closed_now, duty_now, street_at
from api.errors import status_of
from api.incident_source import IncidentSource, Source
from api.incidents import answer
from api.languages import best_language
from api.live_cordons import QUICK_S, AskedCordon, Question, Seconds
from api.live_town import Live, LiveTown
from api.routes_incidents import Lat, Lon
from api.routes_pages import header_policy
from api.routes_results import View
from api.town_view import TownView
from gis.duty_rows import OpenIncident
from gis.errors import InputError, LayerMissingError, NotFoundError
from gis.store_incidents import open_incidents
from maps.overlays_cordon import runner_reach
from maps.pages_cordon import cards_page, cordon_page, no_cordon_page
from maps.pages_duty import duty_page
from maps.pages_incident import incident_page
from maps.panels_cordon import better_text, one_more_text
from maps.panels_duty import Closing
from maps.panels_live import at_place
from maps.words import Lang, words
from planner.cordon_cards import cards_of
from planner.cordon_params import CordonParams
from planner.results_coverage import Coverage
from planner.week import minute_text

router = APIRouter()


def page_lang(request: Request, lang: Lang | None = None) -> Lang:
    """Return the language of a page: the one asked for, else the browser's."""
    return lang or best_language(request.headers.get("Accept-Language", ""))


PageLang = Annotated[Lang, Depends(page_lang)]


@router.get("/pages/duty", response_class=HTMLResponse)
def duty(
    request: Request,
    live: Live,
    source: Source,
    lang: PageLang,
    lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
) -> Response:
    """Return the duty board: units, open incidents, closed streets; at a place, one to close."""
    now, layers = source.now(), live.layers
    text = duty_page(
        layers,
        duty_now(layers, source.store, now),
        live.page_view("duty", lang, _asked(request)),
        now=now,
        opened=opened_now(source, now),
        closed=closed_now(layers, source.store, now),
        closing=None if lon is None or lat is None else _closing(live, lon, lat),
        names=live.names(lang),
    )
    return _page(text)


@router.get("/pages/incident", response_class=HTMLResponse)
def incident(
    lon: Lon,
    lat: Lat,
    request: Request,
    live: Live,
    source: Source,
    view: View,
    lang: PageLang,
    kind: str = "other",
    at: str | None = None,
    number: int | None = None,
) -> Response:
    """Return the page that says who comes to a place; `number` is that of an open incident."""
    now = source.now()
    opened = None if number is None else _numbered(source, now, number)
    text = incident_page(
        live.layers,
        answer(live.ready, source.store, lon, lat, kind, now=now, at=at),
        live.page_view("incident", lang, _asked(request)),
        coverage=_coverage(view),
        opened=opened,
        at=at,
        names=live.names(lang),
        cordon=source.workspace.params().cordon,
    )
    return _page(text)


@router.get("/pages/cordon", response_class=HTMLResponse)
def cordon(
    request: Request,
    live: Live,
    source: Source,
    question: Question,
    lang: PageLang,
    seconds: Seconds = QUICK_S,
) -> Response:
    """Return the page of a cordon: what stays open, who holds what."""
    query, view = request.url.query, live.page_view("cordon", lang, _asked(request))
    try:
        asked = question.found(seconds)
    except (InputError, LayerMissingError) as error:
        back = at_place(view.links["incident"], question.lon, question.lat)
        return _page(no_cordon_page(str(error), view, back), status_of(error))
    text = cordon_page(
        live.layers,
        asked.cordon,
        view,
        reach=runner_reach(asked.problem),
        params=asked.params,
        when=_when(asked, source, question.at, lang),
        cards=f"cards?{query}",
        later=f"cordon/later?{query}" if asked.cordon.status != "sealed" else "",
        names=live.names(lang),
    )
    return _page(text)


@router.get("/pages/cordon/later")
def cordon_later(
    request: Request, question: Question, lang: PageLang, seconds: Seconds = QUICK_S
) -> dict[str, Any]:
    """Return what takes longer: a better plan than was shown, and what one more unit changes."""
    longest, say = CordonParams.default().seconds, words(lang)
    shown = question.found(seconds)
    best = question.found(longest)
    asked = [(k, v) for k, v in _asked(request) if k != "seconds"]
    return {
        "better": better_text(shown.cordon, best.cordon, say),
        "href": f"cordon?{urlencode([*asked, ('seconds', f'{longest:g}')])}",
        "one_more": one_more_text(best.cordon, best.one_more(), say),
    }


@router.get("/pages/cards", response_class=HTMLResponse)
def cards(
    request: Request,
    live: Live,
    source: Source,
    question: Question,
    lang: PageLang,
    seconds: Seconds = QUICK_S,
) -> Response:
    """Return a card for each post of a cordon, one to a sheet."""
    asked = question.found(seconds)
    text = cards_page(
        asked.cordon,
        cards_of(asked.problem.town, asked.cordon),
        live.page_view("cards", lang, _asked(request)),
        now=source.now() if question.at is None else None,
        when=_when(asked, source, question.at, lang),
        back=f"cordon?{request.url.query}",
    )
    return _page(text)


def opened_now(source: IncidentSource, now: datetime) -> list[OpenIncident]:
    """Return the open incidents, their times in those of the town."""
    return [_local(one, now) for one in open_incidents(source.store)]


def _closing(live: LiveTown, lon: float, lat: float) -> Closing:
    """Return the street nearest to a place, to be closed."""
    streets = live.ready.streets
    try:
        code = street_at(streets, lon, lat)
    except (LayerMissingError, NotFoundError) as error:
        return Closing(fault=str(error))
    assert streets is not None
    rows = live.layers["streets"].set_index("code")
    length_m = float(streets.edge_length_m[streets.edge_street == code].sum())
    return Closing(code, live.ready.names.get(code), length_m, rows.geometry[code])


def _numbered(source: IncidentSource, now: datetime, number: int) -> OpenIncident | None:
    """Return an open incident; None where it is closed by now."""
    return next((one for one in opened_now(source, now) if one.number == number), None)


def _local(one: OpenIncident, now: datetime) -> OpenIncident:
    zone = now.tzinfo
    times = ("sent_at", "arrived_at", "cleared_at")
    units = [
        replace(
            sent,
            **{
                name: moment.astimezone(zone)
                for name in times
                if (moment := getattr(sent, name)) is not None
            },
        )
        for sent in one.units
    ]
    return replace(one, opened_at=one.opened_at.astimezone(zone), units=tuple(units))


def _when(asked: AskedCordon, source: IncidentSource, at: str | None, lang: Lang) -> str:
    moment = minute_text(asked.moment.minute, lang)
    return moment if at is not None else f"{source.now():%Y-%m-%d %H:%M}"


def _coverage(view: TownView) -> Coverage | None:
    kept = view.answers.get("coverage")
    return kept.result if kept is not None and isinstance(kept.result, Coverage) else None


def _asked(request: Request) -> list[tuple[str, str]]:
    return request.query_params.multi_items()


def _page(text: str, status: int = 200) -> Response:
    """Return a page that holds for this moment only."""
    return HTMLResponse(
        text,
        status,
        headers={
            "Content-Security-Policy": header_policy(text),
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
        },
    )
