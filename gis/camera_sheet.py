"""The one-camera-one-file sheet (一机一档) -> the layer of cameras.

Sheets of 27 and of 73 columns, heads in Chinese or by pinyin initials. A sheet can be corrected,
so every value outside its table is a fault of its row; all faults are raised at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import Point

from gis.camera_codes import CODE_DIGITS, parse_codes
from gis.camera_fields import Problems, read_fields, schema_columns
from gis.camera_places import coordinates, points, together
from gis.camera_sheet_cells import SheetCells, plain_head, read_cells
from gis.errors import Fault, ParameterError
from gis.layers import WGS84, Layers, conform
from gis.personal import personal_columns
from gis.profiles import load
from gis.validate import validate

DEFAULT_PROFILE = "1-networked"


@dataclass(frozen=True, eq=False)
class CameraSheetRead:
    """The cameras of a sheet.

    Parameters
    ----------
    frame
        Layer `cameras`, validated, EPSG:4326; index = row of the sheet. Fields that the layer does
        not know are further columns (`ptz_type`, `civil_code`, `picture_faults`, ...), and so are
        columns that no profile knows, under their own names.
    without_place
        Cameras without coordinates or with 0, 0: the same columns, no geometry, and `reason`.
    source
        The file.
    head_row
        Row of the heads.
    columns
        Column of the file to field.
    dropped_columns
        Columns left out on purpose: keys of devices, and what may name a person.
    warnings
        What else the reader should know.
    """

    frame: gpd.GeoDataFrame = field(repr=False)
    without_place: gpd.GeoDataFrame = field(repr=False)
    source: str
    head_row: int
    columns: Mapping[str, str] = field(repr=False)
    dropped_columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of cameras with a place."""
        return len(self.frame)

    @property
    def listed(self) -> gpd.GeoDataFrame:
        """Every camera of the sheet, with a place or without, for `gis.reconcile`."""
        return together(self.frame, self.without_place)

    def left_out(self) -> dict[str, int]:
        """Return what is not in `frame`, by reason."""
        count = len(self.without_place)
        return {"cameras without a place": count} if count else {}

    def summary(self) -> str:
        """Return a few lines: the file, its cameras, what was dropped."""
        lines = [f"{self.source}: {self.rows} cameras, heads in row {self.head_row}"]
        lines += [f"Left out: {count} {what}" for what, count in self.left_out().items()]
        if self.dropped_columns:
            lines.append(f"Columns dropped: {', '.join(self.dropped_columns)}")
        return "\n".join([*lines, *self.warnings])

    def document(self) -> dict[str, Any]:
        """Return the report as JSON knows it."""
        without = self.without_place[["code", "name", "reason"]].fillna("")
        return {
            "source": self.source,
            "rows": self.rows,
            "head_row": self.head_row,
            "columns": dict(self.columns),
            "left_out": self.left_out(),
            "without_place": without.to_dict("records"),
            "dropped_columns": list(self.dropped_columns),
            "warnings": list(self.warnings),
        }


