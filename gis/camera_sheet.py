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

from gis.camera_codes import parse_codes
from gis.camera_fields import read_fields, schema_columns
from gis.camera_known import finer_azimuths, kept_finer
from gis.camera_places import coordinates, misplaced, points, together
from gis.camera_sheet_cells import SheetCells, plain_head, read_cells
from gis.camera_sheet_remarks import (
    absent,
    code_faults,
    faults_of,
    networked_as,
    one_valued,
    other_devices,
    taken,
    under_heads,
    unread,
    unusable,
    without_marks,
)
from gis.errors import Fault, LayerFaultsError, ParameterError
from gis.layers import WGS84, Layers, conform
from gis.personal import personal_columns
from gis.profiles import load
from gis.validate import validate

# Of the ways to read a code on which systems disagree, the one taken where nobody says.
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
    wrong_codes
        Rows whose code names no camera, where they were not refused: the same columns and `reason`.
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
    wrong_codes: gpd.GeoDataFrame = field(repr=False)
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
        """Every camera of the sheet, also without a place or of wrong code, for `gis.reconcile`.

        Index = row of the sheet; `code_problem` tells why a code names no camera.
        """
        rows = together(self.frame, self.without_place, self.wrong_codes)
        return rows.assign(code_problem=self.wrong_codes["reason"].reindex(rows.index))

    def left_out(self) -> dict[str, int]:
        """Return what is not in `frame`, by reason."""
        counts = {
            "cameras without a place": len(self.without_place),
            "rows whose code names no camera": len(self.wrong_codes),
        }
        return {what: count for what, count in counts.items() if count}

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
    strict: bool = True,
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
        How codes are meant where systems disagree (`data/profiles/camera_sheet.toml`):
        "1-networked" or "0-networked" says which code of 联网属性 (LWSX) means networked, and
        "function-28181" that 摄像机功能类型 (SXJGNLX) has the codes of GB/T 28181-2022; several
        are divided by commas.
    town
        The town's layers, to weigh the coordinates against; its cameras keep an azimuth that is
        known more finely (`gis.camera_known`).
    strict
        Whether anything wrong with a row refuses the sheet, as an import must. `gis.reconcile`
        takes what can be compared: then values that cannot be read are left blank and counted in
        a warning, and codes that are none are listed.

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
    texts, marks = without_marks(texts, titles, fields)
    read, problems = read_fields(texts, fields)
    xy, gone, no_numbers = coordinates(texts)
    cameras = _camera_columns(read, rules)
    parts = parse_codes(texts.get("code", pd.Series(None, index=raw.index, dtype="str")))
    if "code" in texts:
        cameras = cameras.assign(code=parts["code"], mobile=_moving(parts))
    others = raw[[head for head in raw if head not in cells.fields]]
    own = others[[head for head in others if head not in cameras]]
    told = [
        *cells.faults,
        *absent(titles, cells.head_row),
        *taken(others, cameras, cells.head_row),
        *faults_of(raw.index, titles, problems),
        *(faults_of(raw.index, titles, no_numbers) if {"lon", "lat"} <= set(titles) else []),
    ]
    faults = []
    if strict or "code" not in titles:
        faults = [*told, *code_faults(parts, cells.faults, titles)]
    reasons = unusable(parts, cells.faults, titles, strict=strict)
    if crs is None and strict:  # every fault is told before the datum is asked for
        _checked(_nowhere(cameras), titles, faults, str(path), town)
    shapes, doubts = points(xy, crs, source=str(path), town=town)
    if not strict:
        gone = gone.fillna(misplaced(shapes, town))
        shapes = shapes.where(gone.isna())
    whole = gpd.GeoDataFrame(cameras.join(own.where(own != "")), geometry=shapes)
    usable, placed = reasons.isna(), gone.isna()
    # A code that is none is checked as another that no row has, and comes back as it was.
    stand_ins = [f"row {row}" for row in whole.index]
    stood = whole.assign(code=parts["code"].where(usable, stand_ins)) if "code" in titles else whole
    checked = _checked(stood, titles, faults, str(path), town)
    kept, wrong = checked[usable], checked[~usable].assign(code=parts["code"][~usable])
    without = conform(pd.DataFrame(kept[~placed[usable]].drop(columns="geometry")), "cameras")
    frame, finer = finer_azimuths(kept[placed[usable]], town)
    warnings = [
        *doubts,
        *kept_finer(finer),
        *marks,
        *([] if strict else unread(told, titles)),
        *one_valued(texts, titles, fields),
        *networked_as(read, texts, profile),
        *other_devices(parts),
    ]
    if len(own.columns):
        names = ", ".join(map(str, own))
        warnings.append(f"columns that no profile knows stay under their own names: {names}")
    return CameraSheetRead(
        frame,
        without.assign(reason=gone[usable & ~placed]),
        wrong.set_geometry(shapes[~usable]).assign(reason=reasons[~usable]),
        str(path),
        cells.head_row,
        {head: name for name, head in titles.items()},
        tuple(dropped),
        tuple(warnings),
    )


def _nowhere(cameras: pd.DataFrame) -> gpd.GeoDataFrame:
    shapes = np.full(len(cameras), None, dtype=object)
    return gpd.GeoDataFrame(cameras, geometry=gpd.GeoSeries(shapes, cameras.index, crs=WGS84))


def _fields(rules: Mapping[str, Any], profile: str) -> dict[str, Mapping[str, Any]]:
    """Return the fields of a sheet, with the tables that the profiles choose."""
    fields: dict[str, Mapping[str, Any]] = dict(rules["fields"])
    for one in profile.replace(" ", "").split(","):
        if one not in rules["profiles"]:
            known = ", ".join(rules["profiles"])
            msg = f"no profile {one!r} of a camera sheet; there are: {known}"
            raise ParameterError(msg)
        for name, table in rules["profiles"][one].items():
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


def _moving(parts: pd.DataFrame) -> pd.Series[Any]:
    """Return True for devices that move by the type in their code, else unknown."""
    moving = parts["type"].isin(load("camera_codes")["code"]["moving"])
    return moving.astype("boolean").where(moving)


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
    cameras: gpd.GeoDataFrame,
    titles: Mapping[str, str],
    faults: list[Fault],
    source: str,
    town: Layers | None,
) -> gpd.GeoDataFrame:
    """Return rows validated; those without a place have a stand-in for it meanwhile."""
    shapes = np.asarray(cameras.geometry.array, dtype=object)
    known = shapely.get_coordinates(shapes)
    stand_in = Point(np.median(known, axis=0)) if len(known) else Point(0, 0)
    filled = [stand_in if shape is None else shape for shape in shapes]
    framed = cameras.set_geometry(gpd.GeoSeries(filled, cameras.index, crs=WGS84))
    extent = None if town is None else town.extent
    try:
        return validate(framed, "cameras", source=source, extent=extent, faults=faults)
    except LayerFaultsError as error:
        raise LayerFaultsError("cameras", under_heads(error.faults, titles), source) from None
