"""A report of faults as files: a table for people, JSON, and map layers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from gis.checks import CheckReport
from gis.write import replacing, write_layer

# The layers of check.gpkg.
FAULTS, MENDS = "faults", "mends"


def write_report(report: CheckReport, folder: Path, document: Mapping[str, Any]) -> list[Path]:
    """Write a report into a folder and return its files; files of an earlier report are replaced.

    Parameters
    ----------
    report
        What was found.
    folder
        Where to; made if it is not there.
    document
        The report as JSON-ready values, with its common head.

    Returns
    -------
    list
        check.xlsx (one row for each fault, without shapes), check.json, check.gpkg (layer
        `faults`, and layer `mends` with what each suggested mend would move and to whom),
        check.geojson and check-mends.geojson (the same two).

    Raises
    ------
    FileMissingError
        If a file cannot be written there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    faults, mends = _for_files(report.faults), _for_files(report.mends)
    table = pd.DataFrame(faults.drop(columns="geometry"))
    files = [folder / name for name in ("check.xlsx", "check.json", "check.gpkg")]
    write_layer(table, files[0], FAULTS)
    with replacing(files[1]) as place:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
        place.write_text(f"{text}\n", encoding="utf-8")
    with replacing(files[2]) as place:
        for name, frame in ((FAULTS, faults), (MENDS, mends)):
            pyogrio.write_dataframe(
                frame, place, layer=name, driver="GPKG", geometry_type="Unknown"
            )
    files.append(write_layer(faults, folder / "check.geojson", FAULTS))
    files.append(write_layer(mends, folder / "check-mends.geojson", MENDS))
    return files


def _for_files(faults: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a table of faults in which every cell is text or a number."""
    columns = {name: faults[name].astype("str") for name in ("value", "give_to")}
    return faults.assign(codes=faults["codes"].map(" ".join).astype("str"), **columns)
