"""The rectification list (整改清单): places, their faults, who mends them, and until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from gis.profiles import load
from planner.results import Assumed, Missing, missing_lines, records

OPEN, OVERDUE, CLOSED = "open", "overdue", "closed"
STATES = (OVERDUE, OPEN, CLOSED)

COLUMNS = {
    "id": "str",
    "fault": "str",
    "target": "str",
    "layer": "str",
    "code": "str",
    "name": "str",
    "village": "str",
    "unit": "str",
    "opened": "str",
    "due": "str",
    "closed": "str",
    "state": "str",
    "times": "int64",
    "lon": "float64",
    "lat": "float64",
    "zh": "str",
    "en": "str",
    "note_zh": "str",
    "note_en": "str",
}


@dataclass(frozen=True, eq=False)
class Rectification:
    """What must be mended in the town, as of one day.

    Parameters
    ----------
    today
        The day it holds for, YYYY-MM-DD.
    revision
        Change of the town that it was found in.
    items
        One row for each fault; what is overdue first, then what is open, then what is closed.
        id (kind of fault and place: the same from run to run), fault (a table of
        `data/profiles/rectification.toml`), target (its id where the fault is a target that is
        not met, else NaN), layer, code and name of the place, village (code or NaN), unit
        (who is responsible: name), opened, due and closed (YYYY-MM-DD; closed NaN while it is
        not), state ("overdue", "open", "closed"), times (how often it was opened), lon, lat
        (degrees; NaN where the place has no point), zh, en (the fault in words), note_zh,
        note_en (why it stays open although nobody can see it today, else NaN).
    missing
        Faults that cannot be looked for, and the layers they lack.
    assumed
        What was taken for granted.

    Examples
    --------
    >>> print(Rectification("2026-11-24", 1, no_items()).summary())
    Rectification list on 2026-11-24: 0 to mend, 0 of them overdue, 0 closed
    """

    today: str
    revision: int
    items: pd.DataFrame = field(repr=False)
    missing: tuple[Missing, ...] = ()
    assumed: tuple[Assumed, ...] = ()

    def left(self) -> pd.DataFrame:
        """Return the items that are still to be mended."""
        return self.items[self.items["state"] != CLOSED]

    def summary(self) -> str:
        """Return a few lines a person can read."""
        left = self.left()
        lines = [
            f"Rectification list on {self.today}: {len(left)} to mend, "
            f"{(left['state'] == OVERDUE).sum()} of them overdue, "
            f"{len(self.items) - len(left)} closed"
        ]
        counts = left["fault"].value_counts()
        faults = load("rectification")["faults"]
        lines += [
            f"  {kind}: {counts[kind]} ({about['days']} days)"
            for kind, about in faults.items()
            if kind in counts
        ]
        return "\n".join(lines + missing_lines(self.missing))

    def document(self) -> dict[str, Any]:
        """Return the list as JSON-ready values, as `fengqiao rectification --json` prints it."""
        return {
            "today": self.today,
            "counts": _counts(self.items),
            "faults": [
                {
                    "fault": kind,
                    "zh": about["zh"],
                    "en": about["en"],
                    "days": about["days"],
                    "source": {"zh": about["source_zh"], "en": about["source_en"]},
                    **_counts(self.items[self.items["fault"] == kind]),
                }
                for kind, about in load("rectification")["faults"].items()
            ],
            "units": [
                {"unit": unit, **_counts(rows)}
                for unit, rows in self.items.groupby("unit", sort=True)
            ],
            "items": records(self.items, list(COLUMNS)),
        }


def no_items() -> pd.DataFrame:
    """Return a list without items, with every column in its type."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})


def _counts(items: pd.DataFrame) -> dict[str, int]:
    counts = items["state"].value_counts()
    return {state: int(counts.get(state, 0)) for state in (OPEN, OVERDUE, CLOSED)}
