"""What the server shows of its town: layers, answers, pages and tiles, as of one moment."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from api.duty import closed_codes
from api.kept import COMMANDS, KINDS, Kept, aged, find_answer
from api.kept_fresh import etag_of
from api.version import program_version
from api.workspace import Workspace
from gis.errors import FengqiaoError, NotFoundError
from gis.layers import Layers
from gis.store import Store
from maps.basemaps import Basemap
from maps.mvt import ShapeTiles, cells_mvt
from maps.pages import HOME, LIVE, PAGES, PLANNER, PageName
from maps.tiles import CELL_THEMES, CHANGE_THEMES, COVERAGE_THEMES, CellTiles, Tiles, build_tiles
from maps.tiles_grid import tile_of
from maps.views import render_page, town_bounds, town_view
from maps.words import Lang
from planner.answer import Answer, Kind

log = logging.getLogger(__name__)

# The zoom of the tile that is made ahead.
PREPARED_ZOOM = 13


@dataclass(frozen=True, eq=False)
class TownView:
    """One town at one moment; never changes, so that many requests share it.

    Parameters
    ----------
    layers
        The town's layers.
    answers
        Kind to the last answer, where there is one.
    tile_cache
        How many drawn tiles to keep.
    closed
        Codes of the streets that are closed.
    video, basemaps
        As in `api.workspace.Workspace`.
    """

    layers: Layers
    answers: Mapping[Kind, Kept]
    tile_cache: int
    closed: tuple[str, ...] = ()
    video: str = ""
    basemaps: tuple[Basemap, ...] = ()
    _version: str = field(init=False, repr=False)
    _tiles: dict[str, Tiles | ShapeTiles] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _pictures: Callable[[str, int, int, int], bytes] = field(init=False, repr=False)
    _shapes: Callable[[str, int, int, int], bytes] = field(init=False, repr=False)
    _pages: Callable[[PageName, Lang], str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        made = [kept.made_at + json.dumps(kept.document) for kept in self.answers.values()]
        version = etag_of(
            program_version(),
            self.layers.town,
            str(self.layers.revision),
            self.video,
            repr(self.basemaps),
            *self.closed,
            *made,
        )
        object.__setattr__(self, "_version", version)
        object.__setattr__(self, "_pictures", lru_cache(self.tile_cache)(self._draw))
        object.__setattr__(self, "_shapes", lru_cache(self.tile_cache)(self._cut))
        object.__setattr__(self, "_pages", cache(self._render))

    def answer(self, kind: Kind) -> Kept:
        """Return an answer.

        Raises
        ------
        NotFoundError
            If it was never computed; the message names the command.
        """
        if kind not in self.answers:
            msg = f"there is no result of {kind} yet: make it with `{COMMANDS[kind]}`"
            raise NotFoundError(msg)
        return self.answers[kind]

    def warnings(self, kind: Kind) -> list[str]:
        """Return what the reader of an answer must know, its age included."""
        kept = self.answer(kind)
        return [*aged(kept, self.layers.revision, self.closed), *kept.document["warnings"]]

    def document(self, kind: Kind) -> dict[str, Any]:
        """Return the JSON document of an answer."""
        return {**self.answer(kind).document, "warnings": self.warnings(kind)}

    def etag(self, theme: str) -> str:
        """Return what changes whenever a picture or page of the theme may change."""
        return etag_of(theme, self._version)

    def page(self, name: PageName, lang: Lang) -> str:
        """Return a page as HTML; it says what to do where there is no answer."""
        return self._pages(name, lang)

    def page_of(
        self, name: PageName, lang: Lang, answer: Answer | Kept | None, query: str = ""
    ) -> str:
        """Return a page about an answer as HTML, its links leading through the server.

        Parameters
        ----------
        name, lang
            Page and language.
        answer
            What it shows.
        query
            What else its address says, such as "&at=now".
        """
        other = "en" if lang == "zh" else "zh"
        view = replace(
            town_view(self.layers),
            lang=lang,
            links={
                **{page: f"{page}?lang={lang}" for page in (*PAGES, *LIVE)},
                HOME: f"../?lang={lang}",
                PLANNER: f"../planner?lang={lang}",
                "lang": f"{name}?lang={other}{query}",
                # The same page about this moment, or back from there.
                "now": f"{name}?lang={lang}{'' if query else '&at=now'}",
            },
            tiles="../tiles",
            assets="../assets",
            video=self.video,
            basemaps=self.basemaps,
        )
        return render_page(name, self.layers, answer, view)

    def tile(self, theme: str, z: int, x: int, y: int) -> bytes:
        """Return a tile as PNG.

        Raises
        ------
        NotFoundError
            If there is no such theme, or no tile has this address.
        """
        return self._pictures(theme, z, x, y)

    def shapes(self, layer: str, z: int, x: int, y: int) -> bytes:
        """Return a vector tile of a layer of the town or of a theme of cells.

        Raises
        ------
        NotFoundError
            If there is no such layer, or no tile has this address.
        """
        return self._shapes(layer, z, x, y)

    def prepare(self) -> None:
        """Make what the first page needs, so that whoever opens it does not wait for that."""
        west, south, east, north = town_bounds(self.layers)
        middle = tile_of((west + east) / 2, (south + north) / 2, PREPARED_ZOOM)
        try:
            for theme in ("base", *COVERAGE_THEMES[:1]):
                self.tile(theme, PREPARED_ZOOM, *middle)
            self.page("coverage", "zh")
        except FengqiaoError as error:  # there is no answer yet
            log.info("nothing is made ahead: %s", error)

    def _render(self, name: PageName, lang: Lang) -> str:
        answer = self.answers.get(name)
        if answer is not None:
            answer = replace(answer, document=self.document(name))
        return self.page_of(name, lang, answer)

    def _result(self, kind: Kind, wanted: bool) -> Any:
        return self.answer(kind).result if wanted else None

    def _draw(self, theme: str, z: int, x: int, y: int) -> bytes:
        tiles: Tiles = self._ready(theme, lambda: self._pictures_of(theme))
        return tiles.png(z, x, y)

    def _cut(self, layer: str, z: int, x: int, y: int) -> bytes:
        if layer in CELL_THEMES:
            cells: CellTiles = self._ready(layer, lambda: self._pictures_of(layer))
            return cells_mvt(layer, cells, z, x, y)
        shapes = self._ready(f"{layer}.mvt", lambda: ShapeTiles.build(layer, self.layers))
        cut: bytes = shapes.mvt(z, x, y)
        return cut

    def _ready(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what is built once, by whoever asks first."""
        with self._lock:
            if name not in self._tiles:
                self._tiles[name] = make()
        return self._tiles[name]

    def _pictures_of(self, theme: str) -> Tiles:
        coverage = self._result("coverage", theme in COVERAGE_THEMES)
        change = self._result("change", theme in CHANGE_THEMES)
        return build_tiles(theme, self.layers, coverage, change)


