"""A card as one page that opens from a file: no network, no other file, nothing to install."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, partial
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from gis.profiles import load
from maps.patrol_card import LEAST_WAY_M, CardLeg, CardStop, TeamCard
from maps.patrol_card_ground import CardGround
from maps.patrol_card_links import app_links
from maps.patrol_card_svg import card_svg, line_path, team_sign, team_stroke
from maps.patrol_card_words import clock_of, minutes_of, said, way_text
from maps.style import css_tokens
from maps.words import Lang
from planner.checkin_code import FIRST_NIGHT

# Words that the page's script fills in.
WORDS = (
    *("stop_of", "home", "set_out", "arrived", "arrived_home", "check", "checked", "undo"),
    *("undo_ask", "left_out", "now_on", "what_changed", "as_planned", "rung_says", "rung_home"),
    *("fewer", "left_40", "left_20", "skip", "rain", "which_app", "show_way", "no_steps"),
    *("tab_map", "report_head", "report_say", "none_yet", "copy", "copied", "all_done"),
    *("start_ask", "help_base", "help_say"),
)
WEEKDAYS = "一二三四五六日"


def card_page(card: TeamCard, ground: CardGround, *, calls: Sequence[tuple[str, str]] = ()) -> str:
    """Return the card of a team as one HTML page.

    It shows the next stop, the list, the map and help, switches to the rungs of the ladder, keeps
    check-ins on the phone and gives them out as a code or a file. It asks nobody for anything.

    Parameters
    ----------
    card
        The team.
    ground
        What `maps.patrol_card_ground.ground_of` returned for it.
    calls
        (name, telephone number) of whom to call beside the police, such as the station.
    """
    script = _script()
    team, _ = team_stroke(card.position)
    css = f"{css_tokens()}\n{_text('patrol_card.css')}\n{_next_css(team)}"
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(css)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )
    return (
        _templates()
        .get_template("patrol_card.html")
        .render(
            card=card,
            said=lambda key, **values: said(key, card.lang, **values),
            day=day_text(card.date, card.lang),
            svg=card_svg(card, ground),
            sign=team_sign(card.position),
            css=Markup(css),
            script=Markup(script),
            data=Markup(_json(_data(card, ground))),
            policy=Markup(policy),
            emergency=load("publish")["call"]["emergency"],
            calls=calls,
        )
    )


def _next_css(team: str) -> str:
    """Return the colour of the leg ahead: the next one of a list that is not the team's own."""
    colour = next(one for one in load("publish")["colours"]["next"] if one != team)
    return f"#leg{{stroke:{colour}}}.m.next rect{{fill:{colour}}}"


def day_text(day: str, lang: Lang) -> str:
    """Return a day as people say it.

    Examples
    --------
    >>> day_text("2026-11-25", "zh"), day_text("2026-11-25", "en")
    ('11月25日 周三', 'Wed 25 November')
    """
    on = date.fromisoformat(day)
    if lang == "zh":
        return f"{on.month}月{on.day}日 周{WEEKDAYS[on.weekday()]}"
    return f"{on:%a} {on.day} {on:%B}"


def _data(card: TeamCard, ground: CardGround) -> dict[str, Any]:
    """Return what the page's script works with."""
    lang = card.lang
    links = partial(app_links, mode=card.mode, town=card.town, lang=lang)
    return {
        "key": f"fengqiao {card.town} {card.date} {card.code} {card.plan.mark}",
        "lang": lang,
        "town": card.town,
        "night": card.date,
        "team": card.code,
        "title": card.title,
        "zone": card.zone,
        "noon": card.noon_ms,
        "size": max(card.size, 1),
        "few": load("publish")["card"]["fewer_than"],
        "leave": clock_of(card.depart),
        "back": said("returns", lang, time=clock_of(card.back)),
        "plan": {
            "day": (card.plan.night - FIRST_NIGHT).days,
            "team": card.plan.team,
            "mark": card.plan.mark,
            "due": card.plan.due_min,
        },
        "links": [[one.name, one.href] for one in links(card.base, said("base", lang))],
        "stops": [
            _stop(stop, lang)
            | {"links": [[one.name, one.href] for one in links(stop.place, stop.title)]}
            for stop in card.stops
        ],
        "legs": {f"{a}>{b}": _leg(leg, ground, lang) for (a, b), leg in card.legs.items()},
        "rungs": [
            {"r": rung.name, "a": rung.after, "s": rung.stops, "b": rung.back_s}
            for rung in card.rungs
        ],
        "words": {key: said(key, lang) for key in WORDS},
    }


def _stop(stop: CardStop, lang: Lang) -> dict[str, Any]:
    opens, closes = stop.opens, stop.closes
    window = (
        said("opens", lang, **{"from": clock_of(opens), "to": clock_of(closes)})
        if opens and closes
        else ""
    )
    must = said("required", lang) if stop.required else ""
    return {
        "n": stop.order,
        "c": stop.code,
        "t": stop.title,
        "m": said("near", lang, mark=stop.landmark) if stop.landmark else "",
        "a": said("due", lang, time=clock_of(stop.arrive)),
        "st": stay_text(stop, lang),
        "win": window,
        "w": " · ".join(text for text in (must, stop.why) if text),
    }


def stay_text(stop: CardStop, lang: Lang) -> str:
    """Return how long a team stays at a stop, and waits before."""
    stay = said("stay", lang, n=minutes_of(stop.dwell_s)) if stop.dwell_s else said("pass_by", lang)
    wait = said("wait", lang, n=minutes_of(stop.wait_s)) if stop.wait_s >= 60 else ""
    return " · ".join(text for text in (wait, stay) if text)


def leg_text(leg: CardLeg, lang: Lang) -> str:
    """Return a way in one line: minutes and length; "" for none."""
    if leg.seconds < 1 or (leg.metres is not None and leg.metres < LEAST_WAY_M):
        return ""
    minutes = said("minutes", lang, n=minutes_of(leg.seconds))
    return " · ".join(text for text in (minutes, way_text(leg.metres, lang)) if text)


def _leg(leg: CardLeg, ground: CardGround, lang: Lang) -> dict[str, Any]:
    return {
        "t": leg_text(leg, lang),
        "h": said("towards", lang, dir=leg.heading),
        "b": round(leg.bearing_deg),
        "steps": leg.steps,
        "p": line_path(ground, leg.line),
    }


def _json(data: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the element it stands in."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def _script() -> str:
    return "".join(map(_text, ("patrol_code.js", "patrol_map.js", "patrol_card.js")))


@cache
def _text(name: str) -> str:
    return (resources.files("maps") / "templates" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("maps", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
