"""Words of what leaves for volunteers: cards, sheets, plates, files."""

from __future__ import annotations

from typing import Any

from gis.profiles import load
from maps.words import Lang, words

THIN = "\u202f"


def said(key: str, lang: Lang, **values: object) -> str:
    """Return one text of `data/profiles/publish.toml`, its holes filled.

    Examples
    --------
    >>> said("minutes", "zh", n=6), said("minutes", "en", n=6)
    ('6 分钟', '6 min')
    """
    text: str = load("publish")["words"][key][("zh", "en").index(lang)]
    return text.format(**values) if values else text


def way_text(metres: float | None, lang: Lang) -> str:
    """Return a length: metres below 1 km, rounded to tens, then km with one decimal.

    Examples
    --------
    >>> way_text(423.0, "zh"), way_text(1234.0, "zh"), way_text(None, "zh")
    ('420 米', '1.2 公里', '')
    """
    if metres is None:
        return ""
    if metres < 995:
        return said("metres", lang, n=round(metres / 10) * 10)
    return said("km", lang, n=f"{metres / 1000:.1f}")


def minutes_of(seconds: float) -> int:
    """Return a time in whole minutes, at least one where it is any.

    Examples
    --------
    >>> minutes_of(0), minutes_of(12), minutes_of(150)
    (0, 1, 3)
    """
    return max(int(seconds / 60 + 0.5), 1 if seconds > 0 else 0)


def clock_of(moment: str) -> str:
    """Return the time of day of an ISO 8601 text.

    Examples
    --------
    >>> clock_of("2026-11-25T19:05:40+08:00")
    '19:05'
    """
    return moment[11:16]


def team_title(row: dict[str, Any], lang: Lang) -> str:
    """Return what a team is called; a bare number becomes "Team 3"."""
    name = str(row.get("name") or row["code"])
    return said("team", lang, name=name) if name.isdigit() else name


def stop_title(row: dict[str, Any], lang: Lang) -> str:
    """Return the name of a stop, else the word for its kind."""
    kind = row.get("kind")
    if row.get("name"):
        return str(row["name"])
    if kind == "break":
        return said("break", lang)
    say = words(lang)
    known = (vocabulary for vocabulary in ("stop", "site") if (vocabulary, kind) in say.messages)
    return next((say.term(vocabulary, kind) for vocabulary in known), str(row["code"]))


def reason_text(row: dict[str, Any], lang: Lang) -> str:
    """Return why a stop is worth a visit, its parts of the prize joined; "" if nobody knows."""
    say = words(lang)
    parts = [part["part"] for part in row.get("parts") or ()] or [row.get("reason")]
    told = [say.term("why", part) for part in parts if isinstance(part, str)]
    return ("、" if lang == "zh" else ", ").join(dict.fromkeys(text for text in told if text))
