"""Numbers of many nights, as a town has them."""

from __future__ import annotations

from api.workspace import Workspace
from planner.roster_params import RosterParams


def roster_params(workspace: Workspace, **changes: object) -> RosterParams:
    """Return the numbers of many nights: the town's own, some of them changed."""
    given = {name: value for name, value in changes.items() if value is not None}
    return RosterParams.default(**{**workspace.changes.get("nights", {}), **given})
