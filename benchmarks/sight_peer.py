"""CGAL's triangular expansion (`pyvispoly`) on the scenes that `benchmarks/sight.py` hands over.

Runs in an environment of its own, which has numpy and pyvispoly and nothing of the project:

    PYTHON benchmarks/sight_peer.py SCENES.npz VIEWS.npz

A scene is the open ground around a camera at 0, 0: rings, the outer one first. Views are written
as rings, with the seconds each took: of the arrangement and the query, and of turning rings into
CGAL's own polygons and back, apart.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pyvispoly as cgal


def main(scenes: str, views: str) -> None:
    given = np.load(scenes)
    xy, ring_end, scene_end = given["xy"], given["ring_end"], given["scene_end"]
    rings = np.split(xy, ring_end[:-1])
    outlines, ends, seconds, turning = [], [], [], []
    first = 0
    for last in scene_end:
        begin = time.process_time()
        outer, *holes = ([cgal.Point(x, y) for x, y in ring.tolist()] for ring in rings[first:last])
        ground = cgal.PolygonWithHoles(cgal.Polygon(outer), [cgal.Polygon(hole) for hole in holes])
        camera = cgal.Point(0.0, 0.0)
        ready = time.process_time()
        seen = cgal.VisibilityPolygonCalculator(ground).compute_visibility_polygon(camera)
        done = time.process_time()
        outline = [(float(point.x()), float(point.y())) for point in seen.boundary()]
        outlines += outline
        ends.append(len(outlines))
        seconds.append(done - ready)
        turning.append(ready - begin + time.process_time() - done)
        first = last
    np.savez(views, xy=np.array(outlines), end=ends, seconds=seconds, turning=turning)


if __name__ == "__main__":
    main(*sys.argv[1:])
