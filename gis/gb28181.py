"""GB/T 28181 catalogues -> the layer of cameras.

Cameras that move, and what is no camera, are kept out and listed; a camera without coordinates
is listed too. Nothing about persons and no key of a device is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from gis.camera_known import finer_azimuths, kept_finer
from gis.camera_places import coordinates, misplaced, points, together
from gis.errors import FileMissingError, FormatError
from gis.gb28181_items import Items, camera_columns, grouped, read_items, remarks
from gis.gb28181_merge import Merged, Tally, merge
from gis.gb28181_xml import read_messages
from gis.layers import Layers, conform
from gis.profiles import load
from gis.validate import validate


@dataclass(frozen=True, eq=False)
class CatalogueRead:
    """The cameras of a platform's catalogue.

    Parameters
    ----------
    frame
        Layer `cameras`, validated, EPSG:4326, numbered from 1 in the order of first mention; fields
        that the layer does not know are further columns (`ptz_type`, `civil_code`,
        `platform_online`, ...). ON and OFF are a moment's state, so `status` stays blank: an import
        leaves what the town knows of repairs and removals.
    without_place
        Cameras without usable coordinates: the same columns, no geometry, and `reason`.
    wrong_codes
        Items whose code has not 20 digits, as if they were cameras: the same columns and `reason`.
    devices
        What was kept out, those of wrong code included: `code`, `name`, `reason`.
    per_sn
        How whole the messages of each serial number are.
    source
        The files.
    dropped
        Fields left out on purpose: keys of devices, and what may name a person.
    remarks
        Values that say too little or nothing: `code`, `what`.
    warnings
        What else the reader should know.
    """

    frame: gpd.GeoDataFrame = field(repr=False)
    without_place: gpd.GeoDataFrame = field(repr=False)
    wrong_codes: gpd.GeoDataFrame = field(repr=False)
    devices: pd.DataFrame = field(repr=False)
    per_sn: tuple[Tally, ...]
    source: str
    dropped: tuple[str, ...] = ()
    remarks: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of cameras with a place."""
        return len(self.frame)

    @property
    def listed(self) -> gpd.GeoDataFrame:
        """Every camera, also without a place or of wrong code, for `gis.reconcile`."""
        return together(self.frame, self.without_place, self.wrong_codes)

    def left_out(self) -> dict[str, int]:
        """Return how many items were kept out, by reason, and cameras without a place."""
        # What stands in brackets tells one item from another, not one reason from another.
        reasons = self.devices["reason"].str.replace(r" \(.*", "", regex=True)
        counts = {str(reason): int(n) for reason, n in reasons.value_counts().items()}
        without = len(self.without_place)
        return counts | ({"cameras without a place": without} if without else {})

    def summary(self) -> str:
        """Return a few lines: files, cameras, what was kept out, whether messages are missing."""
        lines = [f"{self.source}: {self.rows} cameras"]
        if counts := self.left_out():
            lines.append(f"Left out: {', '.join(f'{n} {what}' for what, n in counts.items())}")
        repeated, gaps = (sum(getattr(t, n) for t in self.per_sn) for n in ("repeated", "gaps"))
        count = sum(tally.messages for tally in self.per_sn)
        lines.append(f"Messages: {count} ({repeated} items repeated, {gaps} missing)")
        if self.dropped:
            lines.append(f"Fields dropped: {', '.join(self.dropped)}")
        return "\n".join([*lines, *self.warnings])

    def document(self) -> dict[str, Any]:
        """Return the report as JSON knows it."""
        return {
            "source": self.source,
            "rows": self.rows,
            "left_out": self.left_out(),
            "devices": self.devices.fillna("").to_dict("records"),
            "without_place": self.without_place[["code", "name", "reason"]]
            .fillna("")
            .to_dict("records"),
            "messages": [vars(tally) for tally in self.per_sn],
            "dropped": list(self.dropped),
            "warnings": list(self.warnings),
        }


