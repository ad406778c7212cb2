"""The pages of the login as a server gives them, and the paths that it may lead to."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.languages import asked_language
from api.routes_pages import header_policy
from gis.store_sessions import Session
from maps.pages_login import login_page, refused_page
from maps.words import Lang

START = "/"


def own_path(text: str) -> str:
    """Return a path of this server as it was given, else that of the start page.

    Examples
    --------
    >>> own_path("/pages/duty?lang=zh"), own_path("//elsewhere.example/"), own_path("a:b")
    ('/pages/duty?lang=zh', '/', '/')
    """
    # A browser reads a backslash as a slash, and passes over what cannot be printed.
    plain = text.isprintable() and "\\" not in text and text.startswith("/")
    if not plain or text.startswith("//"):
        return START
    try:
        parts = urlsplit(text)
    except ValueError:
        return START
    return START if parts.scheme or parts.netloc else text


def shown_login(
    request: Request, *, status: int = 200, next_path: str = START, name: str = "", fault: str = ""
) -> Response:
    """Return the page of the login; see `maps.pages_login.login_page`."""
    text = login_page(
        _town(request), _language(request), next_path=next_path, name=name, fault=fault,
        assets="assets",
    )  # fmt: skip
    return _page(text, status)


def refused(request: Request, status: int, reason: str, session: Session | None) -> Response:
    """Return the page that stands where another one may not be seen."""
    up = "../" * (request.url.path.count("/") - 1)
    who = {} if session is None else _known(session)
    text = refused_page(_town(request), _language(request), reason, assets=f"{up}assets", **who)
    return _page(text, status)


def _known(session: Session) -> dict[str, str]:
    return {"user": session.user, "role": session.role, "csrf": session.csrf}


def _language(request: Request) -> Lang:
    return asked_language(request) or "zh"


def _town(request: Request) -> str:
    name: str = request.app.state.incidents.workspace.name
    return name


def _page(text: str, status: int) -> Response:
    headers = {
        "Content-Security-Policy": header_policy(text),
        "Cache-Control": "no-store",
        "Vary": "Accept-Language, Cookie",
    }
    return HTMLResponse(text, status, headers=headers)
