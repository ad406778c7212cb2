"""Cameras: how many of which kind, and lists of those that need something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from maps.report_model import Block, Cell, Column, Number, Said, Section, Table
from maps.report_words import flag, term, told

Document = Mapping[str, Any]
STATES = (
    *("total", "in_use", "repair", "removed", "not_yet", "indoor", "mobile", "no_place"),
    *("no_azimuth", "unsigned", "private", "consent"),
)
COUNTED = ("point_class", "builder", "police_unit")
# So many cameras of each list are on paper; a workbook has every camera.
PAPER_ROWS = 5
# Title of a list to which cameras are in it; those no longer there need nothing.
LISTS: dict[str, Callable[[Document], bool]] = {
    "in_repair": lambda camera: camera["state"] == "repair",
    "no_place": lambda camera: camera["state"] == "no_place",
    "not_networked": lambda camera: camera["networked"] is False,
    "no_sign": lambda camera: camera["sign_posted"] is False,
    "looks_private": lambda camera: bool(camera["private_m2"]),
    "needs_consent": lambda camera: bool(camera["consent"]),
}
GONE = ("removed", "not_yet")
# Columns of the cameras that are numbers: word of the head, unit.
NUMBERS = {
    "azimuth_deg": ("azimuth", "deg"),
    "doubt_deg": ("doubt", "deg"),
    "fov_deg": ("fov", "deg"),
    "range_m": ("range", "m"),
    "near_m": ("near", "m1"),
    "height_m": ("height", "m1"),
    "px_at_1_m": ("px", "px_per_m"),
}


def cameras_section(coverage: Document) -> Section:
    """Return the counts of cameras, the lists of those that need something, and all of them."""
    cameras = coverage["cameras"]
    names = {village["code"]: village["name"] for village in coverage["villages"]}
    totals = coverage["totals"]
    blocks: list[Block] = [_states(totals["cameras"])]
    groups = totals.get("cameras_by") or {}
    blocks += [_counts(name, groups[name]) for name in COUNTED if name in groups]
    there = [camera for camera in cameras if camera["state"] not in GONE]
    areas = {area["code"]: area["name"] or area["code"] for area in coverage["areas"]}
    for name, needs in LISTS.items():
        found = [camera for camera in there if needs(camera)]
        if found:
            blocks.append(_list(name, found, names, areas))
    blocks.append(_all(cameras, names))
    return Section(told("head_cameras"), tuple(blocks))


def _states(counts: Mapping[str, Any]) -> Table:
    columns = (Column(told("state"), 3), Column(told("cameras"), 2, "number"))
    rows: list[tuple[Cell, ...]] = [
        (term("state", state), Number(counts[state])) for state in STATES if state in counts
    ]
    return Table(told("by_state"), columns, rows, told("sheet_summary"))


def _counts(name: str, groups: list[Document]) -> Table:
    """Return how many cameras of each class or owner there are, networked and in service."""
    columns = (
        Column(told(name), 4),
        Column(told("cameras"), 1.4, "number"),
        Column(term("state", "in_use"), 1.4, "number"),
        *(
            Column(told(key), 1.4, "number")
            for key in ("networked", "networked_unknown", "in_service", "in_service_unknown")
        ),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            told("unknown") if group["value"] is None else term(name, group["value"]),
            *(Number(group[key]) for key in ("cameras", "in_use", "networked")),
            *(Number(group[key]) for key in ("networked_unknown", "in_service")),
            Number(group["in_service_unknown"]),
        )
        for group in groups
    ]
    return Table(told(f"by_{name}"), columns, rows, told("sheet_summary"), empty=told("none"))


def _list(
    name: str, cameras: list[Document], villages: Mapping[str, str], areas: Mapping[str, str]
) -> Table:
    columns = [
        Column(told("name"), 3.0),
        Column(told("code"), 3.7),
        Column(told("village"), 2.4),
        Column(told("builder"), 2.6),
        Column(told("police_unit"), 2.4),
    ]
    if name == "looks_private":
        columns += [Column(told("private"), 2.2), Column(told("private_m2"), 1.6, "number")]
    if name == "needs_consent":
        columns.append(Column(told("consent"), 2.2))
    rows = [_list_row(name, camera, villages, areas) for camera in cameras]
    title = told("list_of", title=told(name), n=len(rows))
    return Table(title, tuple(columns), rows, paper_rows=PAPER_ROWS)


def _list_row(
    name: str, camera: Document, villages: Mapping[str, str], areas: Mapping[str, str]
) -> tuple[Cell, ...]:
    row: tuple[Cell, ...] = (
        camera["name"] or "",
        camera["code"],
        villages.get(camera["village"]) or camera["village"],
        term("builder", camera["builder"]),
        camera["police_unit"],
    )
    if name == "looks_private":
        return (
            *row,
            areas.get(camera["private"], camera["private"]),
            Number(camera["private_m2"], "m2"),
        )
    return (
        (*row, areas.get(camera["consent"], camera["consent"])) if name == "needs_consent" else row
    )


def _all(cameras: list[Document], villages: Mapping[str, str]) -> Table:
    """Return every camera with all that is known of its view, for a workbook."""
    reaches = [key for key in (cameras[0] if cameras else {}) if key.startswith("reach_")]
    columns = (
        *(Column(told(key)) for key in ("code", "name", "state", "village")),
        *(Column(told(key)) for key in COUNTED),
        *(Column(told(key)) for key in ("networked", "in_service", "sign")),
        *(Column(told(key), kind="number") for key, _ in NUMBERS.values()),
        *(Column(_reach(key), kind="number") for key in reaches),
        *(Column(told(key), kind="number") for key in ("view_m2", "moved", "private_m2")),
        *(Column(told(key)) for key in ("private", "consent", "past_walls")),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            camera["code"],
            camera["name"],
            term("state", camera["state"]),
            villages.get(camera["village"]) or camera["village"],
            *(term(key, camera[key]) for key in COUNTED),
            *(_flag(camera[key]) for key in ("networked", "in_service", "sign_posted")),
            *(Number(camera[key], unit) for key, (_, unit) in NUMBERS.items()),
            *(Number(camera[key], "m") for key in reaches),
            Number(camera["view_m2"], "m2"),
            Number(camera["moved_m"], "m1"),
            Number(camera["private_m2"], "m2"),
            *(camera[key] for key in ("private", "consent")),
            _flag(camera["past_walls"]),
        )
        for camera in cameras
    ]
    return Table(told("cameras"), columns, rows, told("sheet_cameras"), paper_rows=0)


def _flag(value: Any) -> Said:
    return Said("", "") if value is None else flag(value)


def _reach(key: str) -> Said:
    step = key.removeprefix("reach_").removesuffix("_m")
    return told("reach", step=term("ladder_step", step))
