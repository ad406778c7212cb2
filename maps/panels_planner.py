"""The tree of whoever plans: a target, the places that fail it, the gaps there, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from gis.layers import Layers
from gis.profiles import load
from gis.schema import SCHEMAS
from maps.overlays import feature
from maps.overlays_coverage import gap_title, gap_values, village_names
from maps.overlays_targets import place_key, place_points
from maps.panels import Entry, Item, ItemList
from maps.panels_targets import SIGNS, STATES
from maps.units import each_row, ground, interval, known, length, share_text
from maps.units_targets import limit_text, of_all, span_text
from maps.words import Words
from planner.results_coverage import STEPS, Coverage
from planner.results_targets import Targets

# A degree of latitude, metres; near enough to say which gaps are near.
DEGREE_M = 111_320.0
ANSWERS = {"yes": ("●", "good"), "perhaps": ("□", "plain"), "no": ("▲", "bad")}


@dataclass(frozen=True)
class Lack:
    """What is not known for a target, and the layer whose template asks for it."""

    text: str
    layer: str


@dataclass(frozen=True)
class TreePlace:
    """A place that fails, and the gaps near it."""

    entry: Entry
    gaps: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class TreeTarget:
    """A target with the places that fail it, and what is not known.

    Parameters
    ----------
    entry
        Its title, figures and state.
    state
        Of `maps.panels_targets.STATES`.
    places
        Those that fail, which lack least first.
    more
        How many of them are not written out.
    lacks
        What is not known.
    """

    entry: Entry
    state: str
    places: tuple[TreePlace, ...] = ()
    more: int = 0
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True)
class Tree:
    """The targets by state, the worst first, and what a click on their places shows.

    Parameters
    ----------
    groups
        State, its words, and its targets.
    items
        What a click on a place or a gap shows.
    gap_ids
        Ids of the gaps that it names.
    """

    groups: tuple[tuple[str, str, tuple[TreeTarget, ...]], ...]
    items: tuple[Item, ...] = field(repr=False)
    gap_ids: frozenset[str] = frozenset()


def planner_tree(layers: Layers, targets: Targets, coverage: Coverage | None, say: Words) -> Tree:
    """Return the tree of targets.

    Parameters
    ----------
    layers
        The town.
    targets, coverage
        The answers.
    say
        Words of the page's language.
    """
    near = _gaps_near(layers, targets, coverage)
    made = {row.id: _target(row, targets, near, coverage, say) for row in each_row(targets.targets)}
    groups = tuple(
        (
            state,
            say.term("target", state),
            tuple(one for one in made.values() if one.state == state),
        )
        for state in STATES
    )
    named = frozenset(gap for gaps in near.values() for gap in gaps)
    items = (
        *_place_items(layers, targets, coverage, near, say),
        *(() if coverage is None else _gap_items(coverage, named, near, targets, say)),
    )
    return Tree(tuple(group for group in groups if group[2]), items, named)


def _seen_targets(targets: Targets) -> set[str]:
    """Return the targets that ask whether a camera sees a place: those told step by step."""
    beside = targets.beside[targets.beside["name"].isin(STEPS)]
    return set(beside["target"])


def _gaps_near(
    layers: Layers, targets: Targets, coverage: Coverage | None
) -> dict[tuple[str, str], list[str]]:
    """Return (layer, code) of each place that lacks pictures to the ids of the gaps near it."""
    if coverage is None or not len(coverage.gaps):
        return {}
    table = load("planner")["tree"]
    wanted = _seen_targets(targets)
    rows = targets.failing[targets.failing["target"].isin(wanted)]
    asked = set(zip(rows["layer"], rows["code"], strict=True))
    gaps = coverage.gaps
    lon, lat = gaps["lon"].to_numpy(float), gaps["lat"].to_numpy(float)
    ids = gaps["id"].astype(str).to_numpy()
    found: dict[tuple[str, str], list[str]] = {}
    for key, spot in place_points(layers, targets).items():
        if key in asked:
            east = (lon - spot.x) * DEGREE_M * np.cos(np.radians(spot.y))
            away_m = np.hypot(east, (lat - spot.y) * DEGREE_M)
            order = np.argsort(away_m, kind="stable")[: table["gaps"]]
            found[key] = [str(ids[at]) for at in order if away_m[at] <= table["near_m"]]
    return found


def _target(
    row: Any,
    targets: Targets,
    near: Mapping[tuple[str, str], list[str]],
    coverage: Coverage | None,
    say: Words,
) -> TreeTarget:
    failing = targets.failing[targets.failing["target"] == row.id]
    lacking = targets.lacking[targets.lacking["target"] == row.id]
    seen = row.id in _seen_targets(targets)
    most = load("planner")["tree"]["places"]
    places = tuple(
        TreePlace(_place_entry(one, say), _gap_entries(one, near, coverage, say) if seen else ())
        for one in each_row(failing.head(most))
    )
    lacks = tuple(
        Lack(str(getattr(one, say.lang)), one.layer if one.layer in SCHEMAS else "")
        for one in each_row(lacking)
    )
    return TreeTarget(
        _target_entry(row, len(failing), say), row.status, places, len(failing) - len(places), lacks
    )


def _target_entry(row: Any, failing: int, say: Words) -> Entry:
    value, doubt = span_text(row, say)
    limit = limit_text(row, say)
    parts = [doubt, of_all(row.part, row.whole)]
    parts += [say("target {share}", share=limit)] if limit else []
    note = " · ".join(part for part in parts if part)
    end = say("1 place") if failing == 1 else say("{n} places", n=failing) if failing else ""
    sign, css = SIGNS[row.status]
    title = getattr(row, f"title_{say.lang}")
    return Entry(title, note, value, end, f"target:{row.id}", sign, css)


def _place_entry(row: Any, say: Words) -> Entry:
    name = row.name if known(row.name) and row.name else row.code
    note = getattr(row, f"note_{say.lang}", "")
    return Entry(str(name), note if known(note) else "", key=place_key(row.layer, row.code))


def _gap_entries(
    place: Any,
    near: Mapping[tuple[str, str], list[str]],
    coverage: Coverage | None,
    say: Words,
) -> tuple[Entry, ...]:
    ids = near.get((place.layer, place.code), [])
    if coverage is None or not ids:
        return ()
    rows = {str(row.id): row for row in each_row(coverage.gaps[coverage.gaps["id"].isin(ids)])}
    return tuple(_gap_entry(rows[one], say) for one in ids if one in rows)


def _gap_entry(row: Any, say: Words) -> Entry:
    reason = say.term("reason", row.reason)
    away = ""
    if known(row.distance_m):
        away = say("nearest camera {length}", length=length(row.distance_m, say))
    title = say("Gap {rank}", rank=row.rank)
    return Entry(f"{title} · {reason}", away, ground(row.area_m2, say), key=f"gap:{row.id}")


def _place_items(
    layers: Layers,
    targets: Targets,
    coverage: Coverage | None,
    near: Mapping[tuple[str, str], list[str]],
    say: Words,
) -> list[Item]:
    """Return what a click on each failing place shows: why, how far it got, the gaps near it."""
    sites = {} if coverage is None else {row.code: row for row in each_row(coverage.sites)}
    villages = {} if coverage is None else village_names(coverage)
    titles = targets.targets.set_index("id")[f"title_{say.lang}"]
    made = []
    for (layer, code), rows in targets.failing.groupby(["layer", "code"], sort=False):
        key = place_key(str(layer), str(code))
        if key.startswith(("village:", "station:")):
            continue  # their scorecards are shown
        first = rows.iloc[0]
        name = first["name"] if known(first["name"]) and first["name"] else code
        fails = tuple(
            Entry(titles.get(row.target, row.target), note if known(note) else "",
                  key=f"target:{row.target}", badge="▲", badge_css="bad")
            for row in each_row(rows)
            for note in (getattr(row, f"note_{say.lang}", ""),)
        )  # fmt: skip
        site = sites.get(code) if layer == "sites" else None
        village = first["village"]
        told = [
            (say("Kind"), say.term("layer", str(layer))),
            (say("Number"), str(code)),
            (say("Village"), villages.get(village, village) if known(village) else ""),
        ]
        lists = [ItemList(say("Targets that fail here"), fails)]
        if site is not None:
            told.append((say("Seen"), share_text(interval(site))))
            lists.append(ItemList(say("From record to picture"), _ladder(site, say)))
        if layer == "cameras":
            entry = Entry(say("This camera on the map"), key=f"camera:{code}")
            lists.append(ItemList(say("Camera"), (entry,)))
        gaps = _gap_entries(first, near, coverage, say)
        if gaps:
            lists.append(ItemList(say("Gaps near it, with the reason"), gaps))
        marks = tuple(entry.key for entry in gaps)
        made.append(Item(key, str(name), tuple(told), tuple(lists), marks))
    return made


def _ladder(site: Any, say: Words) -> tuple[Entry, ...]:
    """Return how far a place got from a record to a picture that serves."""
    made = []
    for step in STEPS:
        answer = getattr(site, step, None)
        word = answer if isinstance(answer, str) and answer in ANSWERS else None
        sign, css = ANSWERS[word] if word else ("–", "plain")
        text = say.term("answer", word) if word else say("cannot tell")
        made.append(Entry(say.term("site_step", step), end=text, badge=sign, badge_css=css))
    return tuple(made)


def _gap_items(
    coverage: Coverage,
    named: frozenset[str],
    near: Mapping[tuple[str, str], list[str]],
    targets: Targets,
    say: Words,
) -> list[Item]:
    """Return what a click on a gap shows: its size, its reason, its nearest camera, who fails."""
    at: dict[str, list[Any]] = {}
    first = targets.failing.drop_duplicates(["layer", "code"]).set_index(["layer", "code"])
    for key, ids in near.items():
        for one in ids:
            at.setdefault(one, []).append(key)
    villages, cameras = village_names(coverage), _camera_names(coverage)
    drawn = coverage.gaps.geometry.notna()
    rows = coverage.gaps[coverage.gaps["id"].isin(named) | drawn]
    made = []
    for row in each_row(rows):
        labels = gap_fields(say)
        values = gap_values(row, len(coverage.gaps), villages, say)
        lists = []
        if known(row.nearest_camera):
            code = str(row.nearest_camera)
            entry = Entry(
                cameras.get(code, code), length(row.distance_m, say), key=f"camera:{code}"
            )
            lists.append(ItemList(say("Nearest camera"), (entry,)))
        places = tuple(
            Entry(str(first.loc[key, "name"]), key=place_key(*key))
            for key in at.get(str(row.id), ())
        )
        if places:
            lists.append(ItemList(say("Places near it that fail"), places))
        title = f"{gap_title(row, say)} · {say.term('reason', row.reason)}"
        pairs = tuple(zip(labels, values, strict=True))
        made.append(Item(f"gap:{row.id}", title, pairs, tuple(lists)))
    return made


def gap_fields(say: Words) -> tuple[str, ...]:
    """Return the labels of what is known of a gap, as `gap_values` gives it."""
    return (
        say("Rank"),
        say("Weight"),
        say("Open ground"),
        say("Ground"),
        say("Streets in it"),
        say("Places in it"),
        say("Incidents"),
        say("Village"),
        say("Reason"),
        say("Nearest camera"),
        say("Distance"),
        say("Number"),
    )


def _camera_names(coverage: Coverage) -> dict[str, str]:
    pairs = zip(coverage.cameras["code"], coverage.cameras["name"], strict=True)
    return {str(code): str(name) for code, name in pairs if known(name) and name}


def points_of_gaps(coverage: Coverage, ids: frozenset[str], say: Words) -> list[Any]:
    """Return the gaps of the tree that have no outline as features: a point each."""
    rows = coverage.gaps[coverage.gaps["id"].isin(ids) & coverage.gaps.geometry.isna()]
    return [
        feature(
            shapely.Point(row.lon, row.lat), "cannot_tell", key=f"gap:{row.id}",
            title=f"{gap_title(row, say)} · {say.term('reason', row.reason)}",
        )
        for row in each_row(rows)
    ]  # fmt: skip
