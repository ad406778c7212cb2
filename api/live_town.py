"""What the pages of now are made of, kept ready beside the town: names on the map, place names."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request

from api.incident_source import Source
from gis.layers import Layers
from gis.places import PlaceIndex, build_index
from maps.overlays import Overlay
from maps.overlays_incident import map_names
from maps.pages import HOME, LIVE, PAGES, PLANNER, PageView
from maps.views import town_view
from maps.words import Lang
from planner.incidents import IncidentTown

_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class LiveTown:
    """One town with what its pages of now share; many threads may share it.

    Parameters
    ----------
    ready
        The town ready for incidents.
    view
        What all its pages show.
    """

    ready: IncidentTown
    view: PageView = field(repr=False)
    _names: dict[Lang, Sequence[Overlay]] = field(default_factory=dict, init=False, repr=False)
    _index: list[PlaceIndex] = field(default_factory=list, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def layers(self) -> Layers:
        """The layers of the town, its units with modes."""
        return self.ready.layers

    def names(self, lang: Lang) -> Sequence[Overlay]:
        """Return the names on the map in a language; made once, by whoever asks first."""
        with self._lock:
            if lang not in self._names:
                self._names[lang] = map_names(self.layers, lang)
        return self._names[lang]

    def places(self) -> PlaceIndex:
        """Return the index of its places; made once, by whoever asks first."""
        with self._lock:
            if not self._index:
                self._index.append(build_index(self.layers, self.ready.streets))
        return self._index[0]

    def page_view(self, page: str, lang: Lang, asked: Sequence[tuple[str, str]]) -> PageView:
        """Return what a page shows besides, with the same page in the other language.

        Parameters
        ----------
        page, lang
            Its name and language.
        asked
            Its query, names and values.
        """
        kept = urlencode([(name, value) for name, value in asked if name != "lang"])
        links = live_links(lang)
        other = f"{page}?lang={'en' if lang == 'zh' else 'zh'}"
        links["lang"] = "&".join(filter(None, [other, kept]))
        return replace(self.view, lang=lang, links=links, tiles="../tiles", assets="../assets")


def live_links(lang: Lang, base: str = "") -> dict[str, str]:
    """Return the address of each page of a server, with its language as a query.

    Parameters
    ----------
    lang
        The language.
    base
        Where the pages are, as the page that refers to them sees it: "" beside it, else "pages/".
    """
    up = "" if base else "../"
    home = {HOME: f"{up or './'}?lang={lang}", PLANNER: f"{up}planner?lang={lang}"}
    return home | {page: f"{base}{page}?lang={lang}" for page in (*PAGES, *LIVE)}


def live_town(request: Request, source: Source) -> LiveTown:
    """Return the town of the application that answers; made anew only after a change."""
    ready, state = source.town(), request.app.state
    made: LiveTown | None = getattr(state, "live", None)
    if made is None or made.ready is not ready:
        with _lock:  # once, by whoever asks first
            made = getattr(state, "live", None)
            if made is None or made.ready is not ready:
                place = source.workspace
                view = replace(town_view(ready.layers), video=place.video, basemaps=place.basemaps)
                made = LiveTown(ready, view)
                state.live = made
    return made


Live = Annotated[LiveTown, Depends(live_town)]
