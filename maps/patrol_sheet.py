"""Patrol sheets for paper: a team's route on A4, with map, table of stops and directions."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from gis.layers import Layers
from gis.profiles import load
from maps.patrol_card import TeamCard
from maps.patrol_card_ground import ground_of
from maps.patrol_card_links import app_links, in_china
from maps.patrol_card_page import day_text, leg_text, stay_text
from maps.patrol_card_svg import card_svg, team_sign
from maps.patrol_card_words import clock_of, said, way_text
from maps.patrol_sheet_pdf import PAGE_COUNTER, write_pdf

# Height of the map by its width.
ASPECT = 0.62


@dataclass(frozen=True)
class SheetRow:
    """A line of the table: order, times, place, what to do there, the way there."""

    order: str
    arrive: str
    depart: str
    title: str
    notes: str
    way: str
    steps: tuple[str, ...]
    is_stop: bool


def write_sheets(
    path: Path, cards: Sequence[TeamCard], layers: Layers, *, url: str | None = None
) -> None:
    """Write the sheets of teams as one PDF, each team on pages of its own.

    Parameters
    ----------
    path
        Where to.
    cards
        The teams.
    layers
        The town, for the maps.
    url
        Address of the folder with the teams' cards, for the QR code; without one it leads to
        the base in a map app.

    Raises
    ------
    DependencyError
        If the machine lacks Pango.
    """
    write_pdf(path, sheets_html(cards, layers, url=url))


def sheets_html(cards: Sequence[TeamCard], layers: Layers, *, url: str | None = None) -> str:
    """Return the page that the PDF is made from."""
    lang = cards[0].lang
    css = (resources.files("maps") / "templates" / "patrol_sheet.css").read_text(encoding="utf-8")
    fonts = ", ".join(f'"{name}"' for name in load("report")["fonts"]["pages"])
    css = css.replace("PAGE_COUNTER", PAGE_COUNTER[lang]).replace("FONTS", f"{fonts}, sans-serif")
    return (
        _templates()
        .get_template("patrol_sheet.html")
        .render(
            lang=lang,
            css=Markup(css),
            said=partial(_said, lang),
            sheets=[_sheet(card, layers, url) for card in cards],
        )
    )


def sheet_rows(card: TeamCard) -> list[SheetRow]:
    """Return the table of a sheet: the start, each stop, the way home."""
    lang, ways = card.lang, [card.legs[way] for way in card.planned_legs()]
    base = said("base", lang)
    rows = [SheetRow("", "", clock_of(card.depart), base, "", "", (), False)]
    for stop, leg in zip(card.stops, ways, strict=False):
        near = said("near", lang, mark=stop.landmark) if stop.landmark else ""
        must = said("required", lang) if stop.required else ""
        notes = " · ".join(text for text in (must, near, stay_text(stop, lang), stop.why) if text)
        rows.append(
            SheetRow(
                str(stop.order), clock_of(stop.arrive), clock_of(stop.depart), stop.title, notes,
                leg_text(leg, lang), leg.steps, True,
            )
        )  # fmt: skip
    home = leg_text(ways[-1], lang)
    return [*rows, SheetRow("", clock_of(card.back), "", base, "", home, ways[-1].steps, False)]


def qr_svg(text: str) -> Markup:
    """Return a QR code as inline SVG, level M, with its quiet zone."""
    place = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        place, kind="svg", xmldecl=False, svgclass="qr", lineclass=None, omitsize=True, border=4
    )
    return Markup(place.getvalue().decode())


def _sheet(card: TeamCard, layers: Layers, url: str | None) -> dict[str, Any]:
    lang = card.lang
    facts = [
        said("leaves", lang, time=clock_of(card.depart)),
        said("returns", lang, time=clock_of(card.back)),
        said("n_stops", lang, n=len(card.stops)),
        way_text(card.length_m, lang),
        said("people", lang, n=card.size) if card.size else "",
    ]
    scanned, words = _scanned(card, url)
    return {
        "card": card,
        "day": day_text(card.date, lang),
        "facts": " · ".join(fact for fact in facts if fact),
        "svg": card_svg(card, ground_of(card, layers, aspect=ASPECT), paper=True),
        "sign": team_sign(card.position),
        "rows": sheet_rows(card),
        "qr": qr_svg(scanned),
        "qr_words": said(words, lang),
        "sources": said("sources", lang, names=", ".join(card.attribution)),
    }


def _scanned(card: TeamCard, url: str | None) -> tuple[str, str]:
    """Return what the QR code holds, and the key of the words beneath it."""
    if url is not None:
        return f"{url.rstrip('/')}/{card.date}-{card.code}.html", "scan_card"
    links = app_links(card.base, said("base", card.lang), mode=card.mode, town=card.town)
    wanted = "amap" if in_china(card.base) else "geo"
    return next(link.href for link in links if link.app == wanted), "scan_base"


def _said(lang: Any, key: str, **values: object) -> str:
    return said(key, lang, **values)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("maps", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
