"""What the planner's pages are made of, kept ready beside the town: faults, cells, answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from api.incident_source import IncidentSource, Source
from api.live_town import live_links
from api.planner_cells import CellTeller
from api.routes_results import View
from api.town_view import TownView
from gis.checks import CheckReport, check_town
from gis.errors import NotFoundError
from maps.pages import HOME, PLANNER, PageView
from maps.views import answer_view, town_view
from maps.words import Lang
from planner.answer import Kind
from planner.results_coverage import Coverage
from planner.results_rectification import Rectification
from planner.results_targets import Targets

Made = TypeVar("Made")
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class Desk:
    """The town as whoever plans sees it; many requests share it.

    Parameters
    ----------
    view
        What the server shows of the town; it may be empty yet.
    source
        The workspace and its store.
    """

    view: TownView
    source: IncidentSource
    _made: dict[str, Any] = field(default_factory=dict, init=False, repr=False)
    _lock: Any = field(default_factory=threading.RLock, init=False, repr=False)

    @property
    def coverage(self) -> Coverage | None:
        """What the cameras see; None where it was never computed."""
        return self._answer("coverage", Coverage)

    @property
    def targets(self) -> Targets | None:
        """Whether the targets are met; None where it was never computed."""
        return self._answer("targets", Targets)

    @property
    def rectification(self) -> Rectification | None:
        """What must be mended; None where it was never computed."""
        return self._answer("rectification", Rectification)

    def checks(self) -> CheckReport:
        """Return what is wrong with the town's files; looked for once, by whoever asks first."""
        codes = self.source.workspace.codes
        return self.once("checks", lambda: check_town(self.view.layers, codes=codes))

    def cells(self) -> CellTeller:
        """Return what tells of single cells.

        Raises
        ------
        NotFoundError
            If the coverage was never computed.
        """
        coverage = self.coverage
        if coverage is None:
            msg = "there is no result of coverage yet: make it with `fengqiao coverage`"
            raise NotFoundError(msg)
        cameras = self.view.layers["cameras"]
        cameras = cameras[cameras.geometry.notna() & ~cameras.geometry.is_empty]
        spots = zip(cameras.geometry.x.tolist(), cameras.geometry.y.tolist(), strict=True)
        places = dict(zip(cameras["code"].astype(str).tolist(), spots, strict=True))
        return self.once("cells", lambda: CellTeller(coverage, places))

    def page(self, lang: Lang, tab: str, query: str = "", kind: Kind | None = None) -> PageView:
        """Return what a page shows besides.

        Parameters
        ----------
        lang
            Its language.
        tab
            Last part of its address; "" for `/planner` itself.
        query
            What its address says beside the language, such as "&state=left".
        kind
            The answer whose assumptions and warnings it tells.
        """
        other = "en" if lang == "zh" else "zh"
        base = "../" * tab.count("/") + "../" if tab else ""
        here = tab.rpartition("/")[2] if tab else "planner"
        links = live_links(lang, f"{base}pages/") | {
            HOME: f"{base or './'}?lang={lang}",
            PLANNER: f"{base}planner?lang={lang}",
            "lang": f"{here}?lang={other}{query}",
        }
        own, maps = self.view.layers, self.view.basemaps
        plain = self.once("view", lambda: replace(town_view(own), basemaps=maps))
        view = replace(plain, lang=lang, links=links, tiles=f"{base}tiles", assets=f"{base}assets")
        kept = None if kind is None else self.view.answers.get(kind)
        if kind is None or kept is None:
            return view
        return answer_view(view, replace(kept, document=self.view.document(kind)))

    def _answer(self, kind: Kind, of: type[Made]) -> Made | None:
        kept = self.view.answers.get(kind)
        return kept.result if kept is not None and isinstance(kept.result, of) else None

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what is made of the town once, by whoever asks first."""
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            made: Made = self._made[name]
            return made


def desk_of(request: Request, view: View, source: Source) -> Desk:
    """Return the desk of the application that answers; made anew only after a change."""
    state = request.app.state
    made: Desk | None = getattr(state, "desk", None)
    if made is None or made.view is not view:
        with _lock:  # once, by whoever asks first
            made = getattr(state, "desk", None)
            if made is None or made.view is not view:
                made = state.desk = Desk(view, source)
    return made


Planned = Annotated[Desk, Depends(desk_of)]
