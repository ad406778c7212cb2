"""Plans and pages of teams' leaders, kept ready while the town and the night's plan stay."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request

from api.given_plans import plan_of, team_row
from gis.layers import Layers
from gis.store import Store
from gis.store_patrols import night_mark
from maps.panels_leader import LeaderSheet, leader_sheet
from maps.patrol_card import team_cards
from maps.patrol_card_ground import ground_of
from maps.plates import plate_numbers
from maps.words import Lang

MOST_KEPT = 64

_lock = threading.Lock()


class LeaderPages:
    """What pages of leaders are made of; many threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()

    def plan(self, store: Store, night: date) -> Mapping[str, Any]:
        """Return the plan of a night; read again only when it was planned again.

        Raises
        ------
        NotFoundError
            If the night is not planned.
        """
        key = ("plan", night, night_mark(store, night))
        plan: Mapping[str, Any] = self._once(key, lambda: plan_of(store, night))
        return plan

    def sheet(self, layers: Layers, plan: Mapping[str, Any], team: str, lang: Lang) -> LeaderSheet:
        """Return what the page of a team's leader shows.

        Raises
        ------
        NotFoundError
            If the team has no route on this plan.
        """
        team_row(plan, team)
        # The plan itself is part of the key: it is kept as long as its sheets are.
        key = ("sheet", layers.revision, layers.town, id(plan), team, lang)
        made: tuple[Any, LeaderSheet] = self._once(
            key, lambda: (plan, _sheet(layers, plan, team, lang))
        )
        return made[1]

    def _once(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """Return what was made before, else make it; the oldest is let go."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            made = self._kept.setdefault(key, made)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return made


def leader_pages(request: Request) -> LeaderPages:
    """Return the pages of the application that answers."""
    state = request.app.state
    with _lock:
        made: LeaderPages | None = getattr(state, "leader_pages", None)
        if made is None:
            made = state.leader_pages = LeaderPages()
    return made


Leader = Annotated[LeaderPages, Depends(leader_pages)]


def _sheet(layers: Layers, plan: Mapping[str, Any], team: str, lang: Lang) -> LeaderSheet:
    (card,) = team_cards(plan, lang, team)
    numbers = plate_numbers(layers["patrol_points"]["code"].astype(str).tolist())
    return leader_sheet(card, ground_of(card, layers), numbers)
