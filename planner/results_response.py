"""Who can be where in 1, 3 and 5 minutes: the answer, with `summary()`, tables, JSON document."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.results import Assumed, Missing, missing_lines, names_of, records, records_of
from planner.week import minute_text

# The columns of the tables that are no geometry, as the document tells them.
SITE = [
    *("code", "name", "kind", "area_class", "village", "ground", "tier_min", "met", "late_s"),
    *("rank", "weight", "second_s", "promise", "reason"),
]
AREA = [
    *("code", "name", "kind", "tier_min", "nearest_s", "farthest_s", "street_m", "street_in_m"),
    *("share", "met", "whole"),
]
UNIT = [
    *("code", "name", "kind", "mode", "tier_min", "comes", "reason", "sites_first", "met", "beat"),
    *("own_sites", "own_in", "sites_alone", "alone", "lost_sites", "lost_street_m"),
    "lost_households",
]
TIER = ["tier_min", "sites", "met", "share"]
PROMISE = ["tier_min", "units", "sites", "met", "share"]
SENSITIVITY = ["delay_s", *TIER]
BAND = [
    *("scope", "code", "name", "band_s", "sites", "sites_in", "street_m", "street_in_m"),
    *("households", "households_in", "open_m2", "open_in_m2"),
]
WEEK = ["hour", "units", "sites", "met", "share"]
WEEK_TIERS = ["hour", *TIER]
SERVICE = [
    *("kind", "mode", "within_s", "scope", "code", "name", "points", "sites", "sites_in"),
    *("street_m", "street_in_m", "households", "households_in"),
]


def _none_of(columns: list[str]) -> Callable[[], pd.DataFrame]:
    return lambda: pd.DataFrame({name: pd.Series(dtype=object) for name in columns})


@dataclass(frozen=True, eq=False)
class Response:
    """Who can be where in 1, 3 and 5 minutes.

    Only places that exist count, and only units that come: on duty at `at` (or ready, where their
    state is known) and of the level. Shares are of counts, lengths and areas, never of persons.

    Parameters
    ----------
    bands_s
        Limits of the circles, ascending.
    sites
        code, name, kind, tier_min (at the level), first_unit, first_s, met (by place: some unit
        is there within the tier; NA where nobody can tell), late_s (seconds over the tier, inf if
        nobody can come), reason (why nobody can, else NaN), area_class, village (code or NaN),
        ground, weight, second_s (when the next unit is there), promise (by unit: some unit is
        there within what it promises; NA where none promises anything), rank (of the places not
        met, the worst first; else NA), geometry (a point).
    times
        site, unit, time_s: every unit that can reach the site within the horizon, soonest first.
    tiers
        tier_min, sites, met, share.
    units
        code, name, kind, mode, tier_min, sites_first (places it is first at), met (True if it
        reaches within its own tier every place it is first at), geometry (a point); comes, reason
        (why it does not: "off_duty", "busy", "off", "level", else NaN); beat (code of the beat it
        stands on), own_sites, own_in (places of its beat, else of its station, and those it
        reaches within its promise; NA where it has none); sites_alone (places in time by it
        only), lost_sites, lost_street_m, lost_households (within the last band by it only: lost
        while it is away), alone (False where nothing at all would be lost).
    circles
        mode, band_s, geometry: merged over the units of the mode, cumulative, nested.
    missing
        Figures that cannot be had.
    at, level, emergency
        Time of the week ("Mon 20:00"; None = every unit, streets free), duty level, and whether
        cars drive with blue lights.
    by_duty
        Whether units come as the duty state has them, from where they stand by.
    network
        Revision of the street network.
    areas
        code, name, kind, tier_min, nearest_s, farthest_s (when the first and last place on a
        street in it is reached), street_m, street_in_m (within the tier), share, met (reached
        within the tier), whole (all of it); geometry.
    promises
        By unit: tier_min (what units promise), units, sites, met (reached within it by one of
        these units), share.
    sensitivity
        delay_s, tier_min (NA = all), sites, met, share: the same with so much more time to set
        out.
    bands
        scope ("town", "village", "grid", "beat", "ground", "tier", "kind"), code, name, band_s,
        then how many there are and how many of them within the band: sites, sites_in, street_m,
        street_in_m, households, households_in, open_m2, open_in_m2; NaN where unknown or not
        asked. Streets, households and ground are those inside villages. Where places lie
        outside every village, a village without a code holds them: villages add up to the town.
    week, week_tiers
        hour (0 = Monday 00:00 to 167), units on duty, sites, met, share; the same by tier_min.
    services
        kind of service point, mode, within_s, scope ("town", "station", "village"), code, name,
        points (that stand there), sites, sites_in, street_m, street_in_m, households,
        households_in.
    assumed
        What was taken for granted.
    """

    bands_s: tuple[float, ...]
    sites: gpd.GeoDataFrame = field(repr=False)
    times: pd.DataFrame = field(repr=False)
    tiers: pd.DataFrame = field(repr=False)
    units: gpd.GeoDataFrame = field(repr=False)
    circles: gpd.GeoDataFrame = field(repr=False)
    missing: tuple[Missing, ...] = ()
    at: str | None = None
    level: int = 3
    emergency: bool = False
    by_duty: bool = False
    network: str | None = None
    areas: pd.DataFrame = field(repr=False, default_factory=_none_of(AREA))
    promises: pd.DataFrame = field(repr=False, default_factory=_none_of(PROMISE))
    sensitivity: pd.DataFrame = field(repr=False, default_factory=_none_of(SENSITIVITY))
    bands: pd.DataFrame = field(repr=False, default_factory=_none_of(BAND))
    week: pd.DataFrame = field(repr=False, default_factory=_none_of(WEEK))
    week_tiers: pd.DataFrame = field(repr=False, default_factory=_none_of(WEEK_TIERS))
    services: pd.DataFrame = field(repr=False, default_factory=_none_of(SERVICE))
    assumed: tuple[Assumed, ...] = ()

    def summary(self) -> str:
        """Return a few lines a person can read, the worst three places first."""
        lines = [*self._worst(), self._head(), *self._tiers(), *self._promises()]
        return "\n".join([*lines, *self._others(), *missing_lines(self.missing)])

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values, as `fengqiao response --json` prints it."""
        by_site: dict[str, list[dict[str, Any]]] = {}
        for site, unit, time_s in records_of(self.times, ["site", "unit", "time_s"]):
            by_site.setdefault(site, []).append({"code": unit, "time_s": time_s})
        sites = [
            {**site, "units": by_site.get(site["code"], [])} for site in _told(self.sites, SITE)
        ]
        return {
            "bands_s": list(self.bands_s),
            "at": self.at,
            "level": self.level,
            "emergency": self.emergency,
            "by_duty": self.by_duty,
            "network": self.network,
            "sites": sites,
            "tiers": _told(self.tiers, TIER),
            "promises": _told(self.promises, PROMISE),
            "units": _told(self.units, UNIT),
            "areas": _told(self.areas, AREA),
            "sensitivity": _told(self.sensitivity, SENSITIVITY),
            "bands": _told(self.bands, BAND),
            "week": _told(self.week, WEEK),
            "week_tiers": _told(self.week_tiers, WEEK_TIERS),
            "services": _told(self.services, SERVICE),
        }

    def _worst(self) -> list[str]:
        late = self.sites[self.sites["met"].eq(False).fillna(False).astype(bool)]
        worst = late.sort_values("late_s", ascending=False, kind="stable")
        if "rank" in late:
            worst = late.sort_values("rank")
        lines = []
        told = zip(names_of(worst)[:3], worst["late_s"].tolist(), worst["tier_min"], strict=False)
        for at, (name, late_s, tier_min) in enumerate(told, 1):
            by = "nobody can come" if math.isinf(late_s) else f"late by {late_s:.0f} s"
            lines.append(f"{at}. {name}: {by} (tier {tier_min} min)")
        return lines

    def _head(self) -> str:
        when = [] if self.at is None else [f"at {self.at}"]
        when += [] if self.level == 3 else [f"duty level {self.level}"]
        when += ["by duty state"] if self.by_duty else []
        when += ["with blue lights"] if self.emergency else []
        coming = int(self.units["comes"].sum()) if "comes" in self.units else len(self.units)
        of = "" if coming == len(self.units) else f" of {len(self.units)}"
        known = self.sites["met"].dropna()
        told = f"{known.sum()} of {len(known)} in time" if len(known) else "cannot tell"
        return ", ".join([f"Units: {coming}{of}, sites: {len(self.sites)}, {told}", *when])

    def _tiers(self) -> list[str]:
        return [
            f"  within {t.tier_min} min: {t.met} of {t.sites} ({t.share:.0%})"
            for t in self.tiers.itertuples()
        ]

    def _promises(self) -> list[str]:
        return [
            f"  by the {p.units} units that promise {p.tier_min} min: "
            f"{p.met} of {p.sites} ({p.share:.0%})"
            for p in self.promises.itertuples()
        ]

    def _others(self) -> list[str]:
        lines = []
        if len(self.areas):
            met = self.areas["met"].dropna()
            lines.append(f"Key areas: {met.sum()} of {len(met)} reached within their tier")
        rows = self.sensitivity[self.sensitivity["tier_min"].isna()]
        if len(rows) > 1 and rows["sites"].any():
            told = ", ".join(f"+{r.delay_s:g} s {r.met}" for r in rows.itertuples())
            lines.append(f"In time if setting out takes longer: {told}")
        if "alone" in self.units and self.network is not None:
            spare = self.units[self.units["alone"].eq(False).fillna(False).astype(bool)]
            if len(spare):
                lines.append(f"Nothing is lost without: {', '.join(names_of(spare))}")
        if len(self.week):
            worst = self.week.iloc[int(self.week["met"].to_numpy(float).argmin())]
            lines.append(
                f"Worst hour of the week: {minute_text(int(worst['hour']) * 60)}, "
                f"{worst['met']:.0f} of {worst['sites']:.0f} in time, "
                f"{worst['units']:.0f} units on duty"
            )
        return lines


def _told(frame: pd.DataFrame, columns: list[str]) -> list[dict[str, Any]]:
    return records(frame, [name for name in columns if name in frame])
