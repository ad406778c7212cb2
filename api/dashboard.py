"""The overview of one town, kept ready: what changes with the town and its answers only."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request

from api.auth import Who
from api.auth_roles import allows
from api.duty import closed_now, duty_now
from api.given_plans import GivenNow, given_now
from api.incident_source import IncidentSource, Source
from api.kept import ON_DEMAND, aged
from api.kept_fresh import etag_of
from api.live_town import Live, LiveTown, live_links
from api.routes_live_pages import opened_now
from api.routes_results import View
from api.town_view import TownView
from gis.errors import NotFoundError
from gis.store_field import hazards_of, signals_of
from maps.overlays_dashboard import (
    THEMES,
    Theme,
    ThemeLayers,
    checkpoints_theme,
    coverage_theme,
    patrol_theme,
    response_theme,
)
from maps.pages import PageView
from maps.pages_dashboard import Moment, Overview, overview
from maps.panels_dashboard import Answers, guard_text, worst_exits
from maps.panels_dashboard_hours import Hours, day_hours
from maps.panels_patrol_items import patrol_items
from maps.panels_response import told_for
from maps.words import Lang, words
from planner.cordon_roads import guarded_roads
from planner.patrol import Patrol
from planner.patrol_given import given_patrol
from planner.results_coverage import Coverage
from planner.results_response import Response
from planner.results_targets import Targets

# Hazards of so many nights are shown until they are mended.
HAZARD_NIGHTS = 14
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class Board:
    """The overview of a town as it is now; many requests share it.

    Parameters
    ----------
    view
        What the server shows of the town.
    live
        The town with what its pages of now share.
    answers
        What is known.
    given
        The plan of the night as given out; `answers` hold it in place of the last answer.
    level
        Level of duty.
    """

    view: TownView
    live: LiveTown
    answers: Answers
    given: GivenNow
    level: int = 3
    _made: dict[tuple[object, ...], Any] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def page_view(self, lang: Lang, query: str = "", page: str = "./") -> PageView:
        """Return what a page shows besides: its address, and what its query says beside `lang`."""
        other = "en" if lang == "zh" else "zh"
        links = live_links(lang, "pages/") | {"lang": f"{page}?lang={other}{query}"}
        return replace(self.live.view, lang=lang, links=links, tiles="tiles", assets="assets")

    def overview(self, lang: Lang) -> Overview:
        """Return what of it changes with the town and its answers only; made once a language."""
        made: Overview = self._once(("overview", lang), partial(self._overview, lang))
        return made

    def hours(self, lang: Lang, now: datetime) -> Hours | None:
        """Return today hour by hour."""
        weekday, hour = now.weekday(), now.hour
        make = partial(day_hours, self.answers.response, weekday, hour, words(lang))
        made: Hours | None = self._once(("hours", lang, weekday, hour), make)
        return made

    def layers(
        self, theme: Theme, lang: Lang, minute: int, *, close: bool = False
    ) -> tuple[bytes, str]:
        """Return the layers of a theme as JSON, and what changes whenever that does.

        Parameters
        ----------
        theme
            Which one.
        lang
            Language of what a click tells.
        minute
            Minute of the week.
        close
            True: those that are seen from close by only; False: all others, and whether there
            are such.

        Raises
        ------
        NotFoundError
            If there is no such theme, or nothing is known of it.
        """
        if theme not in THEMES:
            msg = f"no theme called {theme!r}; there are: {', '.join(THEMES)}"
            raise NotFoundError(msg)
        # Whether a checkpoint is staffed changes with the hour.
        hour = minute // 60 if theme == "checkpoints" else None
        make = partial(self._layers, theme, lang, minute)
        made: dict[bool, tuple[bytes, str]] = self._once((theme, lang, hour), make)
        return made[close]

    def _once(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        with self._lock:  # once, by whoever asks first
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]

    def _overview(self, lang: Lang) -> Overview:
        view, layers = self.view, self.live.layers
        old = [
            kind
            for kind, kept in view.answers.items()
            if kind not in ON_DEMAND and aged(kept, layers.revision, view.closed)
        ]
        return overview(layers, self.answers, live_links(lang, "pages/"), words(lang), old)

    def _layers(self, theme: Theme, lang: Lang, minute: int) -> dict[bool, tuple[bytes, str]]:
        """Return the two parts of a theme."""
        layers, answers, say = self.live.layers, self.answers, words(lang)
        items: tuple[Any, ...] = ()
        told = ""
        if theme == "coverage" and answers.coverage is not None:
            made = coverage_theme(layers, answers.coverage, say)
        elif theme == "response" and answers.response is not None:
            made = response_theme(layers, answers.response, say)
            told = told_for(answers.response, say)
        elif theme == "patrol" and answers.patrol is not None:
            made = patrol_theme(answers.patrol, say)
            items = patrol_items(answers.patrol, say)
        elif theme == "checkpoints" and answers.exits is not None:
            exits, tell = answers.exits, partial(guard_text, say=say)
            made = checkpoints_theme(layers, exits, worst_exits(exits), minute, tell, say)
        else:
            made = ThemeLayers(())
        plain = {item.key: item.plain() for item in items}
        first, close = (made.document(close=only) for only in (False, True))
        return {
            False: _part({"layers": first, "items": plain, "told": told, "more": bool(close)}),
            True: _part({"layers": close, "items": {}, "told": told, "more": False}),
        }


def moment_of(board: Board, source: IncidentSource, who: Who) -> Moment:
    """Return the town as it is now, as far as it does not change with its answers.

    Parameters
    ----------
    board
        The overview.
    source
        Knows the time and what goes on.
    who
        Who asks: a viewer gets no buttons.
    """
    now, layers, store = source.now(), board.live.layers, source.store
    patrol = board.answers.patrol
    night = None if patrol is None else datetime.fromisoformat(patrol.date).date()
    since = (now - timedelta(days=HAZARD_NIGHTS)).date()
    return Moment(
        now,
        board.level,
        duty_now(layers, store, now),
        opened_now(source, now),
        closed_now(layers, store, now),
        () if night is None else signals_of(store, night),
        hazards_of(store, since=since, states=("open", "mending")),
        allows(who.role, "commander"),
    )


def board_of(request: Request, view: View, live: Live, source: Source) -> Board:
    """Return the overview of the application that answers; made anew only after a change."""
    state = request.app.state
    with _lock:  # once, by whoever asks first
        made: Board | None = getattr(state, "board", None)
        given = given_now(source.store, source.now(), None if made is None else made.given)
        if (
            made is None
            or made.view is not view
            or made.live is not live
            or made.given is not given
        ):
            level = source.workspace.params().response.level
            made = state.board = Board(
                view, live, _answers(view, live, source, given), given, level
            )
    return made


Overviewed = Annotated[Board, Depends(board_of)]


def _answers(view: TownView, live: LiveTown, source: IncidentSource, given: GivenNow) -> Answers:
    """Return the last answers of a town, its ways out, and the plan of the night."""
    found: Mapping[str, Any] = {kind: kept.result for kind, kept in view.answers.items()}
    exits = guarded_roads(live.layers, source.workspace.params().cordon.tables)
    return Answers(
        _of(Coverage, found.get("coverage")),
        _of(Response, found.get("response")),
        _of(Targets, found.get("targets")),
        _of(Patrol, found.get("patrol"))
        if given.document is None
        else given_patrol(given.document),
        exits if len(exits) else None,
    )


def _of(kind: type[Any], result: Any) -> Any:
    """Return a result if it is of its class, else None."""
    return result if isinstance(result, kind) else None


def _part(document: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return a part of a theme as it is sent, with its entity tag."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode(), etag_of(text)
