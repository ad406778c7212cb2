"""Check a town's own files: polygons, codes, who lies where, totals and references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.checks_faults import Found, faults_table
from gis.checks_links import household_faults, reference_faults
from gis.checks_places import address_faults, grid_faults, position_faults
from gis.code_rules import AUTO, CodeRules, choose_rules, code_faults
from gis.errors import LayerMissingError
from gis.layers import Layers
from gis.profiles import load
from gis.topology import check_gap_width, polygon_faults
from gis.topology_kernels import plane_around
from gis.topology_mend import mendable

# Polygon layers that must cover the town.
COVERS = ("villages", "grids")
# A hole of which no more than this is land is water.
DRY_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class CheckReport:
    """What is wrong with a town's files.

    Parameters
    ----------
    faults
        One row for each fault, the most serious first; columns as
        `gis.checks_faults.faults_table`.
    counts
        Severity to number of faults, zeros included.
    rules
        The patterns its codes were held to.
    outline
        What villages were compared with: "areas" (those of kind town), "extent", or None where the
        town's outline is not known, so that a village missing at the edge is not found.
    gap_width_m
        Width up to which uncovered ground counts as a gap.
    """

    faults: gpd.GeoDataFrame = field(repr=False)
    counts: Mapping[str, int]
    rules: CodeRules
    outline: str | None
    gap_width_m: float

    @property
    def mends(self) -> gpd.GeoDataFrame:
        """The faults that `gis.topology_mend.mend` can mend, with what it would move."""
        return gpd.GeoDataFrame(self.faults[mendable(self.faults)])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know about what was not checked."""
        notes = []
        if self.outline is None:
            notes.append(
                "the town's outline is not known: a village missing at its edge cannot be found "
                "(import it as an area of kind town)"
            )
        unruled = [layer for layer in self.rules.fitting if layer not in self.rules.layers]
        if unruled:
            notes.append(f"no code rule fits, so codes were not checked: {', '.join(unruled)}")
        return tuple(notes)

    def by_kind(self) -> list[tuple[str, str, int]]:
        """Return severity, kind and number of each kind of fault, the most serious first."""
        names = zip(self.faults["severity"], self.faults["kind"], strict=True)
        return [(severity, kind, n) for (severity, kind), n in Counter(names).items()]

    def summary(self, language: str = "en", shown: int = 10) -> str:
        """Return the number of faults, by kind, and the first of each kind with what to do.

        Parameters
        ----------
        language
            "zh" or "en".
        shown
            How many faults are told in full.
        """
        zh = language == "zh"
        comma, colon = ("，", "：") if zh else (", ", ": ")
        table = load("checks")
        severities = {name: word if zh else name for name, word in table["severities"].items()}
        lines = [comma.join(f"{severities[name]} {count}" for name, count in self.counts.items())]
        if not len(self.faults):
            return f"{lines[0]}{comma}{'没有发现问题' if zh else 'nothing found wrong'}"
        lines += [
            f"  {n:>5}  {severities[severity]}  {_kind_name(kind, language)}"
            for severity, kind, n in self.by_kind()
        ]
        # Some of each kind: a thousand of one must not hide the others.
        turn = self.faults.groupby("kind", sort=False).cumcount().to_numpy()
        told = self.faults.iloc[np.sort(np.argsort(turn, kind="stable")[:shown])]
        mends = told[f"mend_{language}"]
        for severity, wrong, mend in zip(told["severity"], told[language], mends, strict=True):
            lines += [f"{severities[severity]}{colon}{wrong}", f"    -> {mend}"]
        more = len(self.faults) - len(told)
        if more:
            lines.append(f"……另有 {more} 条" if zh else f"... and {more} more")
        return "\n".join(lines)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON-ready values, the part behind the common head."""
        return {
            "counts": dict(self.counts),
            "kinds": [
                {"severity": severity, "kind": kind, "faults": n}
                for severity, kind, n in self.by_kind()
            ],
            "outline": self.outline,
            "codes": {
                "profile": self.rules.profile,
                "layers": sorted(self.rules.layers),
                "fitting": dict(self.rules.fitting),
            },
            "faults": [_fault(row) for row in self.faults.to_dict("records")],
        }


def check_town(layers: Layers, *, gap_width_m: float = 5.0, codes: str = AUTO) -> CheckReport:
    """Return everything that is wrong with a town's villages, grids, codes and references.

    Villages and grids: overlaps, gaps, holes, slivers, what lies outside (`gis.topology`); codes
    against their patterns (`gis.code_rules`); each grid in the one village it names; each address
    in exactly one grid; household totals; cameras, sites and addresses without a place or out of
    town; columns that name nothing. Grids are held to the villages' area, and villages to the
    areas of kind town, else to the town's extent where that is not just a box around a file.

    Parameters
    ----------
    layers
        The town.
    gap_width_m
        Mean width up to which uncovered ground is a gap to be closed; wider, it is a hole.
    codes
        Profile of code patterns, "auto" or "none" (`gis.code_rules.choose_rules`).

    Raises
    ------
    LayerMissingError
        If the town has neither villages nor grids.
    ParameterError
        If the width is not above zero, or there is no such profile.

    Examples
    --------
    >>> from gis.layers import conform
    >>> squares = [shapely.box(120.0, 30, 120.0101, 30.01), shapely.box(120.01, 30, 120.02, 30.01)]
    >>> villages = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=squares, crs=4326)
    >>> report = check_town(Layers("town", {"villages": conform(villages, "villages")}))
    >>> report.counts["error"], report.faults["en"].iloc[0]
    (1, 'villages a, b overlap by 10695 m2')
    """
    check_gap_width(gap_width_m)
    if not any(layers.has(layer) for layer in COVERS):
        raise LayerMissingError("the check", COVERS)
    rules = choose_rules(layers, codes)
    outline, known_by = _outline(layers)
    area = outline if outline is not None else _area_of(layers)
    found: list[Found] = []
    for layer in COVERS:
        # Grids are compared with what the villages cover, faults of the villages apart.
        whole = outline if layer == "villages" else _area_of(layers, "villages")
        faults_of = polygon_faults(layers[layer], layer, outline=whole, gap_width_m=gap_width_m)
        found += _without_water(faults_of, layers)
    if area is not None:
        plane = plane_around(np.array([area], dtype=object))
        found += grid_faults(layers, plane, gap_width_m)
        found += position_faults(layers, plane, area)
    away = {fault.codes for fault in found if fault.kind == "out_of_town"}
    found += [
        # Out of town, it is told once.
        fault
        for fault in address_faults(layers)
        if fault.kind != "address_no_grid" or fault.codes not in away
    ]
    found += code_faults(layers, rules)
    found += reference_faults(layers)
    found += household_faults(layers)
    faults = faults_table(found)
    seen = faults["severity"].value_counts()
    counts = {name: int(seen.get(name, 0)) for name in load("checks")["severities"]}
    return CheckReport(faults, counts, rules, known_by, float(gap_width_m))


def _without_water(found: list[Found], layers: Layers) -> list[Found]:
    """Return faults without the holes that are water, which need not belong to any village."""
    holes = [fault for fault in found if fault.kind == "hole"]
    areas = layers["areas"]
    water = shapely.union_all(areas[areas["kind"] == "water"].geometry.to_numpy())
    if not holes or shapely.is_empty(water):
        return found
    shapes = np.array([fault.geometry for fault in holes], dtype=object)
    dry = shapely.area(shapely.difference(shapes, water)) / shapely.area(shapes)
    wet = {id(fault) for fault, share in zip(holes, dry, strict=True) if share <= DRY_SHARE}
    return [fault for fault in found if id(fault) not in wet]


def _outline(layers: Layers) -> tuple[shapely.Geometry | None, str | None]:
    """Return the town's outline and what tells it; an extent may be only the box of some file."""
    areas = layers["areas"]
    own = shapely.union_all(areas[areas["kind"] == "town"].geometry.to_numpy())
    if not shapely.is_empty(own):
        return own, "areas"
    extent = layers.extent
    if extent is None or extent.is_empty or extent.equals(shapely.envelope(extent)):
        return None, None
    return extent, "extent"


def _area_of(layers: Layers, *names: str) -> shapely.Geometry | None:
    """Return the ground under the valid polygons of the first layer that has some."""
    for name in names or COVERS:
        shapes = layers[name].geometry.to_numpy()
        shapes = shapes[~shapely.is_missing(shapes)]
        shapes = shapes[shapely.is_valid(shapes)]
        area = shapely.union_all(shapes)
        if not shapely.is_empty(area):
            return area
    return None


def _kind_name(kind: str, language: str) -> str:
    return str(load("checks")["kinds"][kind]["name_zh"]) if language == "zh" else kind


def _fault(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Return one row of the table as JSON-ready values, without its shape."""
    numbers = {name: row[name] for name in ("area_m2", "width_m", "lon", "lat")}
    return {
        **{name: row[name] for name in ("severity", "kind", "layer")},
        "codes": list(row["codes"]),
        "value": row["value"],
        **{name: None if np.isnan(value) else float(value) for name, value in numbers.items()},
        "what": {"zh": row["zh"], "en": row["en"]},
        "mend": {"zh": row["mend_zh"], "en": row["mend_en"]},
        "give_to": row["give_to"],
    }
