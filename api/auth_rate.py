"""Limits on how often something may be tried."""

from __future__ import annotations

import math

from anyio import CapacityLimiter
from fastapi import HTTPException, Request

from gis import profiles
from gis.store import Store
from gis.store_users import count_attempt


def check_rate(store: Store, key: str, most: int, within_s: float) -> None:
    """Count one more attempt, and raise if there were too many.

    Servers that share a store share the limit. To limit failures only, call it where something
    failed, or call it before and `gis.store_users.forget_attempts` after what went well.

    Parameters
    ----------
    store
        The town's.
    key
        For whom it is counted, such as "login 10.1.2.3".
    most
        How many attempts are fine.
    within_s
        In which time, in seconds; at most a day.

    Raises
    ------
    HTTPException
        429, with the seconds to wait as `Retry-After`.
    """
    wait_s = math.ceil(count_attempt(store, key, most, within_s))
    if wait_s:
        text = f"too many attempts: try again in {math.ceil(wait_s / 60)} min"
        raise HTTPException(429, text, {"Retry-After": str(wait_s)})


def address_of(request: Request) -> str:
    """Return the address that a request comes from."""
    return request.client.host if request.client else ""


def few_at_once(request: Request) -> CapacityLimiter:
    """Return what lets few passwords be checked at once in this process: each takes much memory."""
    limiter: CapacityLimiter | None = getattr(request.app.state, "checking", None)
    if limiter is None:
        limiter = CapacityLimiter(profiles.load("accounts")["login"]["at_once"])
        request.app.state.checking = limiter
    return limiter
