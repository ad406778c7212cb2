"""Coverage of the sample town from end to end, and one changed camera scored again.

    python -P benchmarks/coverage.py

Times are of one core once everything is compiled: the best of `RUNS`, by the clock and by the
processor; the load of the machine is printed. The numbers after a change are compared with those of
a full run.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from gis.sample import make_sample
from planner.assume import complete
from planner.coverage import cover, finish
from planner.params import CoverageParams
from planner.places import prepare_places
from planner.prepared import prepare, see
from planner.rescore import rates_at_once, rescore
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
    rows = iter(random.choice(watching, CHANGES + 1, replace=False).tolist())

    def turn() -> Any:
        changed = frame.iloc[[next(rows)]].copy()
        changed["azimuth_deg"] = (changed["azimuth_deg"] + 90) % 360
        after[:] = [*after, rescore(prepared, changed)][-RUNS:]
        return rates_at_once(after[-1])

    after: list[Any] = []
    turn()
    finish(after.pop())
    rates = best("one camera turned: cells and rates", turn, CHANGES)
    waiting = iter(after)
    coverage = best("  and all tables, rates and gaps", lambda: finish(next(waiting)))
    full = cover(after[-1].layers, params)
    same = [
        coverage.totals == full.totals,
        coverage.cells.equals(full.cells),
        rates.area_rate == full.totals["area_rate"],
    ]
    print(f"  the same numbers as a full run: {'yes' if all(same) else 'NO'}")
    # Linux counts it in kilobytes, of the process as a whole.
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"load {os.getloadavg()[0]:.2f} at the end, peak memory {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
