"""The ring over time: which share of the exits is closed as one post after another stands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planner.cordon_problem import CordonProblem
from planner.solvers.cut_reach import reached

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def ring_steps(
    problem: CordonProblem, units: Ints, holds_s: Floats
) -> tuple[tuple[float, float], ...]:
    """Return when the ring closes how far: steps of seconds from now and the share closed then.

    Parameters
    ----------
    problem
        The streets as the runner sees them, and the checkpoints that hold some.
    units, holds_s
        (u,) junctions that units hold, and from when, seconds from now.

    Returns
    -------
    tuple
        (t_s, share) of each step up, the first at 0: share of the exits' weight that cannot be
        reached past the posts standing at t_s. Checkpoints that stop one direction count from the
        first step, which is later than 0 only where such a one needs time. Empty without exits.
    """
    total = float(problem.exits.weight.sum())
    if not total:
        return ()
    points, holds = problem.checkpoints, problem.holds
    by_node = {node: points.from_s(row) for node, row in holds.by_node.items()}
    counted = [node for node in by_node if np.isin(node, problem.nodes)]
    node = problem.local(np.concatenate([units, np.array(counted, dtype=np.int64)]))
    from_s = np.concatenate([holds_s, [by_node[one] for one in counted]])
    first_s = max((points.from_s(row) for row in holds.by_arc.values()), default=0.0)
    k, doors = len(problem.nodes), problem.local(problem.exits.node)
    steps: list[tuple[float, float]] = []
    for now in np.unique(np.append(from_s[from_s > first_s], first_s)).tolist():
        there = reached(problem.tail, problem.head, k + 1, k, node[from_s <= now])
        share = 1 - float(problem.exits.weight[there[doors]].sum()) / total
        if not steps or share > steps[-1][1]:
            steps.append((now, share))
    return tuple(steps)
