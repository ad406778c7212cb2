"""The cameras on file against those on the platform: what is missing, moved, or contradicts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod
from scipy.spatial import cKDTree

from gis.camera_codes import near_codes, parse_codes
from gis.crs import crs_of_frames, to_metres, to_wgs84
from gis.errors import ParameterError
from gis.layers import WGS84
from gis.profiles import load

# A code with a slip of the pen is proposed for a camera no further away than this.
NEAR_M = 100.0

# What each list holds, in the order in which they are shown.
TITLES: Mapping[str, str] = {
    "sheet_only": "on file, not on the platform",
    "platform_only": "on the platform, not on file",
    "moved": "at another place",
    "status": "contradictory status",
    "wrong_codes": "wrong code",
    "names": "another name",
    "near": "perhaps one camera under two codes",
    "matched": "on both",
}

_EARTH = Geod(ellps="WGS84")
_BASE = ["code", "name", "lon", "lat", "what", "sheet_row"]


@dataclass(frozen=True, eq=False)
class Reconciliation:
    """What the sheet and the platform say of each other.

    Every list is a table with at least the columns `code`, `name`, `lon`, `lat` (degrees, of the
    sheet where both know the camera), `what`, which says what is wrong, and `sheet_row`, the row of
    the sheet (missing for what only the platform has).

    Parameters
    ----------
    matched
        Cameras on both, by code; with `distance_m` between the two places.
    sheet_only, platform_only
        Cameras on one of them only. A camera that the sheet says is removed, and the platform has
        not got, is on neither list: the two agree.
    moved
        Cameras whose two places are further apart than `moved_m`; with `distance_m`,
        `bearing_deg` (from the sheet's place to the platform's, clockwise from north),
        `platform_lon`, `platform_lat`.
    status
        Cameras of which the two say what cannot both be.
    wrong_codes
        Codes that are none of a camera, with `source`, and for one on file the `likely_code` that
        the platform has close by, if there is one.
    names
        Cameras of two names, with `platform_name`.
    near
        Pairs of one camera on file and one on the platform whose codes differ by one slip, close
        by: `code` and `platform_code`, `distance_m`.
    sheet_cameras, platform_cameras
        Number of cameras of each; of the sheet without those removed and not on the platform, and
        without rows whose code cannot be compared at all (they are among `wrong_codes`).
    moved_m
        Distance above which a camera counts as moved.
    """

    matched: pd.DataFrame = field(repr=False)
    sheet_only: pd.DataFrame = field(repr=False)
    platform_only: pd.DataFrame = field(repr=False)
    moved: pd.DataFrame = field(repr=False)
    status: pd.DataFrame = field(repr=False)
    wrong_codes: pd.DataFrame = field(repr=False)
    names: pd.DataFrame = field(repr=False)
    near: pd.DataFrame = field(repr=False)
    sheet_cameras: int
    platform_cameras: int
    moved_m: float

    @property
    def on_file_rate(self) -> float | None:
        """Share of the platform's cameras that are on file (建档率); None if it has none."""
        return len(self.matched) / self.platform_cameras if self.platform_cameras else None

    @property
    def on_platform_rate(self) -> float | None:
        """Share of the cameras on file that are on the platform; None if there are none."""
        return len(self.matched) / self.sheet_cameras if self.sheet_cameras else None

    def lists(self) -> dict[str, pd.DataFrame]:
        """Return the lists by name, in the order in which they are shown."""
        return {name: getattr(self, name) for name in TITLES}

    def summary(self) -> str:
        """Return a few lines: the two rates, and the length of each list."""
        rates = [
            f"{'unknown' if rate is None else f'{rate:.1%}'} of {count} cameras {what} "
            f"({len(self.matched)} of {count})"
            for rate, count, what in (
                (self.on_file_rate, self.platform_cameras, "of the platform are on file (建档率)"),
                (self.on_platform_rate, self.sheet_cameras, "on file are on the platform"),
            )
        ]
        counts = []
        for name, frame in self.lists().items():
            counts.append(f"  {len(frame):>6} {TITLES[name]}")
            if name == "status":
                kinds = frame["what"].value_counts(sort=False).items()
                counts += [f"         {count:>6} {what}" for what, count in kinds]
        return "\n".join([*rates, *counts])

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON knows it (`fengqiao.reconcile/1`)."""
        return {
            "schema": "fengqiao.reconcile/1",
            "params": {"moved_m": self.moved_m, "near_m": NEAR_M},
            "on_file_rate": self.on_file_rate,
            "on_platform_rate": self.on_platform_rate,
            "sheet_cameras": self.sheet_cameras,
            "platform_cameras": self.platform_cameras,
            "counts": {name: len(frame) for name, frame in self.lists().items()},
            **{name: _records(frame) for name, frame in self.lists().items()},
        }


def reconcile(
    sheet: gpd.GeoDataFrame, catalogue: gpd.GeoDataFrame, *, moved_m: float = 20.0
) -> Reconciliation:
    """Return the differences between the cameras on file and those on the platform.

    Parameters
    ----------
    sheet, catalogue
        Layer `cameras`; of rows of one code the first counts. A camera without geometry has no
        place to compare. The index of the sheet is what its rows are called. If they are there,
        `platform_online` (flag) of the catalogue tells the state of the moment, and `code_problem`
        (text) why the code of a row is none: such rows are listed and not compared.
    moved_m
        Places further apart are told of, in metres.

    Raises
    ------
    ParameterError
        If `moved_m` is negative or not finite.
    CrsError
        If a frame has no CRS.

    Examples
    --------
    >>> from gis.layers import conform
    >>> at = gpd.points_from_xy([120.7, 120.8], [30.1, 30.1])
    >>> codes = ["33060200001310000001", "33060200001310000002"]
    >>> on_file = conform(gpd.GeoDataFrame({"code": codes}, geometry=at), "cameras")
    >>> platform = conform(gpd.GeoDataFrame({"code": codes[1:]}, geometry=at[:1]), "cameras")
    >>> found = reconcile(on_file, platform)
    >>> found.sheet_only["code"].tolist(), found.moved["distance_m"].round().tolist()
    (['33060200001310000001'], [9639.0])
    >>> found.on_file_rate, found.on_platform_rate
    (1.0, 0.5)
    """
    if not 0 <= moved_m < np.inf:
        msg = f"moved_m must be 0 or more metres, not {moved_m}"
        raise ParameterError(msg)
    rows, theirs = _plain(sheet, rows=True), _once(_plain(catalogue))
    faulty = rows["code_problem"].notna()
    ours = _once(rows[~faulty])
    retired = ours["status"].eq("removed") & ~ours["code"].isin(theirs["code"])
    ours = ours[~retired]
    both = _pairs(ours, theirs)
    sheet_only = ours[~ours["code"].isin(theirs["code"])]
    platform_only = theirs[~theirs["code"].isin(ours["code"])]
    far = both[both["distance_m"] > moved_m]
    renamed = both[_names_differ(both["name"], both["platform_name"])]
    near = _near(sheet_only, platform_only)
    return Reconciliation(
        matched=_told(both, "on file and on the platform", "distance_m"),
        sheet_only=_told(sheet_only, TITLES["sheet_only"]),
        platform_only=_told(platform_only, TITLES["platform_only"]),
        moved=_told(
            far,
            [f"the platform has it {d:.0f} m away" for d in far["distance_m"]],
            *("distance_m", "bearing_deg", "platform_lon", "platform_lat"),
        ),
        status=_contradictions(both),
        wrong_codes=_wrong_codes(pd.concat([ours, rows[faulty]]), theirs, near),
        names=_told(
            renamed,
            [f"the platform calls it {name}" for name in renamed["platform_name"]],
            "platform_name",
        ),
        near=near,
        sheet_cameras=len(ours),
        platform_cameras=len(theirs),
        moved_m=moved_m,
    )


def _plain(frame: gpd.GeoDataFrame, *, rows: bool = False) -> pd.DataFrame:
    """Return what is compared of cameras; `sheet_row` only for those of a sheet."""
    shapes = np.asarray(to_wgs84(frame).geometry.array, dtype=object)
    unknown = pd.Series(pd.NA, index=frame.index, dtype="boolean")
    table = pd.DataFrame(
        {
            "code": frame["code"],
            "name": frame["name"],
            "lon": shapely.get_x(shapes),
            "lat": shapely.get_y(shapes),
            "status": frame["status"],
            "networked": frame["networked"],
            "online": frame.get("platform_online", unknown).astype("boolean"),
            "code_problem": frame.get("code_problem", pd.Series(None, frame.index, dtype="str")),
        }
    )
    return table.assign(
        sheet_row=frame.index if rows else pd.Series(pd.NA, frame.index, dtype="Int64")
    )


def _once(table: pd.DataFrame) -> pd.DataFrame:
    """Return the first row of each code, numbered from 0."""
    return table.drop_duplicates("code").reset_index(drop=True)


def _pairs(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Return the cameras of one code side by side, with how far apart they are."""
    other = theirs.rename(columns=lambda name: name if name == "code" else f"platform_{name}")
    both = ours.merge(other, on="code")
    lon, lat, to_lon, to_lat = both[["lon", "lat", "platform_lon", "platform_lat"]].to_numpy().T
    known = np.isfinite([lon, lat, to_lon, to_lat]).all(axis=0)
    bearing_deg, distance_m = np.full((2, len(both)), np.nan)
    bearing_deg[known], _, distance_m[known] = _EARTH.inv(
        lon[known], lat[known], to_lon[known], to_lat[known]
    )
    return both.assign(distance_m=distance_m, bearing_deg=bearing_deg % 360)