def read_catalogue(
    paths: Path | str | Iterable[Path | str],
    *,
    crs: str | None = None,
    profile: str = "gb28181",
    town: Layers | None = None,
) -> CatalogueRead:
    """Return the cameras of a GB/T 28181 catalogue, of either edition.

    Parameters
    ----------
    paths
        An .xml file, several, or a folder of them. Answers that were split over messages and
        files are put together; notifications are applied in the order of the files.
    crs
        What the coordinates are: "wgs84", "cgcs2000", "gcj02", "bd09" or "EPSG:<number>". The
        standard says WGS 84, but platforms do not all keep to it, so it must be said.
    profile
        Table of `data/profiles` that says which field is which column.
    town
        The town's layers, to weigh the coordinates against where `crs` is not said; its cameras
        keep an azimuth that is known more finely (`gis.camera_known`).

    Returns
    -------
    CatalogueRead
        Cameras, and all that was not read as one.

    Raises
    ------
    FileMissingError
        If there is no such file.
    FormatError
        If a file is no XML, damaged, hostile or too large, or no file holds a catalogue.
    DatumUndeclaredError
        If `crs` is None; it holds the evidence.
    ParameterError, CrsError
        If `crs` is not known.
    """
    files = _files([paths] if isinstance(paths, Path | str) else paths)
    source = str(files[0]) if len(files) == 1 else f"{files[0].parent} ({len(files)} files)"
    rules = load(profile)
    messages, others = read_messages(files)
    if not messages:
        msg = f"{source} holds no catalogue: no message of the command Catalog"
        raise FormatError(msg)
    merged = merge(messages, rules["status_events"])
    items = read_items(merged.items, rules)
    listed = items.reasons.isna() | items.wrong
    xy, gone, _ = coordinates(items.cells[listed])
    shapes, doubts = points(xy, crs, source=source, town=town)
    gone = gone.fillna(misplaced(shapes, town))
    cameras = gpd.GeoDataFrame(
        camera_columns(items.read[listed], rules), geometry=shapes.where(gone.isna())
    )
    wrong = items.wrong[listed]
    notes = remarks(items, gone.isna(), rules)
    warnings = [*merged.warnings, *doubts, *grouped(notes)]
    if others:
        warnings.append(f"{others} messages are no catalogue and were passed over")
    if items.unknown:
        warnings.append(f"fields that no table knows were left out: {', '.join(items.unknown)}")
    frame, finer = finer_azimuths(_checked(cameras[gone.isna() & ~wrong], source, town), town)
    warnings += kept_finer(finer)
    return CatalogueRead(
        frame=frame,
        without_place=_told(cameras[gone.notna() & ~wrong], gone),
        wrong_codes=_told(cameras[wrong], items.reasons),
        devices=_devices(items, merged),
        per_sn=merged.tallies,
        source=source,
        dropped=items.dropped,
        remarks=notes,
        warnings=tuple(warnings),
    )


def _checked(cameras: gpd.GeoDataFrame, source: str, town: Layers | None) -> gpd.GeoDataFrame:
    if cameras.empty:  # a platform may list recorders only; that is no fault
        return conform(cameras, "cameras")
    extent = None if town is None else town.extent
    return validate(cameras, "cameras", source=source, extent=extent)


def _told(cameras: gpd.GeoDataFrame, reasons: pd.Series[Any]) -> gpd.GeoDataFrame:
    return conform(cameras, "cameras").assign(reason=reasons[cameras.index])


def _devices(items: Items, merged: Merged) -> pd.DataFrame:
    """Return what was kept out: items that are no standing cameras, and those without a say."""
    out = items.reasons.notna()
    kept_out = items.read[out].reindex(columns=["code", "name"]).assign(reason=items.reasons[out])
    return pd.concat([kept_out, merged.left_out], ignore_index=True).fillna("")


def _files(paths: Iterable[Path | str]) -> list[Path]:
    """Return the files that were named, those of a folder in the order of the numbers in them."""
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = [p for p in path.iterdir() if p.suffix.lower() == ".xml" and p.is_file()]
            if not inside:
                msg = f"{path} holds no .xml file"
                raise FormatError(msg)
            files += sorted(inside, key=_natural)
        elif not path.is_file():
            msg = f"{path}: there is no such file"
            raise FileMissingError(msg)
        elif path.suffix.lower() != ".xml":
            msg = f"{path}: a catalogue is read from .xml, not from {path.suffix!r}"
            raise FormatError(msg)
        else:
            files.append(path)
    if not files:
        msg = "no file of a catalogue was named"
        raise FileMissingError(msg)
    return files


def _natural(path: Path) -> list[tuple[int, str]]:
    parts = re.findall(r"[0-9]+|[^0-9]+", path.name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
