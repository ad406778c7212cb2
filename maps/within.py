"""How much of each part of a town is within 1, 3 and 5 minutes, out of the tables of an answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from maps.units import each_row, ground, known, length
from maps.words import Words
from planner.results_response import Response

Amount = Callable[[float], str]

# What can be within a band, in the order of tables.
WHAT = ("sites", "households", "street_m", "open_m2")
# What a part is judged by: the first of these of which there is any.
BASES = ("households", "street_m", "sites")
# Ways to divide the town into parts that can be shown on the map, in the order of the page.
SCOPES = ("village", "grid", "beat")


@dataclass(frozen=True)
class Part:
    """One part of a town, and how much of it is within each limit.

    Parameters
    ----------
    scope, code, name
        What it is; a village without a code holds what lies in none.
    limits_s
        Limits, ascending.
    whole
        "sites", "households", "street_m", "open_m2" to how much there is, as far as it is known.
    inside
        The same to how much is within each limit.
    service
        Kind of service point and mode, where it is reached by or from such points.
    """

    scope: str
    code: str
    name: str
    limits_s: list[float]
    whole: dict[str, float] = field(default_factory=dict, repr=False)
    inside: dict[str, list[float]] = field(default_factory=dict, repr=False)
    service: tuple[str, str] = ("", "")

    def share(self, what: str, at: int = -1) -> float:
        """Return the share within a limit, by its position; NaN where there is nothing.

        Examples
        --------
        >>> Part("town", "", "T", [60, 180], {"sites": 4}, {"sites": [1, 3]}).share("sites")
        0.75
        """
        whole = self.whole.get(what, 0.0)
        return self.inside[what][at] / whole if whole > 0 else math.nan


def band_parts(response: Response) -> dict[str, list[Part]]:
    """Return scope to its parts with the bands of an answer, in the order of its table."""
    found: dict[str, list[Part]] = {}
    for part in _parts(response.bands, "band_s", ("scope", "code")):
        found.setdefault(part.scope, []).append(part)
    return found


def service_parts(response: Response) -> list[Part]:
    """Return what each kind of service point reaches by each mode, by part."""
    return _parts(response.services, "within_s", ("kind", "mode", "scope", "code"))


def _parts(table: pd.DataFrame, limit: str, keys: tuple[str, ...]) -> list[Part]:
    found: dict[tuple[str, ...], Part] = {}
    for row in each_row(table.sort_values(limit, kind="stable")):
        key = tuple(getattr(row, name) for name in keys)
        if key not in found:
            service = (row.kind, row.mode) if "kind" in keys else ("", "")
            found[key] = Part(row.scope, row.code, row.name, [], service=service)
        part = found[key]
        part.limits_s.append(float(getattr(row, limit)))
        for what in WHAT:
            whole = getattr(row, what, None)
            if whole is not None and known(whole):
                part.whole[what] = float(whole)
                part.inside.setdefault(what, []).append(float(getattr(row, inner(what))))
    return list(found.values())


def inner(what: str) -> str:
    """Return the column of how much of something is within a limit.

    Examples
    --------
    >>> inner("street_m"), inner("sites")
    ('street_in_m', 'sites_in')
    """
    return what.replace("_m", "_in_m") if "_m" in what else f"{what}_in"


def basis_of(parts: list[Part]) -> str:
    """Return what parts are judged by: households, else streets, else places."""
    for what in BASES:
        if any(part.whole.get(what, 0) > 0 for part in parts):
            return what
    return BASES[-1]


def worst_first(parts: list[Part], basis: str) -> list[Part]:
    """Return parts by their share within the last limit, the largest of alike ones first."""

    def order(part: Part) -> tuple[bool, float, float]:
        share = part.share(basis)
        unknown = math.isnan(share)
        return unknown, 0.0 if unknown else share, -part.whole.get(basis, 0.0)

    return sorted(parts, key=order)


def measures(say: Words) -> Mapping[str, tuple[str, Amount]]:
    """Return what can be within a band: its word, and how so much of it is written."""
    return {
        "sites": (say("Places"), _number),
        "households": (say("Households"), _number),
        "street_m": (say("Streets"), lambda metres: length(metres, say)),
        "open_m2": (say("Open ground"), lambda area: ground(area, say)),
    }


def _number(count: float) -> str:
    return f"{count:,.0f}"


def minutes(limit_s: float, say: Words) -> str:
    """Return a limit as its circle is called, in one line."""
    return say("{n} min", n=f"{limit_s / 60:g}").replace(" ", "\u00a0")
