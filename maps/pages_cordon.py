"""The page of a cordon: what stays open, who holds what, presets to press, cards to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import shapely

from gis.layers import Layers
from maps.overlays import Overlay
from maps.overlays_cordon import RunnerReach, cordon_overlays
from maps.overlays_incident import focus_on
from maps.pages import PageView, draw_page, plain_page
from maps.panels_cordon import cordon_panel, papers, verdict, where_text
from maps.panels_live import at_place, preset_links
from maps.words import words
from planner.cordon_cards import Card
from planner.cordon_params import CordonParams
from planner.cordon_words import sentences
from planner.results_cordon import Cordon


def cordon_page(
    layers: Layers,
    cordon: Cordon,
    view: PageView,
    *,
    reach: RunnerReach | None = None,
    params: CordonParams | None = None,
    when: str = "",
    cards: str = "",
    later: str = "",
    names: Sequence[Overlay] | None = None,
) -> str:
    """Return the page of a cordon, as HTML.

    Parameters
    ----------
    layers
        The town.
    cordon
        The answer.
    view
        What it shows besides; `links` with those of `maps.pages.LIVE`.
    reach
        How far the runner gets.
    params
        What was asked for, to mark the preset that it is.
    when
        The moment in words.
    cards
        Address of the cards to print, "" for none.
    later
        Address that tells of a better plan and of what one more unit would change, "" for none.
    names
        From `maps.overlays_incident.map_names`, where they are kept; else they are made.
    """
    say = words(view.lang)
    lon, lat = cordon.lon, cordon.lat
    spots = [
        shapely.Point(at)
        for table in (cordon.holders, cordon.open_exits)
        for at in zip(table["lon"], table["lat"], strict=True)
    ]
    view = replace(view, missing=cordon.missing, focus=view.focus or focus_on(lon, lat, spots))
    return draw_page(
        "cordon",
        cordon_overlays(layers, cordon, reach, say, names),
        cordon_panel(cordon, say),
        view,
        cordon=cordon,
        where=where_text(cordon, say),
        when=when,
        verdict=verdict(cordon, say),
        presets=preset_links(view.links["cordon"], lon, lat, say, params, shown=True),
        later=later,
        cards=cards if len(cordon.holders) else "",
        back=at_place(view.links["incident"], lon, lat),
        sentences=sentences(cordon, view.lang),
    )


def no_cordon_page(reason: str, view: PageView, back: str) -> str:
    """Return the page that stands where no cordon can be had, as HTML.

    Parameters
    ----------
    reason
        Why, as the planner says it.
    view
        What it shows besides.
    back
        Address of the page that says who comes there.
    """
    said = words(view.lang).sentence(reason)
    return plain_page("no_cordon.html", view, reason=said, back=back)


def cards_page(
    cordon: Cordon,
    cards: Sequence[Card],
    view: PageView,
    *,
    now: datetime | None = None,
    when: str = "",
    back: str = "",
) -> str:
    """Return the cards of a cordon as a page to print, one to a sheet, as HTML.

    Parameters
    ----------
    cordon
        The answer.
    cards
        One for each post (`planner.cordon_cards.cards_of`).
    view
        What it shows besides.
    now, when
        The time from which everything counts, None if another moment was asked for; in words.
    back
        Address of the cordon.
    """
    say = words(view.lang)
    return plain_page(
        "cards.html",
        view,
        where=where_text(cordon, say),
        when=when,
        cards=papers(cards, now, say),
        back=back,
    )
