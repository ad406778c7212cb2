"""The audit log: who changed, exported or gave out what, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request

from api.auth import Who
from api.auth_roles import Action
from gis import profiles
from gis.store import Store
from gis.store_audit import add_audit, prune_audit


def note(where: Request | Store, who: Who | str, action: Action, **detail: Any) -> None:
    """Write a row of the audit log.

    Parameters
    ----------
    where
        The town's store, or a request to its server.
    who
        Who did it, or the name.
    action
        What kind of thing was done.
    detail
        What it was done to: JSON, short; no content, and nobody but accounts.
    """
    store: Store = where if isinstance(where, Store) else where.app.state.incidents.store
    add_audit(store, who if isinstance(who, str) else who.name, action, detail)


def prune(store: Store) -> int:
    """Forget what is older than the log is kept, and return how many rows that were."""
    days = profiles.load("accounts")["audit"]["kept_days"]
    return prune_audit(store, datetime.now(UTC) - timedelta(days=days))
