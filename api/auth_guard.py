"""The door: who asks, whether they may, and a note of what they changed; before any route.

Plain ASGI: a request that is let through costs some microseconds more.
"""

from __future__ import annotations

import logging
from urllib.parse import quote

from anyio import to_thread
from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.audit import note
from api.auth import LOCAL, NOBODY, Who
from api.auth_basic import CHALLENGE, BasicSessions, basic_of, takes_basic
from api.auth_passwords import account_name
from api.auth_rate import few_at_once
from api.auth_roles import MOST_BYTES, Action, Rule, allows, role_of, rule_of
from api.auth_sessions import Accounts, Asked, noted_login, right_csrf, token_of
from api.errors import problem, told
from api.login_pages import refused
from api.same_site import check_host, check_source, is_loopback
from gis.errors import StoreError

log = logging.getLogger(__name__)

SAFE = ("GET", "HEAD", "OPTIONS")
# Whoever has a team's link; the link itself is never written down.
LINK = Who("link", "public")
# What a server in front of this one adds.
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class Guard:
    """Let through what the table of roles allows; see `api.auth_roles`.

    Parameters
    ----------
    app
        What is called then.
    accounts
        Those of the town.
    """

    def __init__(self, app: ASGIApp, accounts: Accounts) -> None:
        self._app = app
        self._accounts = accounts
        self._programs = BasicSessions()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.session = None
        rule = rule_of(request.method, scope["path"])
        limit = MOST_BYTES if rule is None else rule.most_bytes
        try:
            _check_size(request.headers.get("content-length", "0"), limit)
            asked = await self._asked(request)
            request.state.session = asked.session
            request.state.who = who = _check(request, rule, asked)
        except HTTPException as error:
            await _refusal(request, error)(scope, receive, send)
            return
        except StoreError as error:
            await problem(503, told(request, str(error)), request)(scope, receive, send)
            return
        if request.method not in SAFE:
            receive = _counted(receive, limit)
        action = _action(request.method, rule)
        if action is None:
            await self._app(scope, receive, send)
            return

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                await to_thread.run_sync(_note, request, rule, who, action, message["status"])
            await send(message)

        await self._app(scope, receive, noting)

    async def _asked(self, request: Request) -> Asked:
        """Return what a request says of itself; the store is asked beside the event loop."""
        found = await self._looked_up(token_of(request))
        if found.session is not None or not found.accounts:
            return found
        given = basic_of(request)
        if given is None:
            return found
        found = await self._looked_up(self._programs.recall(given))
        if found.session is not None:
            return found

        def log_in(name: str, password: str) -> str:
            return noted_login(self._accounts, account_name(name), password, request)[0]

        return await self._looked_up(
            await to_thread.run_sync(
                self._programs.begin, given, log_in, limiter=few_at_once(request)
            )
        )

    async def _looked_up(self, token: str) -> Asked:
        known = self._accounts.recall(token)
        return await to_thread.run_sync(self._accounts.ask, token) if known is None else known


def _check_size(said: str, limit: int) -> None:
    """Raise 413 if a request says that it brings too much."""
    if said.isdecimal() and int(said) > limit:
        raise HTTPException(413, f"a request may bring {limit} bytes")


def _counted(receive: Receive, limit: int) -> Receive:
    """Return what gives a request's body, and raises 413 where it goes on for too long."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        _check_size(str(seen), limit)
        return message

    return counted


def _check(request: Request, rule: Rule | None, asked: Asked) -> Who:
    """Return who asks, or raise what says why it is refused."""
    unsafe = request.method not in SAFE
    if unsafe or not asked.accounts:
        check_host(request)
    if unsafe:
        check_source(request)
    if not asked.accounts:
        _check_alone(request)
        return LOCAL
    session = asked.session
    who = NOBODY if session is None else Who(session.user, role_of(session.role))
    needs = "admin" if rule is None else rule.role
    if needs == "public":
        return who
    if session is None:
        raise HTTPException(401, "log in first")
    if not allows(who.role, needs) and (rule is not None or _is_route(request)):
        raise HTTPException(403, f"this needs the role {needs}, yours is {who.role}")
    if unsafe and not right_csrf(session, request.headers.get("x-csrf-token", "")):
        raise HTTPException(403, "the request does not carry its token: load the page again")
    return who


def _check_alone(request: Request) -> None:
    """Raise unless a server without accounts is asked by its own machine."""
    settings = request.app.state.settings
    alone = is_loopback(settings.host) and not settings.proxy
    if not alone or any(name in request.headers for name in FORWARDED):
        text = "other machines need an account: `fengqiao user add NAME --role admin`"
        raise HTTPException(403, text)


def _is_route(request: Request) -> bool:
    """Return whether anything is there."""
    routes = request.app.router.routes
    return any(route.matches(request.scope)[0] is not Match.NONE for route in routes)


def _refusal(request: Request, error: HTTPException) -> Response:
    """Return the answer to what is refused: the way in, a page, or a problem document."""
    page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if page and error.status_code == 401:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/login?next={quote(request.url.path + query, safe='')}", 303)
    detail = told(request, str(error.detail))
    if page:
        return refused(request, error.status_code, detail, request.state.session)
    answer = problem(error.status_code, detail, request)
    answer.headers.update(error.headers or {})
    if error.status_code == 401 and takes_basic(request.scope):
        answer.headers["WWW-Authenticate"] = CHALLENGE
    return answer


def _action(method: str, rule: Rule | None) -> Action | None:
    """Return what the audit log calls a request that succeeds; None where it is not noted."""
    given = None if rule is None else rule.action
    return (given or None) if given is not None else (None if method in SAFE else "change")


def _note(request: Request, rule: Rule | None, who: Who, action: Action, status: int) -> None:
    """Write down what was done; a link's path is named by its rule, as it would open the link."""
    public = rule is not None and rule.role == "public"
    path = rule.path if rule is not None and public else request.url.path
    accounts: Accounts = request.app.state.accounts
    try:
        note(
            request,
            LINK if public and not who.name else who,
            action,
            method=request.method,
            path=path,
            status=status,
            revision=accounts.store.revision,
        )
    except StoreError as error:  # it is done, and has to be answered
        log.error("%s %s by %s is not in the audit log: %s", request.method, path, who.name, error)