def read_camera_sheet(
    path: Path | str,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    profile: str = DEFAULT_PROFILE,
    town: Layers | None = None,
    check_codes: bool = True,
) -> CameraSheetRead:
    """Return the cameras of a one-camera-one-file sheet.

    Parameters
    ----------
    path
        An .xlsx or .csv file. Rows above the head row are passed over.
    crs
        What the coordinates are: "wgs84", "cgcs2000", "gcj02", "bd09" or "EPSG:<number>". A sheet
        never says, so it must be said.
    encoding
        Of a CSV file; None to find out.
    profile
        How the codes are meant where systems disagree: "1-networked" or "0-networked" says which
        code of 联网属性 (LWSX) means networked (`data/profiles/camera_sheet.toml`).
    town
        The town's other layers, to weigh the coordinates against.
    check_codes
        Whether a code of other than 20 digits is a fault; `gis.reconcile` lists such codes itself.

    Returns
    -------
    CameraSheetRead
        Cameras, and all that was not read as one.

    Raises
    ------
    FileMissingError
        If there is no such file.
    FormatError
        If the file is damaged, of another format, or no camera sheet.
    LayerFaultsError
        If anything is wrong with the rows; it holds every fault, with its row and column.
    DatumUndeclaredError
        If nothing else is wrong and `crs` is None; it holds the evidence.
    ParameterError, CrsError
        If `crs`, `encoding` or `profile` is not known.
    """
    path, rules = Path(path), load("camera_sheet")
    fields = _fields(rules, profile)
    heads = {plain_head(head): name for name, rule in fields.items() for head in rule["heads"]}
    cells = read_cells(
        path, encoding, heads, head_rows=rules["head_rows"], heads_needed=rules["heads_needed"]
    )
    dropped, ignored = _left_out(cells, rules)
    raw = cells.frame.drop(columns=[*dropped, *ignored])
    titles = {name: head for head, name in cells.fields.items() if head in raw}
    texts = raw[list(titles.values())].set_axis(list(titles), axis=1)
    read, problems = read_fields(texts, fields)
    xy, gone, no_numbers = coordinates(texts)
    cameras = _camera_columns(read, rules)
    parts = parse_codes(texts.get("code", pd.Series(None, index=raw.index, dtype="str")))
    if "code" in texts:
        cameras = cameras.assign(code=parts["code"], mobile=_moving(parts))
    others = raw[[head for head in raw if head not in cells.fields]]
    own = others[[head for head in others if head not in cameras]]
    faults = [
        *cells.faults,
        *_absent(titles, cells.head_row),
        *_taken(others, cameras, cells.head_row),
        *_faults(raw.index, titles, [*problems, *no_numbers]),
        *(_code_faults(parts, titles) if check_codes else []),
    ]
    checked, doubts = _checked(
        cameras.join(own.where(own != "")), xy, crs, faults, source=str(path), town=town
    )
    placed = gone.isna()
    without = conform(pd.DataFrame(checked[~placed].drop(columns="geometry")), "cameras")
    warnings = [
        *doubts,
        *_one_valued(texts, titles, fields),
        *_networked(read, texts, profile),
        *_other_devices(parts),
    ]
    if len(own.columns):
        kept = ", ".join(map(str, own))
        warnings.append(f"columns that no profile knows stay under their own names: {kept}")
    return CameraSheetRead(
        checked[placed],
        without.assign(reason=gone[~placed]),
        str(path),
        cells.head_row,
        {head: name for name, head in titles.items()},
        tuple(dropped),
        tuple(warnings),
    )


def _fields(rules: Mapping[str, Any], profile: str) -> dict[str, Mapping[str, Any]]:
    """Return the fields of a sheet, the tables that the profile decides among them."""
    if profile not in rules["profiles"]:
        msg = f"no profile {profile!r} of a camera sheet; there are: {', '.join(rules['profiles'])}"
        raise ParameterError(msg)
    fields: dict[str, Mapping[str, Any]] = dict(rules["fields"])
    for name, table in rules["profiles"][profile].items():
        fields[name] = {**fields[name], "table": table}
    for fault, heads in rules["picture_faults"].items():
        fields[f"picture_{fault}"] = {"heads": heads, "table": "picture_fault"}
    return fields


