"""Items of a catalogue: which are standing cameras, what they say, and what they fail to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from gis.camera_codes import channels, parse_codes
from gis.camera_fields import Problems, read_fields, schema_columns
from gis.profiles import load

# How many codes a warning names, and how many kinds of remark are told of.
SHOWN_CODES = 5
SHOWN_KINDS = 20


@dataclass(frozen=True, eq=False)
class Items:
    """The items of a catalogue by field, one row each, numbered from 1.

    Parameters
    ----------
    cells
        Fields as text, as they came.
    read
        Fields in their types (`gis.camera_fields`), the code cleaned.
    reasons
        Why an item is no standing camera; missing where it is one.
    wrong
        bool: whether it is none because its code has not 20 digits.
    problems
        Values that could not be read.
    has_contact
        bool: whether somebody to call is named; who, is not read.
    dropped
        Fields left out on purpose that some item has.
    unknown
        Tags that no table knows.
    """

    cells: pd.DataFrame = field(repr=False)
    read: pd.DataFrame = field(repr=False)
    reasons: pd.Series[Any] = field(repr=False)
    wrong: pd.Series[Any] = field(repr=False)
    problems: Problems = field(repr=False)
    has_contact: pd.Series[Any] = field(repr=False)
    dropped: tuple[str, ...]
    unknown: tuple[str, ...]


def read_items(items: Mapping[str, Mapping[str, str]], rules: Mapping[str, Any]) -> Items:
    """Return the items of a catalogue by field, each with why it is no standing camera.

    Parameters
    ----------
    items
        Device code to its tags in lower case -> text (`gis.gb28181_merge.Merged.items`).
    rules
        A profile such as `data/profiles/gb28181.toml`.

    Examples
    --------
    >>> codes = ["33060200001320000001", "33060200001180000002", "330602"]
    >>> found = read_items({code: {"deviceid": code} for code in codes}, load("gb28181"))
    >>> found.reasons.tolist()
    [nan, 'no camera (NVR)', 'region']
    """
    by_tag = {tag.lower(): name for name, rule in rules["fields"].items() for tag in rule["tags"]}
    secret = {tag.lower(): tag for tag in rules["secret"]["tags"]}
    tags = dict.fromkeys(tag for item in items.values() for tag in item)
    rows = [
        {by_tag[tag]: text for tag, text in item.items() if tag in by_tag}
        for item in items.values()
    ]
    there = {by_tag[tag] for tag in tags if tag in by_tag} | {"code"}
    index = pd.RangeIndex(1, len(rows) + 1)
    names = [name for name in rules["fields"] if name in there]
    cells = pd.DataFrame(rows, index=index, columns=names, dtype="str")
    read, problems = read_fields(cells, rules["fields"])
    contact = rules["secret"]["contact"].lower()
    parts = parse_codes(cells["code"])
    return Items(
        cells,
        read.assign(code=parts["code"]),
        _reasons(parts, cells, read),
        parts["problem"].notna(),
        problems,
        pd.Series([contact in item for item in items.values()], index=index, dtype=bool),
        tuple(name for tag, name in secret.items() if tag in tags),
        tuple(tag for tag in tags if tag not in by_tag and tag not in secret),
    )


def camera_columns(read: pd.DataFrame, rules: Mapping[str, Any]) -> pd.DataFrame:
    """Return the fields of cameras as columns of the layer; those that are blank are left out.

    Parameters
    ----------
    read
        Rows of `Items.read`.
    rules
        The profile; it says which network digits count as networked.

    Returns
    -------
    DataFrame
        Same index, without coordinates. `platform_online` is True for ON, False for OFF, VLOST
        and DEFECT; of `status` (in repair, removed) a catalogue says nothing.
    """
    columns = schema_columns(read, resolution_codes=True)
    network = parse_codes(read["code"])["network"]
    known = network.notna() & ~network.isin(rules["reserved_digits"])
    networked = network.isin(rules["networked_digits"]).astype("boolean").where(known)
    columns = columns.assign(networked=networked)
    if "platform_status" in columns:
        online = columns["platform_status"].eq("online").astype("boolean")
        columns["platform_online"] = online.where(columns["platform_status"].notna())
    filled = columns.notna().any() | columns.columns.isin(["code", "name"])
    return columns.loc[:, filled].drop(columns=["lon", "lat"], errors="ignore")


def remarks(items: Items, placed: pd.Series[Any], rules: Mapping[str, Any]) -> pd.DataFrame:
    """Return what is wrong or wanting with cameras, one row a remark.

    Values that could not be read, and what the standard of 2022 asks of points by their class.

    Parameters
    ----------
    items
        All items.
    placed
        bool, for each camera: whether it has usable coordinates.
    rules
        The profile.

    Returns
    -------
    DataFrame
        `code`, `what`.
    """
    codes, kept = items.read["code"].tolist(), items.reasons.isna().tolist()
    tags = {name: rule["tags"][0] for name, rule in rules["fields"].items()}
    found = [
        (codes[at], f"{tags[name]} {problem}") for at, name, problem in items.problems if kept[at]
    ]
    if "point_class" in items.read:
        tags["contact"] = rules["secret"]["contact"]
        has = items.read.notna().assign(contact=items.has_contact, place=placed)
        cameras = items.read[items.reasons.isna()]
        for row, code, point_class in zip(
            cameras.index, cameras["code"], cameras["point_class"], strict=True
        ):
            needed = ["place"] if point_class in rules["rules"]["with_place"] else []
            needed += rules["rules"]["first_class"] if point_class == "1" else []
            found += [
                (code, f"class {point_class} point without {tags.get(name, 'coordinates')}")
                for name in needed
                if name not in has or not has.loc[row, name]
            ]
    return pd.DataFrame(found, columns=["code", "what"], dtype="str")


def grouped(found: pd.DataFrame) -> list[str]:
    """Return one line for each kind of remark, with the first codes it concerns.

    Examples
    --------
    >>> grouped(pd.DataFrame({"code": ["a", "b"], "what": ["no InstallTime"] * 2}))
    ['no InstallTime: 2 cameras (a, b)']
    """
    lines = []
    for what, codes in found.groupby("what", sort=False)["code"]:
        more = f" and {len(codes) - SHOWN_CODES} more" if len(codes) > SHOWN_CODES else ""
        count = f"{len(codes)} camera{'s' if len(codes) != 1 else ''}"
        lines.append(f"{what}: {count} ({', '.join(codes.head(SHOWN_CODES))}{more})")
    left = len(lines) - SHOWN_KINDS
    return lines if left <= 0 else [*lines[:SHOWN_KINDS], f"{left} more kinds of remark"]


def _reasons(parts: pd.DataFrame, cells: pd.DataFrame, read: pd.DataFrame) -> pd.Series[Any]:
    """Return why an item is no standing camera, missing where it is one."""
    moving = parts["type"].isin(load("camera_codes")["code"]["moving"])
    parents = cells.get("parent_id", pd.Series(None, index=cells.index, dtype="str"))
    camera = parts["camera"] | channels(cells["code"], parents)
    kinds = parts["type_name"].fillna("type " + parts["type"])
    reasons = ("no camera (" + kinds + ")").mask(camera)
    if "mobile_device" in read:
        moving |= read["mobile_device"].notna()
        kinds = read["mobile_device"].fillna(kinds)
    reasons = reasons.mask(moving, "moving device (" + kinds + ")")
    reasons = reasons.mask(parts["problem"].notna(), "wrong code (" + parts["problem"] + ")")
    return reasons.mask(parts["region"], "region").astype("str")
