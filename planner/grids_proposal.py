"""What a proposal of grids is: its tables, in words, and as a document."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.results import Assumed, records

SCHEMA = "fengqiao.grids/1"

VILLAGE_COLUMNS = [
    *("code", "name", "grids", "households", "basis", "fewest", "mean", "most"),
    *("within", "possible", "compactness", "along", "note"),
]
GRID_COLUMNS = [
    *("code", "village", "name", "kind", "households", "within", "compactness", "pieces"),
]


@dataclass(frozen=True, eq=False)
class GridProposal:
    """Grids proposed for a town's villages; the town itself is not changed.

    Parameters
    ----------
    low, high
        Households that a grid should have, both allowed.
    seed
        Where the search began.
    grids
        Layer grids, EPSG:4326: code (the village's and three digits, in rows from north to
        south and from west to east in each), village, name, kind "basic", households (NA where
        nothing tells); and further compactness (4 pi area / perimeter**2, 1 for a disc), within
        (households in the range; NA where unknown) and pieces (above 1 only where the village
        itself is in pieces).
    villages
        code, name, grids, households, basis (what these were taken from, a word of
        `planner.grids_households.BASES`), fewest, mean, most (households of a grid), within
        (share of the grids), possible (whether its households can be shared out within the
        range at all), compactness (mean), along (share of the borders between its grids that
        follow streets or water), note.
    totals
        grids, households, fewest, mean, most, within, within_possible (the same share without
        the villages where it is not possible), compactness, along: of all of them.
    town, made_up, revision, attribution
        As the layers say.
    assumed, warnings
        What was taken for granted, and what the reader must know.
    """

    low: int
    high: int
    seed: int
    grids: gpd.GeoDataFrame = field(repr=False)
    villages: pd.DataFrame = field(repr=False)
    totals: dict[str, Any]
    town: str
    made_up: bool
    revision: int
    attribution: tuple[str, ...] = ()
    assumed: tuple[Assumed, ...] = ()
    warnings: tuple[str, ...] = ()

    def summary(self) -> str:
        """Return a line for each village, one for all, and what was taken for granted."""
        rows = records(self.villages, VILLAGE_COLUMNS)
        lines = [_line(f"{row['code']} {row['name'] or ''}".rstrip(), row) for row in rows]
        total = _line(f"All, {self.low} to {self.high} households wanted", self.totals)
        share = self.totals["within_possible"]
        if share != self.totals["within"]:
            total += f"; within {_percent(share)} where the households of the village allow it"
        lines.append(total)
        lines += [f"Assumed {a.layer} {a.column}: {a.value} ({a.rows})" for a in self.assumed]
        return "\n".join([*lines, *self.warnings])

    def document(self) -> dict[str, Any]:
        """Return the proposal as JSON-ready values, as `fengqiao grids propose --json` prints it.

        The shapes are not in it: they go to a file of the layer.
        """
        return {
            "schema": SCHEMA,
            "town": self.town,
            "made_up": self.made_up,
            "revision": self.revision,
            "attribution": list(self.attribution),
            "params": {"low": self.low, "high": self.high, "seed": self.seed},
            "assumed": [asdict(a) for a in self.assumed],
            "warnings": list(self.warnings),
            "totals": self.totals,
            "villages": records(self.villages, VILLAGE_COLUMNS),
            "grids": records(self.grids, GRID_COLUMNS),
        }


def figures(grids: pd.DataFrame) -> dict[str, Any]:
    """Return the figures of some grids as plain values; None where households are unknown.

    Parameters
    ----------
    grids
        Columns households, within, compactness.

    Returns
    -------
    dict
        grids, households, fewest, mean, most, within, compactness.

    Examples
    --------
    >>> one = pd.DataFrame({"households": [400], "within": [True], "compactness": [0.7]})
    >>> figures(one)["mean"], figures(one)["within"]
    (400.0, 1.0)
    """
    held = grids["households"].astype("Int64")
    table = pd.DataFrame(
        {
            "grids": [len(grids)],
            "households": [held.sum(min_count=1)],
            "fewest": [held.min()],
            "mean": [held.mean()],
            "most": [held.max()],
            "within": [grids["within"].astype("boolean").mean()],
            "compactness": [grids["compactness"].mean()],
        }
    )
    return records(table, list(table.columns))[0]


def _line(head: str, row: dict[str, Any]) -> str:
    """Return one line about a village or all of them."""
    text = f"{head}: {row['grids']} grid{'s' if row['grids'] != 1 else ''}"
    if row["fewest"] is not None:
        text += (
            f", households {row['fewest']} to {row['most']}, mean {row['mean']:.0f}, "
            f"within {_percent(row['within'])}"
        )
    text += f", compactness {row['compactness']:.2f}"
    if row["along"] is not None:
        text += f", {_percent(row['along'])} of borders on streets or water"
    return f"{text} ({row['note']})" if row.get("note") else text


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.0%}".replace("%", " %")