def _contradictions(both: pd.DataFrame) -> pd.DataFrame:
    online = both["platform_online"].eq(True).fillna(False).astype(bool)
    offline = both["platform_online"].eq(False).fillna(False).astype(bool)
    unplugged = both["networked"].eq(False).fillna(False).astype(bool)
    removed, repair, in_use = (both["status"].eq(s) for s in ("removed", "repair", "in_use"))
    cases = {
        "the sheet says removed, the platform has it online": removed & online,
        "the sheet says removed, the platform still lists it": removed & ~online,
        "the sheet says in repair, the platform has it online": repair & online,
        "the sheet says in use, the platform has it offline": in_use & offline,
        "the sheet says not networked, the platform lists it": unplugged & ~removed,
    }
    return pd.concat([_told(both[rows], what) for what, rows in cases.items()], ignore_index=True)


def _wrong_codes(ours: pd.DataFrame, theirs: pd.DataFrame, near: pd.DataFrame) -> pd.DataFrame:
    recorders = load("camera_codes")["code"]["with_channels"]
    found = []
    for source, frame in (("sheet", ours), ("platform", theirs)):
        parts = parse_codes(frame["code"])
        # A channel may carry the type of its recorder, and tables may lack a type.
        other = parts["type_name"].notna() & ~parts["camera"] & ~parts["type"].isin(recorders)
        device = "the code is that of another device: " + parts["type_name"]
        what = parts["problem"].mask(other, device)
        what = what.mask(parts["region"], "the code is that of a region")
        what = frame["code_problem"].fillna(what)
        wrong = what.notna()
        told = _told(frame[wrong], what[wrong].tolist())
        found.append(told.assign(source=source))
    both = pd.concat(found, ignore_index=True)
    likely = both["code"].map(near.set_index("code")["platform_code"])
    return both.assign(likely_code=likely.where(both["source"] == "sheet"))


