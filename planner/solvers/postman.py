"""Every required edge walked by teams that begin and end at one node, the longest walk short.

    postman_graph    the edges as a graph: shortest ways, pieces, matching of odd nodes
    postman_cover    how often each edge is walked, without one-ways
    postman_mixed    the same with one-ways
    postman_split    one walk shared out among teams
    postman_kernels  compiled loops

For one team, edges that may be walked either way, and required ones that hang together with the
depot, the walk is the shortest there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gis.errors import ParameterError
from planner.solvers.postman_cover import MANY, TREES, cover, total
from planner.solvers.postman_graph import Graph, odd_nodes, pieces_of, t_join
from planner.solvers.postman_mixed import cover_mixed, least_mixed
from planner.solvers.postman_split import CLOSE, Base, base_of, even_out, rewalk, share, walk_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Rounds of planning each team's own edges anew and evening out again: one for so many edges, at
# least one and at most so many.
ROUND_EDGES, MOST_ROUNDS = 15_000, 3
# Faulty edges that a message names.
NAMED = 10


@dataclass(frozen=True, eq=False)
class SweepSolution:
    """The walks of all teams.

    Parameters
    ----------
    walks
        For each team the edges in order and 1 where one is walked backwards, (k, 2); closed at
        the depot, empty for a team that is not needed.
    lengths
        Length of each walk, (teams,).
    bound
        What the longest walk cannot be below.
    single
        Length of the walk if one team did it all.
    single_bound
        What that cannot be below; equal to it where it is known to be the shortest.
    """

    walks: tuple[Ints, ...] = field(repr=False)
    lengths: Floats
    bound: float
    single: float
    single_bound: float

    def summary(self) -> str:
        """Return one line: teams, the longest walk, and what it cannot be below."""
        longest = float(self.lengths.max(initial=0.0))
        return (
            f"{len(self.walks)} walks, the longest {longest:.0f} of at least {self.bound:.0f}; "
            f"{self.lengths.sum():.0f} together"
        )


def sweep(
    edges: npt.ArrayLike,
    lengths: npt.ArrayLike,
    *,
    teams: int = 1,
    depot: int = 0,
    required: npt.ArrayLike | None = None,
    oneway: npt.ArrayLike | None = None,
    seed: int = 0,
) -> SweepSolution:
    """Return closed walks from one node that take every required edge at least once.

    Parameters
    ----------
    edges
        Nodes, 0 or more, that each edge joins, (m, 2); parallel edges and loops are fine.
    lengths
        Length of each, 0 or more, (m,).
    teams
        How many walks; their longest is kept short.
    depot
        Node where all begin and end; it may be one where no edge ends.
    required
        Which edges must be walked, (m,) of bool; by default all.
    oneway
        Which edges may be walked from the first to the second node only, (m,) of bool.
    seed
        Of the search; the same seed gives the same walks.

    Returns
    -------
    SweepSolution
        Exact for one team without one-ways if the required edges and the depot hang together, or
        with one-ways only. Otherwise a heuristic (`postman_cover`, `postman_mixed`).

    Raises
    ------
    ParameterError
        If the arrays do not fit together, a number is not one, there is no team, or a required
        edge cannot be walked from the depot and back; all faults are told.

    Examples
    --------
    >>> square = [[0, 1], [1, 2], [2, 3], [3, 0], [0, 2]]
    >>> found = sweep(square, [10, 10, 10, 10, 14])
    >>> found.lengths.tolist(), found.bound
    ([68.0], 68.0)
    >>> sweep([[0, 1], [0, 2]], [5.0, 7.0], teams=2).lengths.tolist()
    [10.0, 14.0]
    """
    graph, wanted = _checked(edges, lengths, teams, depot, required, oneway)
    base = base_of(graph, depot)
    _check_reachable(base, wanted)
    rng = np.random.default_rng(seed)
    walk = _single(graph, depot, wanted, seed)
    single = base.length(walk)
    bound = single if _is_exact(base, wanted) else _single_bound(base, wanted)
    # The same edges added up in another order.
    bound = single if bound >= single * (1 - 1e-9) else bound
    longest = max(bound / teams, _farthest(base, wanted), _away(base, wanted, teams))
    walks = [walk]
    if teams > 1:
        walks = _needed(_shared(base, wanted, walk, teams, longest, rng), wanted)
    return SweepSolution(
        tuple(np.column_stack([arcs >> 1, arcs & 1]) for arcs in walks),
        np.array([base.length(arcs) for arcs in walks]),
        bound if teams == 1 else longest,
        single,
        bound,
    )


def _single(graph: Graph, depot: int, required: Flags, seed: int, trees: int = TREES) -> Ints:
    """Return the arcs of one closed walk over the required edges."""
    if not graph.oneway.any():
        return walk_of(graph, cover(graph, depot, required, seed=seed, trees=trees), depot)
    times = cover_mixed(graph, depot, required)
    return rewalk(graph, np.repeat(np.arange(len(times)), times), depot)


def _is_exact(base: Base, required: Flags) -> bool:
    """Return whether one team's walk is known to be the shortest: one piece, no one-ways."""
    graph = base.graph
    return not graph.oneway.any() and pieces_of(graph, required, base.depot).max() == 0


def _single_bound(base: Base, required: Flags) -> float:
    """Return a length that no closed walk over the required edges can beat."""
    graph, once = base.graph, required.astype(np.int64)
    if not required.any():
        return 0.0
    if graph.oneway.any():
        least = least_mixed(graph, required)
    else:
        least = total(graph, once + t_join(graph, odd_nodes(graph, once)))
    return max(least, total(graph, once) + _first(base, required), _farthest(base, required))


