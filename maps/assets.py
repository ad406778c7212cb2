"""Leaflet, jQuery and our own files: what a page needs, all from this machine."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

from branca.element import CssLink, Element, JavascriptLink

from gis.errors import DependencyError, NotFoundError
from maps.style import css_tokens

# Folium's name of a file -> ours; None = not used by our pages (markers are DivIcon).
SCRIPTS: dict[str, str | None] = {
    "leaflet": "leaflet.js",
    "jquery": "jquery.min.js",
    "bootstrap": None,
    "awesome_markers": None,
}
STYLES: dict[str, str | None] = {
    "leaflet_css": "leaflet.css",
    "bootstrap_css": None,
    "glyphicons_css": None,
    "awesome_markers_font_css": None,
    "awesome_markers_css": None,
    "awesome_rotate_css": None,
}
STYLE_SHEETS = (
    "page.css",
    "live.css",
    "roster.css",
    "login.css",
    "docs.css",
    "account.css",
    "dashboard.css",
    "wall.css",
    "briefing.css",
    "jobs.css",
    "planner.css",
)
OWN_SCRIPTS = (
    "marks.js",
    "details.js",
    "page.js",
    "basemaps.js",
    "tables.js",
    "week.js",
    "here.js",
    "acts.js",
    "jobs.js",
    "live.js",
    "dashboard.js",
    "wall.js",
    "planner.js",
    "uploads.js",
)
TOKENS = "tokens.css"


def localise(element: Any, assets: str) -> None:
    """Point the scripts and styles of a map and of all it holds at our own files.

    Parameters
    ----------
    element
        A Folium map; links are replaced on the objects, not on their classes.
    assets
        Where the files are, as a page refers to it.

    Raises
    ------
    DependencyError
        If an element wants a file that we do not know: a newer Folium or a new plugin.

    Examples
    --------
    >>> import folium
    >>> page = folium.Map(tiles=None)
    >>> localise(page, "assets")
    >>> page.default_js
    [('leaflet', 'assets/leaflet.js'), ('jquery', 'assets/jquery.min.js')]
    """
    for part in _with_all_within(element):
        for attribute, known in (("default_js", SCRIPTS), ("default_css", STYLES)):
            wanted = getattr(part, attribute, [])
            strange = sorted(name for name, _ in wanted if name not in known)
            if strange:
                msg = f"folium {version('folium')} wants unknown files: {', '.join(strange)}"
                raise DependencyError(msg)
            ours = [(name, f"{assets}/{known[name]}") for name, _ in wanted if known[name]]
            if wanted:
                setattr(part, attribute, ours)


def links(header: Element) -> tuple[list[str], list[str]]:
    """Return the addresses of the scripts and of the style sheets in a rendered page's head."""
    parts = list(header._children.values())
    scripts = [part.url for part in parts if isinstance(part, JavascriptLink)]
    styles = [part.url for part in parts if isinstance(part, CssLink)]
    return scripts, styles


@cache
def asset_files() -> dict[str, Path | bytes]:
    """Return every file that pages refer to: its name below the assets folder, and its content.

    Raises
    ------
    DependencyError
        If Leaflet or jQuery are not installed.

    Examples
    --------
    >>> {"leaflet.js", "page.css", "tokens.css"} <= asset_files().keys()
    True
    """
    wanted = {*SCRIPTS.values(), *STYLES.values()} - {None}
    files: dict[str, Path | bytes] = {TOKENS: css_tokens().encode()}
    for package in ("leaflet", "jquery"):
        try:
            folder = Path(importlib.import_module(f"xstatic.pkg.{package}").BASE_DIR)
        except ImportError as error:
            msg = f"the package xstatic-{package} is missing: pip install xstatic-{package}"
            raise DependencyError(msg) from error
        files |= {path.name: path for path in folder.iterdir() if path.name in wanted}
        files |= {f"images/{path.name}": path for path in folder.glob("images/*.png")}
    templates = resources.files("maps") / "templates"
    return files | {name: (templates / name).read_bytes() for name in (*STYLE_SHEETS, *OWN_SCRIPTS)}


def asset(name: str) -> bytes:
    """Return the content of one file.

    Raises
    ------
    NotFoundError
        If there is no such file.
    """
    files = asset_files()
    if name not in files:
        msg = f"no file called {name!r} belongs to the pages"
        raise NotFoundError(msg)
    content = files[name]
    return content if isinstance(content, bytes) else content.read_bytes()


def _with_all_within(element: Any) -> Iterable[Any]:
    yield element
    for child in element._children.values():
        yield from _with_all_within(child)