def _left_out(cells: SheetCells, rules: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the columns that are secret or personal, and those that say nothing."""
    names = [str(name) for name in cells.frame]
    secret, nothing = (set(map(plain_head, rules[k]["heads"])) for k in ("secret", "ignored"))
    personal = set(personal_columns(n for n in names if n not in cells.fields))
    dropped = [name for name in names if plain_head(name) in secret or name in personal]
    return dropped, [name for name in names if plain_head(name) in nothing]


def _absent(titles: Mapping[str, str], head_row: int) -> list[Fault]:
    needed = {"lon": "经度 (JD)", "lat": "纬度 (WD)"}
    return [
        Fault(head_row, name, f"the sheet has no column {head}")
        for name, head in needed.items()
        if name not in titles
    ]


def _taken(others: pd.DataFrame, cameras: pd.DataFrame, head_row: int) -> list[Fault]:
    told = "is the name of a column that other heads fill: rename it"
    return [Fault(head_row, str(head), told) for head in others if head in cameras]


def _code_faults(parts: pd.DataFrame, titles: Mapping[str, str]) -> list[Fault]:
    # That a code is missing is told by the schema.
    told = f"is the code of a region, where a device has {CODE_DIGITS} digits"
    wrong = parts["problem"].mask(parts["region"], told)[parts["code"].notna()].dropna()
    return [Fault(int(r), titles["code"], w) for r, w in zip(wrong.index, wrong, strict=True)]


def _moving(parts: pd.DataFrame) -> pd.Series[Any]:
    """Return True for devices that move by the type in their code, else unknown."""
    moving = parts["type"].isin(load("camera_codes")["code"]["moving"])
    return moving.astype("boolean").where(moving)


def _other_devices(parts: pd.DataFrame) -> list[str]:
    """Return a warning about codes whose type is no camera's."""
    other = parts[~parts["camera"] & parts["type"].notna()]
    kinds = other["type_name"].fillna("type " + other["type"]).value_counts()
    if kinds.empty:
        return []
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    rows = ", ".join(map(str, other.index[:5]))
    return [f"codes that are not of a camera by their type: {counts} (rows {rows}...)"]


def _faults(rows: pd.Index[Any], titles: Mapping[str, str], problems: Problems) -> list[Fault]:
    numbers = rows.tolist()
    return [Fault(numbers[at], titles.get(name, name), what) for at, name, what in problems]


def _camera_columns(read: pd.DataFrame, rules: Mapping[str, Any]) -> pd.DataFrame:
    """Return the fields as columns of the layer, those of one question joined."""
    columns = schema_columns(read.drop(columns=["lon", "lat"], errors="ignore"))
    pictures = {f"picture_{fault}": fault for fault in rules["picture_faults"]}
    told = [name for name in pictures if name in columns]
    if told:
        faulty = (columns[told] == "yes").to_numpy()
        words = np.where(faulty, [pictures[name] for name in told], "").tolist()
        joined = [", ".join(filter(None, row)) or np.nan for row in words]
        joined_column = pd.Series(joined, index=columns.index, dtype="str")
        columns = columns.drop(columns=told).assign(picture_faults=joined_column)
    if {"online_h", "offline_h"} <= set(columns):
        total_h = columns["online_h"] + columns["offline_h"]
        columns["online_share"] = columns["online_h"] / total_h.where(total_h > 0)
    return columns


def _checked(
    cameras: pd.DataFrame,
    xy: pd.DataFrame,
    crs: str | None,
    faults: list[Fault],
    *,
    source: str,
    town: Layers | None,
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the rows validated; those without a place have a stand-in for it."""
    nowhere = pd.DataFrame(np.nan, index=xy.index, columns=["x", "y"])
    shapes, doubts = points(nowhere if crs is None else xy, crs, source=source, town=town)
    known = shapely.get_coordinates(np.asarray(shapes.array, dtype=object))
    stand_in = Point(np.median(known, axis=0)) if len(known) else Point(0, 0)
    filled = [stand_in if shape is None else shape for shape in shapes]
    framed = gpd.GeoDataFrame(cameras, geometry=gpd.GeoSeries(filled, cameras.index, crs=WGS84))
    extent = None if town is None else town.extent
    checked = validate(framed, "cameras", source=source, extent=extent, faults=faults)
    if crs is None:
        points(xy, None, source=source, town=town)
    return checked, doubts


def _one_valued(
    texts: pd.DataFrame, titles: Mapping[str, str], fields: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return a warning about coded columns in which every row says the same."""
    coded = [n for n in texts if "table" in fields[str(n)] and not str(n).startswith("picture_")]
    filled = {str(name): texts[name][texts[name].ne("")] for name in coded}
    alike = [
        f"{titles[name]} = {values.iloc[0]}"
        for name, values in filled.items()
        if len(values) > 1 and values.nunique() == 1
    ]
    if not alike:
        return []
    return [f"columns with one value only, which may say nothing: {', '.join(alike)}"]


def _networked(read: pd.DataFrame, texts: pd.DataFrame, profile: str) -> list[str]:
    """Return a warning about what the codes of 联网属性 were taken to mean."""
    if "networked" not in read or not texts["networked"].str.fullmatch("[0-9]+").any():
        return []
    count, known = int(read["networked"].eq("yes").sum()), int(read["networked"].notna().sum())
    other = "0-networked" if profile == DEFAULT_PROFILE else DEFAULT_PROFILE
    return [
        f"联网属性 was read by the profile {profile}: {count} of {known} cameras are networked; "
        f"systems disagree on this code, and if it is the other way round take {other}"
    ]
