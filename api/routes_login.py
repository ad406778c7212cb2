"""Logging in and out, by forms that need no script."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.audit import note
from api.auth_passwords import account_name
from api.auth_rate import few_at_once
from api.auth_sessions import Accounts, give_cookies, noted_login, right_csrf, take_cookies
from api.errors import told
from api.login_pages import START, own_path, shown_login
from gis.store_sessions import Session

router = APIRouter()

MOST = 200
Next = Annotated[str, Query(max_length=2000)]


@router.get("/login", response_class=HTMLResponse)
def login(request: Request, next: Next = START) -> Response:  # noqa: A002
    """Return the page of the login; it leads on to `next`, a path of this server."""
    return shown_login(request, next_path=own_path(next))


@router.post("/login", response_class=HTMLResponse, status_code=303)
async def log_in(
    request: Request,
    name: Annotated[str, Form(max_length=MOST)] = "",
    password: Annotated[str, Form(max_length=MOST)] = "",
    next: Annotated[str, Form(max_length=2000)] = START,  # noqa: A002
) -> Response:
    """Begin a session and lead on to `next`; the cookies are set."""
    accounts: Accounts = request.app.state.accounts
    try:
        # Few at once: each takes much memory, and the threads of other requests are spared.
        token, session = await to_thread.run_sync(
            noted_login,
            accounts,
            account_name(name),
            password,
            request,
            limiter=few_at_once(request),
        )
    except HTTPException as error:
        fault = told(request, str(error.detail))
        answer = shown_login(
            request, status=error.status_code, next_path=own_path(next), name=name, fault=fault
        )
        answer.headers.update(error.headers or {})
        return answer
    answer = RedirectResponse(own_path(next), 303)
    give_cookies(answer, token, session, secure=request.url.scheme == "https")
    return answer


@router.post("/logout", status_code=303)
def log_out(request: Request, csrf: Annotated[str, Form(max_length=MOST)] = "") -> Response:
    """End the session and lead to the login."""
    session: Session | None = request.state.session
    if session is not None:
        if not right_csrf(session, csrf):
            raise HTTPException(403, "the request does not carry its token: load the page again")
        request.app.state.accounts.log_out(session)
        note(request, session.user, "logout")
    answer = RedirectResponse("/login", 303)
    take_cookies(answer, secure=request.url.scheme == "https")
    return answer
