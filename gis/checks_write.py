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
from gis.made_up import marked
from gis.profiles import load
from gis.write import replacing, write_layer

# The layers of check.gpkg.
FAULTS, MENDS = "faults", "mends"
# A cell of a sheet holds 32,767 characters; nobody reads as many codes in one.
_CODES_IN_A_CELL = 200


def write_report(report: CheckReport, folder: Path, document: Mapping[str, Any]) -> list[Path]:
    """Write a report into a folder and return its files; files of an earlier report are replaced.

    Parameters
    ----------
    report
        What was found.
    folder
        Where to; made if it is not there.
    document
        The report as JSON-ready values, with its common head; if that says `made_up`, each row of
        the files has the mark.

    Returns
    -------
    list
        check.xlsx (one row for each fault, without shapes, heads in Chinese and English),
        check.json, check.gpkg (layer
        `faults`, and layer `mends` with what each suggested mend would move and to whom),
        check.geojson and check-mends.geojson (the same two).

    Raises
    ------
    FileMissingError
        If a file cannot be written there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    faults, mends = _for_files(report.faults), _for_files(report.mends)
    if document.get("made_up"):
        faults, mends = marked(faults), marked(mends)
    files = [folder / name for name in ("check.xlsx", "check.json", "check.gpkg")]
    write_layer(_sheet(report, faults), files[0], FAULTS)
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


def _sheet(report: CheckReport, faults: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the table for people: bilingual heads and kinds, and no more codes than one reads."""
    words = load("checks")
    kinds = {kind: f"{rule['name_zh']} {kind}" for kind, rule in words["kinds"].items()}
    layers = {name: f"{word['zh']} {name}" for name, word in words["layers"].items()}
    severities = {name: f"{word} {name}" for name, word in words["severities"].items()}
    table = pd.DataFrame(faults.drop(columns="geometry")).assign(
        severity=faults["severity"].map(severities),
        kind=faults["kind"].map(kinds),
        layer=faults["layer"].map(lambda name: layers.get(name, name)),
        codes=[_codes(codes) for codes in report.faults["codes"]],
        area_m2=faults["area_m2"].round(1),
        width_m=faults["width_m"].round(2),
        lon=faults["lon"].round(6),
        lat=faults["lat"].round(6),
    )
    return table.rename(columns={name: f"{zh} {name}" for name, zh in words["heads"].items()})


def _codes(codes: tuple[str, ...]) -> str:
    more = len(codes) - _CODES_IN_A_CELL
    text = " ".join(codes[:_CODES_IN_A_CELL])
    return f"{text} …… +{more}" if more > 0 else text
