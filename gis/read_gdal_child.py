"""The child process of `gis.read_gdal`: sets its own limits, reads one layer, writes it down.

Run as `python -m gis.read_gdal_child TASK` with a JSON object; see `gis.read_gdal`.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import warnings
from pathlib import Path
from typing import Any

# In the task's folder: what was found or what is wrong, and the rows.
ANSWER = "answer.json"
RESULT = "result.arrow"

# Tables that a GeoPackage may leave to a module of SQLite; others open files.
_MODULES = frozenset({"rtree", "rtree_i32", "fts3", "fts4", "fts5"})


def main(task: dict[str, Any]) -> dict[str, Any]:
    """Read one layer, write its rows to `RESULT` and return what goes to `ANSWER`.

    Parameters
    ----------
    task
        path, folder, driver, what, layer, attributes, limits, as `gis.read_gdal` hands them.

    Returns
    -------
    dict
        crs, geometry and fid (names of these columns) and warnings; or error, one clause.
    """
    set_limits(task["limits"])
    # Not needed here, and slow to load.
    without: dict[str, Any] = dict.fromkeys(("pandas", "geopandas"))
    sys.modules.update(without)
    import pyarrow as pa
    import pyarrow.ipc
    import pyogrio

    path = task["path"]
    if [name for name in pyogrio.list_drivers() if name != task["driver"]]:
        return {"error": "is not read: other drivers of GDAL could not be switched off"}
    try:
        if task["driver"] == "GPKG":
            check_modules(path)
        names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        layer = choose(names, task["layer"])
        options: dict[str, Any] = {} if task["attributes"] else {"columns": []}
        meta, table = pyogrio.read_arrow(path, layer=layer, return_fids=True, **options)
        place = str(Path(task["folder"]) / RESULT)
        with pa.OSFile(place, "wb") as sink, pyarrow.ipc.new_file(sink, table.schema) as rows:
            rows.write_table(table)
    except LookupError as error:
        return {"error": error.args[0]}
    except MemoryError:
        return {"error": f"needs more than {task['limits']['memory_bytes']:,} bytes of memory"}
    except Exception as error:  # a damaged file fails in many ways, at any depth
        return {"error": f"is a damaged {task['what']}: {error}"}
    geometry = meta["geometry_name"] or "wkb_geometry"
    return {
        "crs": meta["crs"],
        "geometry": geometry if geometry in table.column_names else None,
        "fid": meta.get("fid_column") or table.column_names[0],
    }


def set_limits(limits: dict[str, int]) -> None:
    """Limit this process: address space, seconds of work, size of a file it writes."""
    if sys.platform == "win32":
        return
    import resource

    for kind, name in (
        (resource.RLIMIT_AS, "memory_bytes"),
        (resource.RLIMIT_CPU, "cpu_s"),
        (resource.RLIMIT_FSIZE, "output_bytes"),
    ):
        resource.setrlimit(kind, (limits[name], limits[name]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_modules(path: str) -> None:
    """Raise if a GeoPackage has a table that a module of SQLite would fetch from elsewhere.

    Raises
    ------
    LookupError
        If it has.
    """
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as base:
        rows = base.execute("SELECT sql FROM sqlite_master WHERE sql LIKE 'create%virtual%'")
        for (sql,) in rows.fetchall():
            module = re.search(r"\busing\s+[\"'`\[]?(\w+)", sql, re.IGNORECASE)
            name = module[1].lower() if module else "unknown"
            if name not in _MODULES:
                msg = f"has a table of the module {name}, which may open other files"
                raise LookupError(msg)


def choose(names: list[str], layer: str | None) -> str:
    """Return the layer to read: the one asked for, or the only one.

    Raises
    ------
    LookupError
        If it is not clear which; the message lists those there are.

    Examples
    --------
    >>> choose(["first"], "cameras"), choose(["first", "cameras"], "cameras")
    ('first', 'cameras')
    """
    if layer in names:
        return str(layer)
    # Tables that programs keep beside the data.
    plain = [name for name in names if name not in ("layer_styles", "fengqiao_export")]
    if len(plain) == 1 or (plain and layer is None):
        return plain[0]
    msg = f"has no layer {layer}; it has: {', '.join(names) or 'none'}"
    raise LookupError(msg)


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer = main(asked)
    answer.setdefault("warnings", [str(warning.message)[:500] for warning in caught[:20]])
    (Path(asked["folder"]) / ANSWER).write_text(json.dumps(answer), encoding="utf-8")
