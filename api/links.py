"""Links that show one team its route of one night: made, read, taken back.

A link is a signed token (HS256): which team and night, until when. Whoever has it may look and
report, on several phones; opening it consumes nothing. The store keeps which links there are, so
that one can be taken back, but not the tokens: those are signed again where they are shown.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import jwt

from api.given_plans import give_out, plan_of, shift_of, team_row
from gis.errors import InputError
from gis.store import Store
from gis.store_links import LinkRow, end_link, find_link, links_of, save_link
from gis.store_users import secret

Refusal = Literal["altered", "expired", "revoked"]

SECRET = "links"
ALGORITHM = "HS256"
AUDIENCE, SCOPE = "patrol", "leader"
# A link works so long before and after the shift.
SLACK = timedelta(hours=2)
# Longer texts are no token of ours.
MOST_TOKEN = 1000


class LinkRefusedError(InputError, PermissionError):
    """A link shows nothing: altered, expired or revoked; `reason` tells which.

    Parameters
    ----------
    reason
        Which of them.
    jti
        Of the link; "" where nobody knows.
    """

    def __init__(self, reason: Refusal, jti: str = "") -> None:
        self.reason, self.jti = reason, jti
        says = {
            "altered": "this link is not complete or was altered",
            "expired": "this link has run out",
            "revoked": "this link was taken back",
        }
        super().__init__(f"{says[reason]}: ask the station for a new one")


@dataclass(frozen=True)
class TeamLink:
    """A link of a team.

    Parameters
    ----------
    url_path
        Where it leads to on this server: "/p/" and the token.
    jti, team, night
        What tells it from others; whose route of which night it shows.
    expires_at
        From then on it shows nothing.
    made_at, made_by
        When, and by which account.
    revoked_at
        When it was taken back, else None.
    """

    url_path: str
    jti: str
    team: str
    night: date
    expires_at: datetime
    made_at: datetime
    made_by: str
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> Literal["open", "expired", "revoked"]:
        """Return whether it works at a moment."""
        if self.revoked_at is not None:
            return "revoked"
        return "open" if now < self.expires_at else "expired"

    def document(self, now: datetime) -> dict[str, Any]:
        """Return it as JSON-ready values; the address only where it works."""
        state = self.state(now)
        return {
            "jti": self.jti,
            "team": self.team,
            "night": self.night.isoformat(),
            "path": self.url_path if state == "open" else None,
            "state": state,
            "made_at": self.made_at.isoformat(),
            "made_by": self.made_by,
            "expires_at": self.expires_at.isoformat(),
            "revoked_at": None if self.revoked_at is None else self.revoked_at.isoformat(),
        }


def make_link(
    store: Store, team: str, night: date, who: str, *, now: datetime | None = None
) -> TeamLink:
    """Make a link of a team's route of a night, keep that plan as given out, and return it.

    Parameters
    ----------
    store
        The town's.
    team
        Code.
    night
        The day on whose evening the shift begins.
    who
        Name of the account that gives it out.
    now
        The moment; None = this one.

    Raises
    ------
    NotFoundError
        If the night is not planned, or the team has no route on it.
    InputError
        If the night is over, so that the link would not work.
    """
    at = (now or datetime.now(UTC)).replace(microsecond=0)
    plan = plan_of(store, night)
    _, end = shift_of(team_row(plan, team))
    expires_at = (end + SLACK).astimezone(UTC)
    if expires_at <= at:
        msg = f"the shift of {team} on {night} was over at {end:%F %H:%M}: no link is made"
        raise InputError(msg)
    give_out(store, plan)
    row = LinkRow(secrets.token_hex(9), team, night, at, who, expires_at)
    save_link(store, row)
    return _signed(row, secret(store, SECRET))


def link_of(store: Store, token: str, *, now: datetime | None = None) -> TeamLink:
    """Return the link that a token is of.

    Parameters
    ----------
    store
        The town's.
    token
        What stands behind "/p/".
    now
        The moment; None = this one.

    Raises
    ------
    LinkRefusedError
        If it was altered, has run out, or was taken back.
    """
    at = now or datetime.now(UTC)
    claims = _claims(token, secret(store, SECRET))
    row = find_link(store, str(claims["jti"]))
    known = row is not None and (row.team, row.night.isoformat()) == (
        claims["team"],
        claims["night"],
    )
    if row is None or not known:
        raise LinkRefusedError("altered")
    if row.revoked_at is not None:
        raise LinkRefusedError("revoked", row.jti)
    if at >= min(row.expires_at, datetime.fromtimestamp(claims["exp"], UTC)):
        raise LinkRefusedError("expired", row.jti)
    return _as_link(row, token)


def links_list(store: Store, night: date | None = None) -> tuple[TeamLink, ...]:
    """Return the links of a night, or all of them, by night and team."""
    key = secret(store, SECRET)
    return tuple(_signed(row, key) for row in links_of(store, night))


def revoke_link(store: Store, jti: str, *, now: datetime | None = None) -> TeamLink:
    """Take a link back, and return it.

    Raises
    ------
    NotFoundError
        If there is no such link.
    """
    return _signed(end_link(store, jti, now or datetime.now(UTC)), secret(store, SECRET))


def _claims(token: str, key: bytes) -> dict[str, Any]:
    """Return what a token says, once its signature is found to be ours."""
    if len(token) > MOST_TOKEN:
        raise LinkRefusedError("altered")
    needed = ["aud", "exp", "jti", "scope", "team", "night"]
    try:
        # Until when it works is asked last: whoever is too late is told so, once it is ours.
        options: Any = {"require": needed, "verify_exp": False}
        claims = jwt.decode(token, key, [ALGORITHM], options, audience=AUDIENCE)
    except (jwt.InvalidTokenError, ValueError) as error:
        raise LinkRefusedError("altered") from error
    if claims["scope"] != SCOPE or not isinstance(claims["exp"], int):
        raise LinkRefusedError("altered")
    return claims


def _signed(row: LinkRow, key: bytes) -> TeamLink:
    """Return a link with its token: the same row gives the same token."""
    claims = {
        "aud": AUDIENCE,
        "scope": SCOPE,
        "team": row.team,
        "night": row.night.isoformat(),
        "jti": row.jti,
        "exp": int(row.expires_at.timestamp()),
    }
    return _as_link(row, jwt.encode(claims, key, ALGORITHM))


def _as_link(row: LinkRow, token: str) -> TeamLink:
    return TeamLink(
        f"/p/{token}", row.jti, row.team, row.night, row.expires_at, row.made_at, row.made_by,
        row.revoked_at,
    )  # fmt: skip