def _names_differ(names: pd.Series[Any], others: pd.Series[Any]) -> pd.Series[Any]:
    """Return where two names differ by more than blanks, case and width."""
    plain, other = (x.map(_plain_name, na_action="ignore") for x in (names, others))
    return plain.notna() & other.notna() & plain.ne(other)


def _plain_name(name: str) -> str:
    return re.sub(r"[\s_-]+", "", unicodedata.normalize("NFKC", name)).casefold()


def _near(sheet_only: pd.DataFrame, platform_only: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of near-equal codes close by, each camera in one pair at most."""
    ours, theirs = (f[f["lon"].notna()] for f in (sheet_only, platform_only))
    kept: list[tuple[float, int, int, str]] = []
    paired: tuple[set[int], set[int]] = (set(), set())
    for pair in sorted(_slips(ours, theirs)):
        if pair[1] not in paired[0] and pair[2] not in paired[1]:
            kept.append(pair)
            paired[0].add(pair[1])
            paired[1].add(pair[2])
    others = theirs.iloc[[to for _, _, to, _ in kept]]
    what = [f"on file, {slip} on the platform" for *_, slip in kept]
    return _told(ours.iloc[[at for _, at, _, _ in kept]], what).assign(
        platform_code=others["code"].to_numpy(),
        platform_name=others["name"].to_numpy(),
        distance_m=[distance_m for distance_m, *_ in kept],
    )


def _slips(ours: pd.DataFrame, theirs: pd.DataFrame) -> list[tuple[float, int, int, str]]:
    """Return every pair no further apart than `NEAR_M`: metres, two positions, and the slip."""
    if ours.empty or theirs.empty:
        return []
    both = pd.concat([ours, theirs])
    places = gpd.GeoSeries(gpd.points_from_xy(both["lon"], both["lat"], crs=WGS84))
    metric = to_metres(places, crs_of_frames(gpd.GeoDataFrame(geometry=places)))
    xy = metric.get_coordinates().to_numpy()
    ours_m, theirs_m = xy[: len(ours)], xy[len(ours) :]
    codes, others = ours["code"].tolist(), theirs["code"].tolist()
    return [
        (float(np.hypot(*(ours_m[at] - theirs_m[to]))), at, to, slip)
        for at, near in enumerate(cKDTree(theirs_m).query_ball_point(ours_m, NEAR_M))
        for to in near
        if (slip := near_codes(codes[at], others[to])) is not None
    ]


def _told(rows: pd.DataFrame, what: str | list[str], *further: str) -> pd.DataFrame:
    return rows.assign(what=what)[[*_BASE, *further]].reset_index(drop=True)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as JSON knows them: missing is null, places to a centimetre."""
    rounded = frame.round(
        {"lon": 7, "lat": 7, "platform_lon": 7, "platform_lat": 7, "distance_m": 1}
        | {"bearing_deg": 1}
    )
    plain = rounded.astype(object).where(rounded.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]
