"""OSRM (`osrm-bindings`) on the points that `benchmarks/travel.py` hands over.

Runs in an environment of its own, a Python 3.12 with osrm-bindings and nothing of the project:

    PYTHON benchmarks/osrm_peer.py FILE.osm.pbf POINTS.json FOLDER

Prepares a contraction hierarchy with OSRM's own profile for cars, then prints as JSON the seconds
of preparing, of the table between all points, and of single routes with geometry. Its speeds and
access rules are its own, so times of travel are not compared.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import osrm

HOME = Path(osrm.__file__).parent


def main(file: str, points: str, folder: str) -> None:
    base = Path(folder) / "town.osm.pbf"
    shutil.copy(file, base)
    begin = time.perf_counter()
    profile = HOME / "share" / "profiles" / "car.lua"
    for step in (["osrm-extract", "-p", str(profile), str(base)], ["osrm-contract", str(base)]):
        subprocess.run(
            [str(HOME / "bin" / step[0]), "-t", "1", *step[1:]],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    prepared_s = time.perf_counter() - begin
    engine = osrm.OSRM(
        storage_config=str(base.with_suffix("").with_suffix(".osrm")),
        algorithm="CH",
        use_shared_memory=False,
        max_locations_distance_table=-1,
    )
    places = [tuple(place) for place in json.loads(Path(points).read_text())]
    begin = time.process_time()
    engine.Table(osrm.TableParameters(coordinates=places))
    table_s = time.process_time() - begin
    pairs = list(pairwise(places))[:50]
    begin = time.process_time()
    for pair in pairs:
        engine.Route(osrm.RouteParameters(coordinates=list(pair), overview="full"))
    route_s = (time.process_time() - begin) / len(pairs)
    print(json.dumps({"prepared_s": prepared_s, "table_s": table_s, "route_s": route_s}))


if __name__ == "__main__":
    main(*sys.argv[1:])
