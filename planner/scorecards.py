"""Scorecards: each target restricted to the places of the town, a station or a village."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.profiles import load
from planner.suppress import hide_small
from planner.targets_judged import ALL, Judged, Rows, Total, status_of, total
from planner.targets_measures import Asked
from planner.targets_places import Sources, place_table, police_stations
from planner.targets_profile import Target
from planner.targets_words import early_row, missing_at

Positions = dict[tuple[str, str], npt.NDArray[np.int64]]
NONE = np.zeros(0, np.int64)

COLUMNS = {
    **dict.fromkeys(("scope", "code", "name", "target"), "str"),
    **dict.fromkeys(("value", "low", "high", "part", "whole"), "float64"),
    "status": "str",
    "before": "float64",
    "trend": "str",
    "missing_zh": "str",
    "missing_en": "str",
}
NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Card:
    """What a scorecard needs of one target.

    Parameters
    ----------
    target
        The target.
    judged, past
        Its places, today and a year earlier (None where it has no past).
    asked
        Operator and limit.
    status
        Of the town.
    early
        Days of a target that is not due yet.
    """

    target: Target
    judged: Judged = field(repr=False)
    past: Judged | None = field(repr=False)
    asked: Asked
    status: str
    early: tuple[date, ...] = ()


def scorecards(sources: Sources, cards: Sequence[Card]) -> pd.DataFrame:
    """Return each target for the town, each police station and each village.

    A station or village of which a target asks nothing has no row of it. The places of a station
    are its own, and those of its villages.

    Parameters
    ----------
    sources
        What targets are told from.
    cards
        The targets.

    Returns
    -------
    DataFrame
        scope ("town", "station", "village"), code, name, target, value, low, high, part, whole,
        status, before, trend, missing_zh, missing_en (what fails, and what is not known; NaN
        where nothing is missing).
    """
    own = [_positions(card.judged) for card in cards]
    past = [None if card.past is None else _positions(card.past) for card in cards]
    whole = list(zip(cards, own, past, strict=True))
    rows = [row for scope in _scopes(sources) for card in whole for row in _row(card, *scope)]
    table = pd.DataFrame(_without_small(sources, cards, rows), columns=list(COLUMNS))
    return table.astype(COLUMNS)


def trend_of(value: float, before: float, op: str | None, unit: str = "share") -> str | None:
    """Return "better", "worse" or "same" against a year earlier; None where either is unknown.

    Parameters
    ----------
    value, before
        The value, and that of a year earlier.
    op
        What is asked: with "<=" less is better.
    unit
        Of the value; shares are the same where they are told with the same digits, 0.1 %.

    Examples
    --------
    >>> trend_of(0.8, 0.7, ">="), trend_of(0.8, 0.7, "<="), trend_of(0.8, float("nan"), ">=")
    ('better', 'worse', None)
    >>> trend_of(0.2041, 0.2042, ">="), trend_of(2041.0, 2042.0, ">=", "count")
    ('same', 'worse')
    """
    if np.isnan(value) or np.isnan(before):
        return None
    told = round(1000 * value) == round(1000 * before)
    if abs(value - before) < 1e-9 or (unit == "share" and told):
        return "same"
    return "better" if (value > before) != (op == "<=") else "worse"


def _scopes(sources: Sources) -> Iterator[tuple[str, str, str]]:
    yield "town", sources.facts.town_code(), sources.layers.town
    stations = police_stations(sources.layers)
    names = stations["name"].fillna(stations["code"])
    yield from (("station", c, n) for c, n in zip(stations["code"], names, strict=True))
    villages = place_table(sources, "villages")
    yield from (("village", c, n) for c, n in zip(villages["code"], villages["name"], strict=True))


def _row(
    about: tuple[Card, Positions, Positions | None], scope: str, code: str, name: str
) -> Iterator[dict[str, Any]]:
    card, own, past = about
    which = ALL if scope == "town" else own.get((scope, code), NONE)
    op, limit = card.asked
    number = total(card.judged, which, op, limit)
    if number.whole <= 0:
        return
    status = card.status if scope == "town" else status_of(number, op, limit)
    missing = _missing(card, which, status)
    before = NAN
    if card.past is not None and past is not None:
        then = ALL if scope == "town" else past.get((scope, code), NONE)
        before = total(card.past, then, op, limit).value
    yield {
        "scope": scope,
        "code": code,
        "name": name,
        "target": card.target.id,
        **number._asdict(),
        "status": "cannot_tell" if status == "not_met" and card.early else status,
        "before": before,
        "trend": trend_of(number.value, before, op, card.target.unit),
        **missing,
    }


def _missing(card: Card, which: Rows, status: str) -> dict[str, str | None]:
    """Return what the places of a card lack, in words."""
    inside = np.zeros(len(card.judged.places), bool)
    inside[which] = True
    rows = missing_at(card.target.id, card.judged, inside, status)
    if status == "not_met" and card.early:
        rows.append(early_row(card.target.id, card.early))
    return {
        "missing_zh": "；".join(str(row["zh"]) for row in rows) or None,
        "missing_en": "; ".join(str(row["en"]) for row in rows) or None,
    }


def _positions(judged: Judged) -> Positions:
    """Return where the places of each station and each village are."""
    found: dict[tuple[str, str], list[int]] = {}
    for scope in ("station", "village"):
        for at, code in enumerate(judged.places[scope].tolist()):
            if isinstance(code, str):
                found.setdefault((scope, code), []).append(at)
    return {key: np.array(at, np.int64) for key, at in found.items()}


def _without_small(
    sources: Sources, cards: Sequence[Card], rows: list[dict[str, Any]]
) -> Iterable[dict[str, Any]]:
    """Return the rows without totals so small that they are hidden, nor those that tell them."""
    secret = {card.target.id: card for card in cards if _is_secret(card)}
    hidden: set[tuple[str, str, str]] = set()
    for name, card in secret.items():
        for judged in (card.judged, *([card.past] if card.past else [])):
            hidden |= {(name, *place) for place in _hidden(sources, judged)}
    for row in rows:
        if (row["target"], row["scope"], row["code"]) in hidden:
            nothing = dict.fromkeys(Total._fields, NAN)
            yield {**row, **nothing, "whole": row["whole"], "before": NAN, "trend": None}
        else:
            yield row


def _hidden(sources: Sources, judged: Judged) -> Iterator[tuple[str, str]]:
    """Give scope and code of every total of these places that must be hidden."""
    stations = judged.places["station"].to_numpy(object)
    group, codes = pd.factorize(stations, use_na_sentinel=False)
    least = sources.params.coverage.least_total
    small = hide_small(np.nan_to_num(judged.value), group, least)
    places = judged.places["code"].to_numpy(object)
    yield from (("village", str(code)) for code in places[small.rows])
    yield from (("station", str(code)) for code in np.asarray(codes, object)[small.groups])
    if small.all:
        yield "town", sources.facts.town_code()


def _is_secret(card: Card) -> bool:
    question = card.target.question
    keys = load("targets")["hidden_keys"]
    part = question.part
    return question.measure == "total" and part is not None and part.name in keys
