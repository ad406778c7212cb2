"""Coverage of the sample town from end to end, and one changed camera scored again.

    python -P benchmarks/coverage.py

Times are of one core once everything is compiled: the best of `RUNS`, by the clock and by the
processor; the load of the machine is printed. One changed camera is the median of several cameras,
with all tables, rates and gaps, and what comes out is compared with a full run.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from gis.sample import make_sample
from planner.assume import complete
from planner.coverage import cover, finish
from planner.params import CoverageParams
from planner.places import prepare_places
from planner.prepared import Prepared, prepare, see
from planner.rescore import rescore
from planner.results_coverage import Coverage
from planner.sights import sight_of

RUNS = 5
CHANGES = 20


def best(name: str, call: Callable[[], Any], runs: int = RUNS) -> Any:
    """Print the quickest of some runs; return what the last one gave."""
    quickest = [float("inf")] * 2
    for _ in range(runs):
        clock, cpu = time.perf_counter(), time.process_time()
        given = call()
        spent = time.perf_counter() - clock, time.process_time() - cpu
        quickest = [min(pair) for pair in zip(quickest, spent, strict=True)]
    print(f"  {name:<40} {quickest[0] * 1000:8.0f} ms {quickest[1] * 1000:8.0f} ms CPU")
    return given


def middle(name: str, calls: Sequence[Callable[[], Any]]) -> None:
    """Print the median of several calls, each by the quickest of some runs."""
    spent = []
    for call in calls:
        times = []
        for _ in range(RUNS):
            clock, cpu = time.perf_counter(), time.process_time()
            call()
            times.append((time.perf_counter() - clock, time.process_time() - cpu))
        spent.append(np.min(times, axis=0))
    clock, cpu = np.median(spent, axis=0) * 1000
    print(f"  {name:<40} {clock:8.0f} ms {cpu:8.0f} ms CPU, median of {len(calls)} cameras")


def again(prepared: Prepared, changed: Any) -> Coverage:
    """Return the coverage after a camera changed."""
    return finish(rescore(prepared, changed))


def same_tables(one: Coverage, other: Coverage) -> bool:
    """Return whether the totals and every table of two answers are the same, bit by bit."""
    names = ("cells", "villages", "areas", "sites", "streets", "cameras", "gaps", "views")
    tables = [getattr(one, name).equals(getattr(other, name)) for name in names]
    return all(tables) and one.totals == other.totals and one.assumed == other.assumed


def main() -> None:
    layers = complete(make_sample()).layers
    params = CoverageParams.default()
    cover(layers, params)  # compiles
    print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores, best of {RUNS}")
    whole = best("cover", lambda: cover(layers, params))
    cells, cameras = len(whole.cells), len(whole.cameras)
    print(f"  {cells} cells, {cameras} cameras, {len(whole.gaps)} gaps; of that:")
    places = best("  what no camera changes", lambda: prepare_places(layers, params))
    views, _ = best("  views", lambda: see(layers, places, params))
    codes = layers["cameras"]["code"].to_numpy(object)
    best("  looks", lambda: sight_of(codes, views, places))
    prepared = prepare(layers, params)
    best("  tables and rates", lambda: finish(prepared))

    random, frame = np.random.default_rng(1), layers["cameras"]
    watching = np.flatnonzero(frame["azimuth_deg"].notna() & ~frame["indoor"])

    def turned(row: int) -> Any:
        changed = frame.iloc[[row]].copy()
        changed["azimuth_deg"] = (changed["azimuth_deg"] + 90) % 360
        return changed

    *many, last = (turned(row) for row in random.choice(watching, CHANGES + 2, replace=False))
    finish(rescore(prepared, many.pop()))  # compiles
    middle("one changed camera, all tables", [partial(again, prepared, one) for one in many])
    after = rescore(prepared, last)
    same = same_tables(finish(after), cover(after.layers, params))
    print(f"  the same numbers as a full run: {'yes' if same else 'NO'}")
    # Linux counts it in kilobytes, of the process as a whole.
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"load {os.getloadavg()[0]:.2f} at the end, peak memory {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
