"""GeoPackages and Shapefiles through GDAL, in a child process that can do no harm.

GDAL opens other files and hosts where a file asks for it, and its drivers are written in C. So
the child has every driver but one switched off, is given copies in a fresh folder under names of
our own, no network settings, and limits on memory, time and what it writes.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.ipc
import pyogrio
import shapely

from gis.errors import FileMissingError, FormatError
from gis.read_gdal_child import ANSWER, RESULT
from gis.read_limits import check_count, limit

# Whole numbers beside blanks stay whole, so that no code passes through a float.
_DTYPES = {
    kind: dtype
    for kinds, dtype in (
        ((pa.int8(), pa.int16(), pa.int32(), pa.int64()), pd.Int64Dtype()),
        ((pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()), pd.UInt64Dtype()),
        ((pa.bool_(),), pd.BooleanDtype()),
    )
    for kind in kinds
}


_KILLED = ("SIGXCPU", "SIGKILL")
_CALLED = {"GPKG": "GeoPackage", "ESRI Shapefile": "Shapefile"}


@dataclass(frozen=True, eq=False)
class GdalRead:
    """What the child read.

    Parameters
    ----------
    frame
        Index = the file's own numbers of its rows; a GeoDataFrame without CRS if the layer has
        geometry.
    crs
        What the file says that its coordinates are, as an authority code or WKT; or None.
    warnings
        What GDAL warned of.
    """

    frame: pd.DataFrame = field(repr=False)
    crs: str | None
    warnings: tuple[str, ...]


def read_through_gdal(
    source: Path, parts: Iterable[Path], driver: str, layer: str | None, *, attributes: bool = True
) -> GdalRead:
    """Return one layer of a file, read by a child process.

    Parameters
    ----------
    source
        The file, for messages.
    parts
        The files that make it, the first being the one to open; copied, and no other is opened.
    driver
        The only driver of GDAL that the child has.
    layer
        Layer to read, if it is there or another is the only one; None for the first.
    attributes
        False to read the geometry alone.

    Raises
    ------
    FormatError
        If the file is damaged, has no such layer, or asks for more than the limits.
    FileMissingError
        If it cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="fengqiao-") as place:
        folder = Path(place)
        copies = _copied(source, parts, folder)
        _run(source, folder, copies[0], driver, layer, attributes)
        answer = _answer(source, folder)
        with pa.OSFile(str(folder / RESULT)) as result:
            table = pyarrow.ipc.open_file(result).read_all()
    check_count(source, table.num_rows, "layer", "rows")
    return GdalRead(_frame(source, table, answer), answer["crs"], tuple(answer["warnings"]))


def _copied(source: Path, parts: Iterable[Path], folder: Path) -> list[Path]:
    copies = []
    for part in parts:
        check_count(source, part.stat().st_size, "child", "input_bytes")
        copy = folder / f"input{part.suffix.lower()}"
        try:
            shutil.copyfile(part, copy)
        except OSError as error:
            msg = f"{part} cannot be read: {error.strerror}"
            raise FileMissingError(msg) from error
        copies.append(copy)
    return copies


def _run(
    source: Path, folder: Path, copy: Path, driver: str, layer: str | None, attributes: bool
) -> None:
    task = {
        "path": str(copy),
        "folder": str(folder),
        "driver": driver,
        "what": _CALLED[driver],
        "layer": layer,
        "attributes": attributes,
        "limits": {
            name: limit("child", name) for name in ("memory_bytes", "cpu_s", "output_bytes")
        },
    }
    command = [sys.executable, "-P", "-m", "gis.read_gdal_child", json.dumps(task)]
    try:
        done = subprocess.run(
            command,
            env=_environment(driver, folder),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limit("child", "wall_s"),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        msg = f"{source} took longer than {limit('child', 'wall_s')} s to read"
        raise FormatError(msg) from error
    if done.returncode:
        # The system ends what works too long, or would, with one of these.
        killed = done.returncode < 0 and signal.Signals(-done.returncode).name in _KILLED
        reason = (
            f"took more than {limit('child', 'cpu_s')} s"
            if killed
            else f"is a damaged {_CALLED[driver]}"
        )
        msg = f"{source} {reason}: reading it ended with code {done.returncode}"
        raise FormatError(msg)


def _environment(driver: str, folder: Path) -> dict[str, str]:
    """Return all that the child knows of its surroundings: no proxies, no settings of a user."""
    return {
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "PYTHONUTF8": "1",
        "HOME": str(folder),
        "GDAL_SKIP": ",".join(name for name in _drivers() if name != driver),
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_PAM_ENABLED": "NO",
        "GDAL_CACHEMAX": "64",
        "GDAL_NUM_THREADS": "1",
        # A name that begins with /vsicurl/ must not even be tried.
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "OGR_SQLITE_PRAGMA": "trusted_schema=OFF",
        "PROJ_NETWORK": "OFF",
        "SHAPE_ENCODING": "",
        "SHAPE_RESTORE_SHX": "YES",
        # Pools that are set aside at the start count as memory.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


@cache
def _drivers() -> tuple[str, ...]:
    return tuple(pyogrio.list_drivers())


def _answer(source: Path, folder: Path) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads((folder / ANSWER).read_text("utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{source} could not be read: nothing came back of it"
        raise FormatError(msg) from error
    if "error" in answer:
        msg = f"{source} {answer['error']}".replace(str(folder), "")
        raise FormatError(msg)
    return answer


def _frame(source: Path, table: pa.Table, answer: dict[str, Any]) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper=_DTYPES.get)
    rows = pd.Index(frame.pop(answer["fid"]).astype("int64"), name="fid")
    frame = frame.set_axis(rows)
    if answer["geometry"] is None:
        return frame
    try:
        shapes = shapely.from_wkb(frame.pop(answer["geometry"]).to_numpy(dtype=object))
    except shapely.errors.ShapelyError as error:
        msg = f"{source} is damaged: {error}"
        raise FormatError(msg) from error
    check_count(source, int(shapely.get_num_coordinates(shapes).sum()), "layer", "vertices")
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=rows))
