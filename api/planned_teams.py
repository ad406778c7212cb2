"""Where the volunteer teams of a town are by the plan of the night, kept ready."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from api.given_plans import known_plan, night_of
from gis.store import Store
from gis.store_patrols import night_mark
from planner.incident_teams import TeamPlace, planned_places

_lock = threading.Lock()
# The plan that was asked for last, as a plan is long and incidents are answered in a moment.
_last: tuple[tuple[object, ...], Mapping[str, Any] | None] = ((), None)


def teams_planned(store: Store, moment: datetime) -> dict[str, TeamPlace | None] | None:
    """Return where each team is by the plan of that night, None where there is no plan.

    Parameters
    ----------
    store
        The town's.
    moment
        Local time; before noon it is still the night of the day before.
    """
    document = _plan_of(store, night_of(moment))
    return None if document is None else planned_places(document, moment)


def _plan_of(store: Store, night: date) -> Mapping[str, Any] | None:
    """Return the plan given out for a night, else the last answer if it is that night's."""
    global _last
    key = (str(store.engine.url), night, night_mark(store, night), store.stamp)
    with _lock:
        if _last[0] != key:
            _last = key, known_plan(store, night)
        return _last[1]
