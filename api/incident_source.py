"""The town kept ready to say who comes, beside what the server shows of it."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from api.duty import town_time
from api.incidents import prepared
from api.town_view import TownSource, TownView
from api.workspace import Workspace
from gis.store import Store
from planner.incidents import IncidentTown
from planner.results_coverage import Coverage


class IncidentSource:
    """The workspace with its town ready for incidents; made anew after a change.

    Parameters
    ----------
    workspace
        The town.
    source
        What the server shows of it: layers and answers are taken from there.
    """

    def __init__(self, workspace: Workspace, source: TownSource) -> None:
        self.workspace = workspace
        self.store: Store = workspace.open_store()
        self._source = source
        self._lock = threading.Lock()
        self._made: tuple[TownView, IncidentTown] | None = None

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def now(self) -> datetime:
        """Return the time in the town."""
        return town_time(self.workspace)

    def town(self) -> IncidentTown:
        """Return the town as it is now; made anew only after a change, an answer or a closure."""
        view, made = self._source.view(), self._made
        if made is None or made[0] is not view:
            with self._lock:  # once, by whoever asks first
                made = self._made
                if made is None or made[0] is not view:
                    made = self._made = (view, self._prepare(view))
        return made[1]

    def _prepare(self, view: TownView) -> IncidentTown:
        coverage = view.answers.get("coverage")
        result = None if coverage is None else coverage.result
        known = result if isinstance(result, Coverage) else None
        return prepared(self.workspace, view.layers, view.closed, known)


def incident_source(request: Request) -> IncidentSource:
    """Return the source of the application that answers."""
    source: IncidentSource = request.app.state.incidents
    return source


Source = Annotated[IncidentSource, Depends(incident_source)]
