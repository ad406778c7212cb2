"""The page of a team's leader: one document that a phone keeps, and the one in its place."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache, partial
from importlib import resources
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from gis.profiles import load
from maps.panels_leader import LeaderSheet, hazard_kinds, told
from maps.patrol_card_page import day_text
from maps.patrol_card_words import clock_of, said, way_text
from maps.style import css_tokens
from maps.words import Lang
from maps.written import LANGUAGES

Gone = Literal["altered", "expired", "revoked", "many"]
# In the order in which they are read.
SCRIPTS = (
    *("patrol_code.js", "patrol_map.js", "leader.js", "leader_send.js", "leader_map.js"),
    *("leader_hazards.js", "leader_plates.js", "leader_start.js"),
)
# What the page keeps on the phone begins with this.
KEY = "leader"


def leader_page(
    sheet: LeaderSheet, jti: str, other: str, *, calls: Sequence[tuple[str, str]] = ()
) -> str:
    """Return the page of a team's leader, all in one document.

    Parameters
    ----------
    sheet
        What it shows.
    jti
        Of the link: what the phone keeps is kept by it.
    other
        Address of the page in the other language.
    calls
        (name, telephone number) of whom to call beside the police.
    """
    card = sheet.card
    lang = card.lang
    css = f"{css_tokens()}\n{_text('leader.css')}\n{sheet.css}"
    script = "".join(map(_text, SCRIPTS))
    data = {**sheet.data, "key": f"{KEY} {jti}"}
    return (
        _templates()
        .get_template("leader.html")
        .render(
            **_shared(lang, css, script),
            card=card,
            day=day_text(card.date, lang),
            sum=told(
                "route_sum", lang, stops=len(card.stops), length=way_text(card.length_m, lang)
            ),
            times=told(
                "from_to", lang, **{"from": clock_of(card.depart), "to": clock_of(card.back)}
            ),
            svg=sheet.svg,
            sign=sheet.sign,
            data=Markup(_json(data)),
            hazards=hazard_kinds(lang),
            other=other,
            calls=calls,
        )
    )


def gone_page(reason: Gone, lang: Lang, jti: str = "") -> str:
    """Return the page in place of one that is not shown: why, and what to do.

    Parameters
    ----------
    reason
        Why.
    lang
        Language.
    jti
        Of the link where it is known: what this phone has not delivered is shown as a code then.
    """
    css = f"{css_tokens()}\n{_text('leader.css')}"
    return (
        _templates()
        .get_template("leader_gone.html")
        .render(
            **_shared(lang, css, _text("leader_gone.js")),
            head=told(f"gone_{reason}", lang),
            say=told(f"gone_{reason}_say", lang),
            key=f"{KEY} {jti}" if jti else "",
        )
    )


def worker_script() -> str:
    """Return the script that keeps the page on the phone and shows it where there is no signal."""
    words: dict[str, str] = {lang: told("nothing_kept", lang) for lang in LANGUAGES}
    return _text("leader_sw.js").replace('"{nothing}"', _json(words))


def _shared(lang: Lang, css: str, script: str) -> dict[str, Any]:
    """Return what both pages need."""
    policy = (
        f"default-src 'none'; img-src data: blob:; media-src blob:; connect-src 'self'; "
        f"worker-src 'self'; style-src '{_hash(css)}'; script-src '{_hash(script)}'; "
        f"base-uri 'none'; form-action 'none'"
    )
    return {
        "lang": lang,
        "css": Markup(css),
        "script": Markup(script),
        "policy": Markup(policy),
        "said": partial(_said, lang),
        "told": partial(_told, lang),
        "emergency": load("publish")["call"]["emergency"],
    }


def _said(lang: Lang, key: str, **values: object) -> str:
    return said(key, lang, **values)


def _told(lang: Lang, key: str, **values: object) -> str:
    return told(key, lang, **values)


def _json(data: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the element it stands in."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


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