class TownSource:
    """The open store of a workspace and the view of what it holds now.

    Parameters
    ----------
    workspace
        The town.
    tile_cache
        How many drawn tiles to keep.
    """

    def __init__(self, workspace: Workspace, tile_cache: int) -> None:
        self._workspace = workspace
        self._tile_cache = tile_cache
        self._store: Store = workspace.open_store()
        self._lock = threading.Lock()
        self._stamp = self._store.stamp
        self._view = self._load()

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def view(self) -> TownView:
        """Return the town as it is now; loads it again only after a change or a new answer."""
        stamp = self._store.stamp
        if stamp != self._stamp:
            with self._lock:
                if stamp != self._stamp:
                    self._view, self._stamp = self._load(), stamp
        closed = self._closed(self._view.layers)
        if closed != self._view.closed:
            with self._lock:
                if closed != self._view.closed:
                    self._view = replace(self._view, closed=closed)
        return self._view

    def _load(self) -> TownView:
        found = {kind: find_answer(self._store, kind) for kind in KINDS}
        answers = {kind: kept for kind, kept in found.items() if kept is not None}
        layers = self._workspace.layers(self._store)
        closed, place = self._closed(layers), self._workspace
        return TownView(layers, answers, self._tile_cache, closed, place.video, place.basemaps)

    def _closed(self, layers: Layers) -> tuple[str, ...]:
        return closed_codes(layers, self._store, datetime.now(UTC))
