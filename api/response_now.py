"""The circles as they are now: by duty state, closures and the traffic of the hour."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request

from api.duty import duty_now, with_units
from api.incident_source import IncidentSource
from api.town_view import TownView
from planner.answer import Answer
from planner.duty import UnitState
from planner.results_coverage import Coverage
from planner.run import answer_response
from planner.week import minute_text


class ResponseNow:
    """The last such answer; made anew in another hour, or after a change of town or duty."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: tuple[tuple[Hashable, ...], Answer] | None = None

    def answer(self, view: TownView, source: IncidentSource) -> Answer:
        """Return who can be where at this moment.

        Parameters
        ----------
        view
            The town as it is now, with its closures.
        source
            Knows the time in the town and its duty states.
        """
        now = source.now()
        duty = duty_now(with_units(view.layers), source.store, now)
        key = (id(view), now.weekday(), now.hour, *map(_stands, duty.values()))
        with self._lock:  # once, by whoever asks first
            if self._made is None or self._made[0] != key:
                minute = (now.weekday() * 24 + now.hour) * 60 + now.minute
                self._made = (key, _answer(view, source, duty, minute_text(minute)))
            return self._made[1]


def _stands(state: UnitState) -> Hashable:
    return (state.unit, state.state, state.source == "hours", state.lon, state.lat)


def _answer(view: TownView, source: IncidentSource, duty: dict[str, UnitState], at: str) -> Answer:
    params, coverage = source.workspace.params(), view.answers.get("coverage")
    asked = params.response
    closures = tuple(sorted({*asked.closures, *view.closed}))
    return answer_response(
        view.layers,
        replace(params, response=replace(asked, at=at, closures=closures)),
        coverage=None if coverage is None else _coverage(coverage.result),
        duty=duty,
    )


def _coverage(result: object) -> Coverage | None:
    return result if isinstance(result, Coverage) else None


def response_keeper(request: Request) -> ResponseNow:
    """Return what the application that answers keeps ready."""
    keeper: ResponseNow = request.app.state.response_now
    return keeper


Keeper = Annotated[ResponseNow, Depends(response_keeper)]