def _first(base: Base, required: Flags) -> float:
    """Return the least length of ways out and back that no required edge is part of."""
    ends = np.unique(np.concatenate([base.graph.tail[required], base.graph.head[required]]))
    return float(base.out.far[ends].min() + base.back.far[ends].min())


def _away(base: Base, required: Flags, teams: int) -> float:
    """Return an equal share of the required edges and the way there and back."""
    if not required.any():
        return 0.0
    return float(base.graph.length @ required) / teams + _first(base, required)


def _farthest(base: Base, required: Flags) -> float:
    """Return the longest of the shortest closed walks over one required edge."""
    graph, far, back = base.graph, base.out.far, base.back.far
    along = far[graph.tail] + graph.length + back[graph.head]
    against = np.where(graph.oneway, np.inf, far[graph.head] + graph.length + back[graph.tail])
    return float(np.minimum(along, against)[required].max(initial=0.0))


def _shared(
    base: Base, required: Flags, walk: Ints, teams: int, bound: float, rng: np.random.Generator
) -> list[Ints]:
    """Return the walks of several teams: shared out, each planned anew, evened out again."""
    walks = share(base, walk, teams, bound, rng)
    best = walks
    for _ in range(min(max(ROUND_EDGES // max(len(base.graph.tail), 1), 1), MOST_ROUNDS)):
        if _longest(base, best) <= bound * (1 + CLOSE):
            break
        walks = even_out(base, _planned_anew(base, required, walks, rng), bound, rng)
        if _longest(base, walks) < _longest(base, best):
            best = walks
    return best


def _longest(base: Base, walks: list[Ints]) -> float:
    return max(base.length(walk) for walk in walks)


def _needed(walks: list[Ints], required: Flags) -> list[Ints]:
    """Return the walks, those empty that take no required edge which others leave out."""
    kept = list(walks)
    for team in range(len(kept)):
        others = np.zeros_like(required)
        others[np.concatenate([*kept[:team], *kept[team + 1 :]]) >> 1] = True
        if others[required].all():
            kept[team] = np.empty(0, np.int64)
    return kept


def _planned_anew(
    base: Base, required: Flags, walks: list[Ints], rng: np.random.Generator
) -> list[Ints]:
    """Return the walks with each team's own edges covered anew where that is shorter.

    An edge that several teams walk is left to the shortest of these walks.
    """
    left, anew = required.copy(), list(walks)
    for team in sorted(range(len(walks)), key=lambda k: base.length(walks[k])):
        own = np.zeros_like(left)
        own[walks[team] >> 1] = True
        own &= left
        left &= ~own
        edges = _around(base, walks[team])
        part = base.graph.part(edges)
        arcs = _single(part, base.depot, own[edges], int(rng.integers(2**31)), trees=0)
        again = 2 * edges[arcs >> 1] + (arcs & 1)
        if base.length(again) < base.length(walks[team]):
            anew[team] = again
    return anew


def _around(base: Base, walk: Ints) -> Ints:
    """Return the edges that a team's ways may use when it is planned anew."""
    graph = base.graph
    if len(graph.tail) <= MANY:
        return np.arange(len(graph.tail))
    passed = np.zeros(graph.n, bool)
    passed[[base.depot, *base.leave[walk].tolist()]] = True
    return np.flatnonzero(passed[graph.tail] & passed[graph.head])


def _checked(
    edges: npt.ArrayLike,
    lengths: npt.ArrayLike,
    teams: int,
    depot: int,
    required: npt.ArrayLike | None,
    oneway: npt.ArrayLike | None,
) -> tuple[Graph, Flags]:
    """Return the graph and the required edges, all faults told at once."""
    ends, length = np.asarray(edges), np.asarray(lengths, np.float64)
    if ends.size == 0:
        ends = np.empty((0, 2), np.int64)
    m = len(length) if length.ndim == 1 else -1
    wanted = np.ones(max(m, 0), bool) if required is None else np.asarray(required)
    single = np.zeros(max(m, 0), bool) if oneway is None else np.asarray(oneway)
    faults = []
    if ends.shape != (m, 2) or ends.dtype.kind not in "iu":
        faults.append(f"edges must be pairs of whole numbers, one for each of {m} lengths")
    elif ends.size and ends.min() < 0:
        faults.append("nodes must be 0 or more")
    if not (np.isfinite(length) & (length >= 0)).all():
        faults.append("lengths must be 0 or more")
    for name, flags in (("required", wanted), ("oneway", single)):
        if flags.shape != (m,) or (flags.dtype != np.bool_ and flags.size):
            faults.append(f"{name} must be true or false for each of {m} edges")
    if teams < 1:
        faults.append(f"teams is {teams}; it must be 1 or more")
    if depot < 0:
        faults.append(f"depot is {depot}; it must be a node, 0 or more")
    if faults:
        msg = f"the sweep cannot be planned: {'; '.join(faults)}"
        raise ParameterError(msg)
    n = max(int(ends.max(initial=-1)), int(depot)) + 1
    tail, head = np.ascontiguousarray(ends.T.astype(np.int64))
    return Graph(n, tail, head, length, single.astype(bool)), wanted.astype(bool)


def _check_reachable(base: Base, required: Flags) -> None:
    """Raise if a required edge cannot be walked from the depot and back."""
    graph, far, back = base.graph, base.out.far, base.back.far
    there = np.isfinite(far[graph.tail]) & np.isfinite(back[graph.head])
    lost = np.flatnonzero(required & ~there)
    if len(lost):
        named = ", ".join(map(str, lost[:NAMED].tolist()))
        more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
        msg = (
            f"{len(lost)} required edges cannot be walked from node {base.depot} and back: "
            f"edges {named}{more}"
        )
        raise ParameterError(msg)
