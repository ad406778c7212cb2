"""The rectification list: faults of key sites, of cameras and of targets, until they are mended.

Each kind of fault is a table of `data/profiles/rectification.toml`. At each place it is there,
not there, or nobody can tell: that is never a new fault, and never mends an old one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd

from gis.layers import Layers
from gis.profiles import load
from planner.rectification_places import described
from planner.rectification_targets import target_doubts, target_faults
from planner.results import Missing
from planner.results_coverage import Coverage
from planner.results_rectification import CLOSED, COLUMNS, OPEN, OVERDUE, Rectification, no_items
from planner.results_targets import Targets

# What a fault has before it is an item of the list.
FAULT = (
    *("id", "fault", "target", "layer", "code", "name", "village", "unit"),
    *("lon", "lat", "zh", "en"),
)
NOTE = {"zh": "资料缺失，无法判定是否已整改", "en": "no data to tell whether it is mended"}


@dataclass(frozen=True, eq=False)
class Found:
    """The faults of a town as it is now, and what nobody can tell now.

    Parameters
    ----------
    faults
        One row for each fault, columns `FAULT`, as in `Rectification.items`.
    doubtful
        Ids of faults that may be there or not.
    unjudged
        Kinds of fault that nobody can tell, such as "camera_repair", "target/A2", or
        "target/A2@V3" for one village or station; to the layers or data that are lacking.
    """

    faults: pd.DataFrame = field(repr=False)
    doubtful: frozenset[str] = frozenset()
    unjudged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def summary(self) -> str:
        """Return one line: how many faults there are, and how many nobody can tell."""
        return f"{len(self.faults)} faults, {len(self.doubtful)} places that nobody can tell"

    def missing(self) -> tuple[Missing, ...]:
        """Return the kinds of fault that cannot be looked for, with the layers they lack."""
        kinds = load("rectification")["faults"]
        return tuple(
            Missing(f"list of the fault {kinds[kind]['en']!r}", lacking)
            for kind, lacking in self.unjudged.items()
            if kind in kinds and lacking
        )


def faults(layers: Layers, coverage: Coverage, targets: Targets | None = None) -> Found:
    """Return every fault that the list asks for, with the unit that is responsible.

    Parameters
    ----------
    layers
        The town as it is known.
    coverage, targets
        Its answers; without targets, theirs are not looked for.
    """
    tables = [no_items()[list(FAULT)].drop(columns=["id", "lon", "lat"])]
    doubtful: list[str] = []
    unjudged: dict[str, tuple[str, ...]] = {}
    for kind, check in CHECKS.items():
        about = load("rectification")["faults"][kind]
        lacking = tuple(layers.missing(*about["needs"]))
        if lacking:
            unjudged[kind] = lacking
            continue
        places = _sites(layers, coverage) if about["layer"] == "sites" else coverage.cameras
        there = check(places, about)
        tables.append(_told(kind, about, places[there.eq(True).fillna(False).astype(bool)]))
        doubtful += [f"{kind}/{code}" for code in places.loc[there.isna(), "code"]]
    if targets is None:
        unjudged["target"] = ()
    else:
        tables.append(target_faults(targets))
        unjudged |= target_doubts(targets)
    found = pd.concat(tables, ignore_index=True)
    told = described(found, layers, coverage.villages).assign(id=_ids(found))
    return Found(told[list(FAULT)], frozenset(doubtful), unjudged)


def _sites(layers: Layers, coverage: Coverage) -> pd.DataFrame:
    """Return the key sites that stand, with what is seen of them."""
    sites, layer = coverage.sites, layers["sites"]
    status = sites["code"].map(dict(zip(layer["code"], layer["status"], strict=True)))
    key = sites["area_class"].isin(load("rectification")["area_classes"])
    there = sites[key & (status.isna() | status.eq("built"))]
    return pd.DataFrame(there.drop(columns="geometry")).fillna({"px_per_m": 0.0})


def _unseen(sites: pd.DataFrame, about: Mapping[str, Any]) -> pd.Series[Any]:
    return _is_no(sites["in_view"])


def _coarse(sites: pd.DataFrame, about: Mapping[str, Any]) -> pd.Series[Any]:
    # A site out of view is on the list already.
    return _is_no(sites["at_class"]) & ~_is_no(sites["in_view"]).fillna(False).astype("boolean")


def _is_no(answers: pd.Series[Any]) -> pd.Series[Any]:
    """Return True for no, False for yes, NA for perhaps and for what nobody can tell."""
    return answers.map({"no": True, "yes": False}).astype("boolean")


def _state(cameras: pd.DataFrame, about: Mapping[str, Any]) -> pd.Series[Any]:
    return cameras["state"].isin(about["states"]).astype("boolean")


def _flag_off(column: str) -> Check:
    """Return a check of a flag that should be True."""
    return lambda cameras, about: ~cameras[column].astype("boolean") & _state(cameras, about)


def _looks_into(column: str) -> Check:
    """Return a check of a column with the codes of the areas that a camera looks into."""
    return lambda cameras, about: (
        cameras[column].fillna("").ne("").astype("boolean") & _state(cameras, about)
    )


Check = Callable[[pd.DataFrame, Mapping[str, Any]], "pd.Series[Any]"]
# Kind of fault to what finds it: places and the fault's table to True, False or NA.
CHECKS: Mapping[str, Check] = {
    "site_unseen": _unseen,
    "site_coarse": _coarse,
    "camera_repair": _state,
    "camera_unlinked": _flag_off("networked"),
    "camera_unsigned": _flag_off("sign_posted"),
    "camera_private": _looks_into("private"),
    "camera_consent": _looks_into("consent"),
    "camera_unplaced": _state,
}


def _told(kind: str, about: Mapping[str, Any], places: pd.DataFrame) -> pd.DataFrame:
    """Return the faults of one kind, in words."""
    rows = places.to_dict("records")
    words = {
        lang: [about.get(f"text_{lang}", about[lang]).format_map(row) for row in rows]
        for lang in ("zh", "en")
    }
    blank = pd.Series(None, places.index, dtype="str")
    return pd.DataFrame(
        {
            "fault": kind,
            "target": blank,
            "layer": about["layer"],
            "code": places["code"],
            "name": blank,
            "village": places["village"],
            "unit": places.get("police_unit", blank),
            **words,
        }
    )


def _ids(found: pd.DataFrame) -> list[str]:
    columns = zip(*(found[c] for c in ("fault", "target", "layer", "code")), strict=True)
    return [
        f"target/{target}/{layer}/{code}" if fault == "target" else f"{fault}/{code}"
        for fault, target, layer, code in columns
    ]


def renew(
    previous: Rectification | None, found: Found, today: date, revision: int
) -> Rectification:
    """Return the list as it stands today: old items go on, mended ones close, new ones open.

    An item keeps the day it was opened and the day it is due. It closes by itself on the first
    day on which its fault is found no more, except where nobody can tell: then it stays, and
    says so. A fault that comes back opens its item again, with a new due date, and is counted.

    Parameters
    ----------
    previous
        The list of an earlier day, if there is one.
    found
        The faults of today.
    today
        The day.
    revision
        Change of the town that the faults were found in.
    """
    earlier = no_items() if previous is None else previous.items
    # Another version of the program may have kept other columns.
    before = _by_id(earlier.reindex(columns=list(COLUMNS)))
    now = _by_id(found.faults)
    items = [_found_again(item, before.get(key), today) for key, item in now.items()]
    for key, item in before.items():
        if key not in now:
            items.append(_not_found(item, found, today))
    kept = [item for item in items if not _forgotten(item, today)]
    return Rectification(
        today.isoformat(), revision, _sorted(_frame(kept)), missing=found.missing()
    )


def _by_id(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["id"]: {str(name): row[name] for name in row} for row in table.to_dict("records")}


def _found_again(item: dict[str, Any], old: dict[str, Any] | None, today: date) -> dict[str, Any]:
    """Return an item whose fault is there today."""
    fresh = {**item, "closed": None, "note_zh": None, "note_en": None}
    if old is not None and old["state"] != CLOSED:
        fresh |= {"opened": old["opened"], "due": old["due"], "times": old["times"]}
    else:
        days = load("rectification")["faults"][item["fault"]]["days"]
        fresh["opened"] = today.isoformat()
        fresh["due"] = (today + timedelta(days=days)).isoformat()
        fresh["times"] = 1 if old is None else old["times"] + 1
    return {**fresh, "state": _state_on(fresh["due"], today)}


def _not_found(old: dict[str, Any], found: Found, today: date) -> dict[str, Any]:
    """Return an item whose fault is not found today."""
    if old["state"] == CLOSED:
        return old
    if _doubtful(old, found):
        state = _state_on(old["due"], today)
        return {**old, "state": state, "note_zh": NOTE["zh"], "note_en": NOTE["en"]}
    blank = {"note_zh": None, "note_en": None}
    return {**old, **blank, "state": CLOSED, "closed": today.isoformat()}


def _state_on(due: str, today: date) -> str:
    return OVERDUE if today.isoformat() > due else OPEN


def _doubtful(item: dict[str, Any], found: Found) -> bool:
    """Return whether nobody can tell today if an item is mended."""
    kind = f"target/{item['target']}" if item["fault"] == "target" else item["fault"]
    places = (item["village"], item["code"])
    return (
        item["id"] in found.doubtful
        or item["fault"] in found.unjudged
        or kind in found.unjudged
        or any(f"{kind}@{place}" in found.unjudged for place in places)
    )


def _forgotten(item: dict[str, Any], today: date) -> bool:
    """Return whether an item has been closed for so long that it is dropped."""
    last = today - timedelta(days=load("rectification")["keep_closed_days"])
    return item["state"] == CLOSED and bool(item["closed"] < last.isoformat())


def _frame(items: list[dict[str, Any]]) -> pd.DataFrame:
    columns = {name: [item[name] for item in items] for name in COLUMNS}
    return pd.DataFrame(
        {name: pd.Series(values, dtype=COLUMNS[name]) for name, values in columns.items()}
    )


def _sorted(items: pd.DataFrame) -> pd.DataFrame:
    """Return what is overdue first, then what is open, each by due date; then the closed ones."""
    ranks = {OVERDUE: 0, OPEN: 1, CLOSED: 2}
    kinds = {kind: rank for rank, kind in enumerate(load("rectification")["faults"])}
    order = pd.DataFrame(
        {
            "state": items["state"].map(ranks),
            "due": items["due"].where(items["state"] != CLOSED, ""),
            "kind": items["fault"].map(kinds).fillna(len(kinds)),
            "id": items["id"],
        }
    )
    return items.loc[order.sort_values(list(order.columns)).index].reset_index(drop=True)
