"""What the page of a team's leader works with: the card's content, its words, kinds of hazards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from markupsafe import Markup

from gis.profiles import load
from maps.patrol_card import CardLeg, CardStop, TeamCard
from maps.patrol_card_ground import CardGround
from maps.patrol_card_links import app_links
from maps.patrol_card_page import leg_text, stay_text
from maps.patrol_card_svg import card_svg, line_path, team_sign, team_stroke
from maps.patrol_card_words import clock_of, said, way_text
from maps.words import Lang
from planner.checkin_code import FIRST_NIGHT

# Words of the card that the page's script says, too.
CARD_WORDS = (
    *("stop_of", "home", "arrived", "check", "checked", "left_out", "now_on", "what_changed"),
    *("as_planned", "rung_says", "rung_home", "fewer", "left_40", "left_20", "skip", "rain"),
    *("which_app", "show_way", "no_steps", "take_me", "help_base", "help_say", "copy", "copied"),
)
# The second visit of a point has its code and a number.
AGAIN = "#"


@dataclass(frozen=True)
class LeaderSheet:
    """One team's route as its leader's page shows it; the same for all links and phones.

    Parameters
    ----------
    card
        The team.
    svg, sign
        The map, and a piece of the team's line.
    css
        Colours of the map: of the leg ahead, and of all at night.
    data
        What the page's script works with, JSON-ready.
    """

    card: TeamCard = field(repr=False)
    svg: Markup = field(repr=False)
    sign: Markup = field(repr=False)
    css: str = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)

    def summary(self) -> str:
        """Return one line: the team, its times and how many stops."""
        return self.card.summary()


def leader_sheet(card: TeamCard, ground: CardGround, numbers: Mapping[str, str]) -> LeaderSheet:
    """Return what the page of a team's leader shows.

    Parameters
    ----------
    card
        The team.
    ground
        What `maps.patrol_card_ground.ground_of` returned for it.
    numbers
        Code of a patrol point to the large number of its plate; only those of the route are used.
    """
    css = f"{_next_css(card.position)}\n{_night_css()}"
    return LeaderSheet(
        card, card_svg(card, ground), team_sign(card.position), css, _data(card, ground, numbers)
    )


def point_of(stop: str) -> str:
    """Return the code of the point that a stop is a visit of.

    Examples
    --------
    >>> point_of("X001"), point_of("X001#2")
    ('X001', 'X001')
    """
    return stop.partition(AGAIN)[0]


def told(key: str, lang: Lang, **values: object) -> str:
    """Return one text of `data/profiles/leader.toml`, its holes filled.

    Examples
    --------
    >>> told("we_are", "zh", n=4), told("we_are", "en", n=4)
    ('我们 4 人', 'We are 4')
    """
    text: str = load("leader")["words"][key][("zh", "en").index(lang)]
    return text.format(**values) if values else text


def hazard_kinds(lang: Lang) -> list[dict[str, str]]:
    """Return the kinds of hazards in the order of the buttons: code, word, sign."""
    return [
        {"code": code, "word": kind[lang], "sign": kind["sign"]}
        for code, kind in load("hazards")["kinds"].items()
    ]


def hazard_word(kind: str, lang: Lang) -> str:
    """Return the word for a kind of hazard; the code where it is unknown."""
    known: Mapping[str, Mapping[str, str]] = load("hazards")["kinds"]
    return known[kind][lang] if kind in known else kind


def hazard_state_word(state: str, lang: Lang) -> str:
    """Return the word for what became of a hazard.

    Examples
    --------
    >>> hazard_state_word("mending", "zh"), hazard_state_word("done", "en")
    ('处理中', 'done')
    """
    word: str = load("hazards")["states"][state][lang]
    return word


def _data(card: TeamCard, ground: CardGround, numbers: Mapping[str, str]) -> dict[str, Any]:
    lang, rules = card.lang, load("leader")
    links = partial(app_links, mode=card.mode, town=card.town, lang=lang)
    return {
        "lang": lang,
        "town": card.town,
        "zone": card.zone,
        "noon": card.noon_ms,
        "size": max(card.size, 1),
        "few": load("publish")["card"]["fewer_than"],
        "back": said("returns", lang, time=clock_of(card.back)),
        "plan": {
            "day": (card.plan.night - FIRST_NIGHT).days,
            "team": card.plan.team,
            "mark": card.plan.mark,
            "due": card.plan.due_min,
        },
        "every": rules["every_s"],
        "photo": rules["photo_px"],
        "most": rules["most_items"],
        "ground": _plane(ground),
        "base": list(card.base),
        "links": [[one.name, one.href] for one in links(card.base, said("base", lang))],
        "stops": [
            _stop(stop, lang, numbers)
            | {"links": [[one.name, one.href] for one in links(stop.place, stop.title)]}
            for stop in card.stops
        ],
        "legs": {f"{a}>{b}": _leg(leg, ground, lang) for (a, b), leg in card.legs.items()},
        "rungs": [
            {"r": rung.name, "a": rung.after, "s": rung.stops, "b": rung.back_s}
            for rung in card.rungs
        ],
        "hazards": {kind["code"]: kind["word"] for kind in hazard_kinds(lang)},
        "states": {state: hazard_state_word(state, lang) for state in load("hazards")["states"]},
        "words": {key: said(key, lang) for key in CARD_WORDS}
        | {key: told(key, lang) for key in rules["words"] if not key.startswith("gone_")},
    }


def _stop(stop: CardStop, lang: Lang, numbers: Mapping[str, str]) -> dict[str, Any]:
    window = (
        said("opens", lang, **{"from": clock_of(stop.opens), "to": clock_of(stop.closes)})
        if stop.opens and stop.closes
        else ""
    )
    return {
        "n": stop.order,
        "c": stop.code,
        "t": stop.title,
        "m": said("near", lang, mark=stop.landmark) if stop.landmark else "",
        "a": said("due", lang, time=clock_of(stop.arrive)),
        "st": stay_text(stop, lang),
        "win": window,
        "must": said("required", lang) if stop.required else "",
        "w": stop.why,
        "p": numbers.get(point_of(stop.code), "") if stop.kind == "patrol_point" else "",
        "at": [round(side, 6) for side in stop.place],
    }


def _leg(leg: CardLeg, ground: CardGround, lang: Lang) -> dict[str, Any]:
    line = leg_text(leg, lang)
    return {
        "min": line.split(" · ")[0] if line else "",
        "far": way_text(leg.metres, lang) if line else "",
        "h": said("towards", lang, dir=leg.heading),
        "b": round(leg.bearing_deg),
        "steps": leg.steps,
        "p": line_path(ground, leg.line),
    }


def _plane(ground: CardGround) -> dict[str, float]:
    """Return what turns a place of the map into degrees: its corner, and metres of its sides."""
    left, top, right, bottom = ground.box
    return {
        "lon": ground.plane.lon,
        "lat": ground.plane.lat,
        "left": left,
        "top": top,
        "width": right - left,
        "height": bottom - top,
    }


def _next_css(position: int) -> str:
    """Return the colour of the leg ahead and of its stop: not that of the team's own line."""
    team, _ = team_stroke(position)
    colour = next(one for one in load("publish")["colours"]["next"] if one != team)
    return f"#leg{{stroke:{colour}}}.m.next rect{{fill:{colour}}}"


def _night_css() -> str:
    """Return the rules that give the map other colours in the dark."""
    day, night = load("publish")["colours"], load("leader")["night"]
    names = f"#map .names text[stroke]{{fill:{night['ground']};stroke:{night['ground']}}}"
    rules = [
        f'#map svg [{what}="{day[name]}"]{{{what}:{colour}}}'
        for name, colour in night.items()
        for what in ("fill", "stroke")
    ]
    back = f"#map svg{{background:{night['ground']}}}"
    return f"@media (prefers-color-scheme:dark){{{back}{''.join(rules)}{names}}}"
