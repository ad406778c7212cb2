"""Load a file of OpenStreetMap as a networkx graph and print seconds and memory as JSON.

    PYTHON benchmarks/streets_load_peer.py ours|osmnx FILE

A process of its own for each side, as peak memory is that of a process. "ours" wants the project,
"osmnx" an environment with osmnx; loading the libraries is timed on neither side.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(side: str, file: str) -> None:
    if side == "ours":
        from gis.osm import read_osm
        from gis.streets import Streets
    else:
        import osmnx
    idle_mb, begin, cpu = _peak_mb(), time.perf_counter(), time.process_time()
    if side == "ours":
        town = read_osm(Path(file))
        layers = {name: town[name] for name in ("barriers", "restrictions")}
        graph = Streets.build(town["streets"], **layers).graph
    else:
        graph = osmnx.graph_from_xml(file)
    print(
        json.dumps(
            {
                "wall_s": time.perf_counter() - begin,
                "cpu_s": time.process_time() - cpu,
                "peak_mb": _peak_mb(),
                "idle_mb": idle_mb,
                "nodes": graph.number_of_nodes(),
                "edges": graph.number_of_edges(),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
