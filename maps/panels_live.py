"""What pages of a server share: buttons that change something, open incidents, presets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from gis.duty_rows import OpenIncident, SentUnit
from maps.units import duration
from maps.words import Words
from planner.cordon_params import CordonParams, Preset, presets
from planner.results_incident import kind_title

# Degrees: six digits are 0.1 m.
DIGITS = 6
MINUTE_S = 60


@dataclass(frozen=True)
class Button:
    """A button that changes something on the server.

    Parameters
    ----------
    word
        What it says.
    label
        What it does and with whom, for those who hear it.
    path
        Where it is sent; "{number}" stands for the number of what `first` has opened.
    body
        JSON that is sent.
    strong
        True for the next thing to do.
    pressed
        Whether it shows a state that holds; None where it shows none.
    first
        JSON with which an incident is opened before, "" for none.
    method
        How it is sent: "POST" or "DELETE".
    """

    word: str
    label: str
    path: str
    body: str
    strong: bool = False
    pressed: bool | None = None
    first: str = ""
    method: str = "POST"


@dataclass(frozen=True)
class UnitThere:
    """A unit that was sent to an open incident, with what can be done."""

    title: str
    note: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True)
class Case:
    """One open incident."""

    title: str
    note: str
    href: str
    units: tuple[UnitThere, ...] = field(repr=False)
    buttons: tuple[Button, ...] = field(repr=False)


@dataclass(frozen=True)
class Link:
    """A link that looks like a button; `now` where it leads to what is shown."""

    word: str
    href: str
    label: str
    now: bool = False


def at_place(address: str, lon: float, lat: float, **more: object) -> str:
    """Return an address with a place, and what else it asks for.

    Examples
    --------
    >>> at_place("cordon?lang=zh", 120.7, 30.1, preset="foot-5")
    'cordon?lang=zh&lon=120.7&lat=30.1&preset=foot-5'
    """
    asked = {"lon": round(lon, DIGITS), "lat": round(lat, DIGITS)}
    told = {name: value for name, value in more.items() if value is not None}
    return f"{address}&{urlencode({**asked, **told})}"


def post(word: str, label: str, path: str, **body: object) -> Button:
    """Return a button that sends JSON."""
    return Button(word, label, path, json.dumps(body, ensure_ascii=False))


def case_of(
    incident: OpenIncident, names: Mapping[str, str], links: Mapping[str, str], say: Words
) -> Case:
    """Return an open incident with its units and what can be done.

    Parameters
    ----------
    incident
        With its times in those of the town.
    names
        Unit code to name.
    links
        As in `maps.pages.PageView`.
    say
        Words of the page's language.
    """
    place = incident.place if say.lang == "zh" or not incident.place else ""
    kind = kind_title(incident.kind, say.lang)
    tier = say("within {n} min", n=incident.tier_min) if incident.tier_min else ""
    opened = say("opened at {time}", time=f"{incident.opened_at:%H:%M}")
    nobody = "" if incident.units else say("nobody was sent yet")
    address = at_place(
        links["incident"], incident.lon, incident.lat, kind=incident.kind, number=incident.number
    )
    title = say("Incident {n}: {kind}", n=incident.number, kind=kind)
    close = say("Close incident")
    return Case(
        title,
        " · ".join(filter(None, [place, opened, tier, nobody])),
        address,
        tuple(_there(incident, sent, names, say) for sent in incident.units),
        (post(close, f"{close} {incident.number}", f"incidents/{incident.number}/close"),),
    )


def _there(
    incident: OpenIncident, sent: SentUnit, names: Mapping[str, str], say: Words
) -> UnitThere:
    name = names.get(sent.unit, sent.unit)
    parts = [say("sent at {time}", time=f"{sent.sent_at:%H:%M}")]
    buttons = []
    if sent.arrived_at is not None:
        took = duration((sent.arrived_at - sent.sent_at).total_seconds(), say)
        parts.append(
            say("there at {time}, after {took}", time=f"{sent.arrived_at:%H:%M}", took=took)
        )
    elif sent.cleared_at is None:
        buttons.append(_step("arrived", say("Has arrived"), name, incident, sent))
    if sent.cleared_at is not None:
        parts.append(say("free again at {time}", time=f"{sent.cleared_at:%H:%M}"))
    else:
        buttons.append(_step("clear", say("Is free again"), name, incident, sent))
    return UnitThere(name, " · ".join(parts), tuple(buttons))


def _step(action: str, word: str, name: str, incident: OpenIncident, sent: SentUnit) -> Button:
    path = f"incidents/{incident.number}/{action}"
    return post(word, f"{word}: {name}", path, unit=sent.unit)


def preset_links(
    address: str,
    lon: float,
    lat: float,
    say: Words,
    base: CordonParams | None = None,
    *,
    shown: bool = False,
) -> list[tuple[str, list[Link]]]:
    """Return a row of links for each mode: the cordon of a place by its presets.

    Parameters
    ----------
    address
        Of the page of the cordon, with a query.
    lon, lat
        The place, degrees.
    say
        Words of the page's language.
    base
        The town's numbers, or those of what is shown; None = those of the profile.
    shown
        True where they are those of what is shown: the preset that it is gets marked.
    """
    rows: dict[str, list[Link]] = {}
    for one in presets(base):
        href = at_place(address, lon, lat, preset=one.id)
        since = since_text(one.head_start_s, say)
        link = Link(since, href, one.names[say.lang], shown and _is(one, base))
        rows.setdefault(say.term("mode", one.mode), []).append(link)
    return list(rows.items())


def since_text(head_start_s: float, say: Words) -> str:
    """Return how long ago something was, as one says it."""
    if not head_start_s:
        return say("just now")
    return say("{n} min ago", n=f"{head_start_s / MINUTE_S:g}")


def _is(one: Preset, params: CordonParams | None) -> bool:
    if params is None:
        return False
    own = (one.mode, one.head_start_s, one.horizon_s)
    return own == (params.mode, params.head_start_s, params.horizon_s)
