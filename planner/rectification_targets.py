"""Targets that are not met, place by place, for the rectification list."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from gis.profiles import load
from planner.results_targets import Targets


def target_faults(targets: Targets) -> pd.DataFrame:
    """Return one row for each place that keeps a target from being met.

    A target that is met as a whole, that nobody can judge, or that has no threshold asks for
    nothing; those that the profile leaves out are listed by other kinds of fault.

    Parameters
    ----------
    targets
        The answer of the targets.

    Returns
    -------
    DataFrame
        fault, target, layer, code, name, village, unit (station or NaN), zh, en.
    """
    about = load("rectification")["faults"]["target"]
    asked = _asked(targets)
    table = asked[asked["status"] == "not_met"]
    found = targets.failing.merge(
        table[["id", "title_zh", "title_en"]], left_on="target", right_on="id"
    )
    found = found.drop_duplicates(["target", "layer", "code"])
    village = found["code"].where(found["layer"] == "villages", found["village"])
    unit = found["code"].where(found["layer"] == "stations", found["station"])
    words = found.rename(columns={"note_zh": "take_zh", "note_en": "take_en"})
    rows = words.fillna({"take_zh": "", "take_en": ""}).to_dict("records")
    return pd.DataFrame(
        {
            "fault": "target",
            "target": found["target"],
            "layer": found["layer"],
            "code": found["code"],
            "name": found["name"],
            "village": village,
            "unit": unit,
            "zh": [_told(about["text_zh"], row) for row in rows],
            "en": [_told(about["text_en"], row) for row in rows],
        }
    )


def _told(text: str, row: Mapping[Hashable, Any]) -> str:
    """Return the fault in words; nothing is behind its colon where no more is known."""
    return text.format_map(row).rstrip("：: ")


def target_doubts(targets: Targets) -> dict[str, tuple[str, ...]]:
    """Return what nobody can tell today: "target/ID", or "target/ID@PLACE", to what is lacking.

    PLACE is the code of a village or station of which the target cannot be told.

    Parameters
    ----------
    targets
        The answer of the targets.
    """
    asked = _asked(targets)
    lacking = targets.lacking.groupby("target")["zh"].agg(tuple).to_dict()
    unclear = asked.loc[asked["status"] == "cannot_tell", "id"]
    doubts = {f"target/{target}": tuple(lacking.get(target, ())) for target in unclear}
    cards = targets.scorecards
    cards = cards[cards["status"].eq("cannot_tell") & cards["scope"].ne("town")]
    for target, place in zip(cards["target"], cards["code"], strict=True):
        doubts[f"target/{target}@{place}"] = ()
    return doubts


def _asked(targets: Targets) -> pd.DataFrame:
    """Return the targets whose places are listed."""
    left_out = load("rectification")["targets_left_out"].get(targets.profile, [])
    table = targets.targets
    return pd.DataFrame(table[~table["id"].isin(left_out)])
