"""Logging in and out, and the sessions between: cookies, limits, what is remembered of them."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from fastapi import HTTPException, Request, Response

from api.audit import note
from api.auth_passwords import verify_password
from api.auth_rate import address_of, check_rate
from gis import profiles
from gis.errors import StoreError
from gis.store import Store
from gis.store_sessions import Session, end_session, see_session, session_of, start_session
from gis.store_users import any_user, forget_attempts, keep_password, password_of, users_list

log = logging.getLogger(__name__)

SESSION = "fq_session"
# Under TLS a browser takes it from this host alone, and sends it over TLS alone.
SECURE_SESSION = "__Host-fq_session"
# What scripts read: the token that a change must carry; the name and role that pages show.
CSRF = "fq_csrf"
SHOWN = "fq_user"
TOKEN_BYTES = 32


@dataclass(frozen=True)
class Asked:
    """What a request says of itself.

    Parameters
    ----------
    session
        The session it belongs to; None where nobody is logged in.
    accounts
        True where there are accounts.
    """

    session: Session | None
    accounts: bool


class Accounts:
    """The accounts of a town, as one server process sees them.

    What the store said of a session is remembered for some seconds, so that it is not asked with
    every request.

    Parameters
    ----------
    store
        The town's.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._limits = profiles.load("accounts")["session"]
        self._lock = threading.Lock()
        self._remembered: dict[str, tuple[float, Session]] = {}
        self._seen: dict[str, datetime] = {}
        self._any = (-float("inf"), False)

    def recall(self, token: str) -> Asked | None:
        """Return what is known without asking the store; None where it has to be asked."""
        now, fresh_s = time.monotonic(), self._limits["remembered_s"]
        at, known = self._any
        if not known:
            return Asked(None, accounts=False) if now - at < fresh_s else None
        if not token:
            return Asked(None, accounts=True)
        at, session = self._remembered.get(token_hash(token), (-float("inf"), None))
        return None if session is None or now - at >= fresh_s else Asked(session, accounts=True)

    def ask(self, token: str) -> Asked:
        """Return what the store says of a session; whoever is seen again is written down."""
        if not self._any[1]:  # accounts are never deleted
            self._any = (time.monotonic(), any_user(self.store))
        if not token or not self._any[1]:
            return Asked(None, accounts=self._any[1])
        key, now = token_hash(token), datetime.now(UTC)
        session = session_of(self.store, key)
        if session is not None and not self._holds(session, now):
            end_session(self.store, key)
            session = None
        self._remember(key, session)
        if session is not None:
            self._see(session, now)
        return Asked(session, accounts=True)

    def log_in(self, name: str, password: str, request: Request) -> tuple[str, Session]:
        """Return the token and the session of somebody who has the right password.

        Parameters
        ----------
        name, password
            As they were typed.
        request
            Where they come from: attempts are counted by address, and by address and name.

        Raises
        ------
        HTTPException
            401 where name or password is wrong, 429 after too many attempts.
        """
        limits, address = profiles.load("accounts")["login"], address_of(request)
        longest = profiles.load("accounts")["name"]["most"]
        by_name = f"login {address} {name[:longest].casefold()}"
        by_address = f"login {address}"
        check_rate(self.store, by_name, limits["most"], limits["within_s"])
        check_rate(self.store, by_address, limits["most_address"], limits["within_address_s"])
        right, newer = verify_password(password, password_of(self.store, name))
        if not right:
            raise HTTPException(401, "name or password is wrong")
        forget_attempts(self.store, by_name)
        forget_attempts(self.store, by_address, last=1)
        if newer is not None:
            keep_password(self.store, name, newer)
        return self._start(name)

    def log_out(self, session: Session) -> None:
        """End a session; other server processes know within the seconds they remember."""
        end_session(self.store, session.token)
        self._remember(session.token, None)

    def known(self, name: str) -> bool:
        """Return whether an account has this name."""
        return any(user.name == name for user in users_list(self.store))

    def _start(self, name: str) -> tuple[str, Session]:
        token, now = secrets.token_urlsafe(TOKEN_BYTES), datetime.now(UTC)
        role = next(user.role for user in users_list(self.store) if user.name == name)
        ends = now + timedelta(seconds=self._limits["absolute_s"])
        csrf = secrets.token_urlsafe(TOKEN_BYTES)
        session = Session(token_hash(token), name, role, csrf, now, now, ends)
        start_session(self.store, session)
        return token, session

    def _holds(self, session: Session, now: datetime) -> bool:
        idle = timedelta(seconds=self._limits["idle_s"])
        return now < session.expires_at and now - session.seen_at < idle

    def _see(self, session: Session, now: datetime) -> None:
        """Write down, now and then, that a session is in use."""
        often = timedelta(seconds=self._limits["see_s"])
        if now - max(session.seen_at, self._seen.get(session.token, session.seen_at)) < often:
            return
        self._seen[session.token] = now
        try:
            see_session(self.store, session.token, now)
        except StoreError as error:  # another program is writing for long: later, then
            log.warning("%s", error)

    def _remember(self, key: str, session: Session | None) -> None:
        with self._lock:
            self._remembered.pop(key, None)
            if session is not None:
                if len(self._remembered) >= self._limits["most_remembered"]:
                    self._remembered.clear()
                    self._seen.clear()
                self._remembered[key] = (time.monotonic(), session)


def noted_login(
    accounts: Accounts, name: str, password: str, request: Request
) -> tuple[str, Session]:
    """Begin a session in place of one that the browser may have had, and write it down.

    Parameters, errors and what is returned are those of `Accounts.log_in`.
    """
    address = address_of(request)
    try:
        token, session = accounts.log_in(name, password, request)
    except HTTPException as error:
        # What is no account's name may be a password in the wrong place.
        known = name if accounts.known(name) else ""
        note(request, known, "login_failed", address=address, status=error.status_code)
        raise
    before: Session | None = request.state.session
    if before is not None:
        accounts.log_out(before)
    note(request, session.user, "login", address=address)
    return token, session


def token_hash(token: str) -> str:
    """Return what is kept of a token: it is long and random, so that one plain hash will do."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(request: Request) -> str:
    """Return the session's token that a request brings, "" where it brings none."""
    secure = request.url.scheme == "https"
    return request.cookies.get(SECURE_SESSION if secure else SESSION, "")


def right_csrf(session: Session, given: str) -> bool:
    """Return whether a request says the token of its session."""
    return hmac.compare_digest(session.csrf.encode(), given.encode())


def give_cookies(answer: Response, token: str, session: Session, *, secure: bool) -> None:
    """Add the cookies of a session that begins to an answer.

    Parameters
    ----------
    answer
        To the login.
    token, session
        As from `Accounts.log_in`.
    secure
        True under TLS.
    """
    left_s = int((session.expires_at - session.made_at).total_seconds())
    name = SECURE_SESSION if secure else SESSION
    shown = f"{quote(session.user, safe='')}:{session.role}"
    for key, value, hidden in (
        (name, token, True),
        (CSRF, session.csrf, False),
        (SHOWN, shown, False),
    ):
        answer.set_cookie(
            key, value, max_age=left_s, path="/", secure=secure, httponly=hidden, samesite="lax"
        )


def take_cookies(answer: Response, *, secure: bool) -> None:
    """Add to an answer that the cookies of a session are to be forgotten."""
    name = SECURE_SESSION if secure else SESSION
    for key in (name, CSRF, SHOWN):
        answer.delete_cookie(key, path="/", secure=secure, httponly=key == name, samesite="lax")
