"""Who asks: known before any route is called; see `api.auth_guard`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.auth_roles import Role


@dataclass(frozen=True)
class Who:
    """Who asks.

    Parameters
    ----------
    name
        Name of the account; "local" on a machine without accounts, "" for nobody known.
    role
        What they may do.
    """

    name: str
    role: Role


# Whoever sits at a machine that has no accounts.
LOCAL = Who("local", "admin")
NOBODY = Who("", "public")


def who(request: Request) -> Who:
    """Return who asks."""
    known: Who = request.state.who
    return known


Known = Annotated[Who, Depends(who)]
