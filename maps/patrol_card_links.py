"""Links that let a map app of the phone lead to a place, each in the coordinates it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gis.datum import wgs84_to_bd09, wgs84_to_gcj02
from gis.datum_kernels import CHINA, within
from gis.errors import ParameterError
from gis.profiles import load
from maps.patrol_card import Place
from maps.words import Lang

Shift = Callable[[Any, Any], tuple[Any, Any]]
SHIFTS: Mapping[str, Shift | None] = {
    "wgs84": None,
    "gcj02": wgs84_to_gcj02,
    "bd09": wgs84_to_bd09,
}
DIGITS = 6


@dataclass(frozen=True)
class AppLink:
    """A map app and the address that makes it lead the way."""

    app: str
    name: str
    href: str


def shifted(place: Place, datum: str) -> Place:
    """Return a place of WGS 84 in another datum, (lon, lat), rounded to six decimals.

    Outside China GCJ-02 is WGS 84.

    Raises
    ------
    ParameterError
        If there is no such datum.

    Examples
    --------
    >>> shifted((120.75, 30.10), "wgs84"), shifted((120.75, 30.10), "gcj02")
    ((120.75, 30.1), (120.754268, 30.097546))
    """
    if datum not in SHIFTS:
        msg = f"unknown datum {datum!r}; known are: {', '.join(SHIFTS)}"
        raise ParameterError(msg)
    shift = SHIFTS[datum]
    lon, lat = place if shift is None else shift(place[0], place[1])
    return round(float(lon), DIGITS), round(float(lat), DIGITS)


def in_china(place: Place) -> bool:
    """Return whether a place lies where Chinese map apps shift what they show."""
    import numpy as np

    return bool(within(CHINA, np.array([place[0]]), np.array([place[1]]))[0])


def app_links(
    place: Place, name: str, *, mode: str = "foot", town: str = "", lang: Lang = "zh"
) -> tuple[AppLink, ...]:
    """Return the links of the common map apps to a place.

    Parameters
    ----------
    place
        (lon, lat) in degrees of WGS 84.
    name
        What the app calls it.
    mode
        "foot", "ebike" or "car".
    town
        For apps that ask for it.
    lang
        Language of the apps' names.

    Examples
    --------
    >>> app_links((120.75, 30.10), "桥")[-1].href
    'geo:30.1,120.75?q=30.1,120.75(%E6%A1%A5)'
    """
    return tuple(_link(app, place, name, mode, town, lang) for app in load("publish")["apps"])


def _link(
    app: Mapping[str, Any], place: Place, name: str, mode: str, town: str, lang: Lang
) -> AppLink:
    lon, lat = shifted(place, app["datum"])
    modes: Mapping[str, str] = app["modes"]
    holes = {"name": name, "town": town, "here": "我的位置"}
    words = {
        key: quote(value.replace("|", " ").replace(",", " "), safe="")
        for key, value in holes.items()
    }
    way = modes.get(mode, modes["foot"])
    href = app["url"].format(lon=lon, lat=lat, mode=way, **words)
    return AppLink(app["key"], app[lang], href)
