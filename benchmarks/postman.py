"""Sweeps of lattices with missing streets: seconds, the longest walk, and networkx beside it.

    python -P benchmarks/postman.py [--full]

The lattices have 5,000 and 20,000 edges of 30 to 200 m, the depot in the middle and at a corner.
The peer, `networkx.min_weight_matching` over the shortest ways between all odd nodes, finds the
same least length as `planner.solvers.postman_graph.t_join`; it is given some 300 odd nodes, with
`--full` some 600, which takes it more than half an hour.
"""

from __future__ import annotations

import os
import sys
import time

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from planner.solvers.postman import sweep
from planner.solvers.postman_graph import Graph, odd_nodes, t_join

ASKED = (
    "asked: 5,000 edges <= 1 CPU-s, 20,000 <= 2; 5,000 edges with 4 / 8 teams: the longest "
    "<= 1.015 / 1.04 x max(single / teams, farthest round trip); >= 100 x as fast as networkx"
)
SEEDS = (1, 2, 3)


def lattice(size: int, missing: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return edges and lengths of a square lattice in one piece, some of its edges missing."""
    rng = np.random.default_rng(seed)
    at = np.arange(size * size).reshape(size, size)
    across = np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()])
    edges = np.concatenate([across, np.column_stack([at[:-1].ravel(), at[1:].ravel()])])
    net = nx.Graph(edges[rng.random(len(edges)) >= missing].tolist())
    kept = net.subgraph(max(nx.connected_components(net), key=len))
    found = np.array(sorted(tuple(sorted(edge)) for edge in kept.edges), np.int64)
    return found, rng.uniform(30, 200, len(found))


def depots(edges: np.ndarray, size: int) -> dict[str, int]:
    """Return a node in the middle and one at a corner."""
    nodes = np.unique(edges)
    y, x = np.divmod(nodes, size)
    middle = np.hypot(y - size / 2, x - size / 2).argmin()
    return {"middle": int(nodes[middle]), "corner": int(nodes[(x + y).argmin()])}


def walks() -> None:
    """Print seconds and the longest walk for both sizes."""
    print("| edges | depot | teams | CPU-s | longest / bound (worst of the seeds) | together |")
    print("|---" * 6 + "|")
    for size in (56, 113):
        edges, lengths = lattice(size, 0.2, 1)
        for where, depot in depots(edges, size).items():
            for teams in (1, 4, 8):
                spent, over, more = [], [], []
                for seed in SEEDS:
                    begun = time.process_time()
                    found = sweep(edges, lengths, teams=teams, depot=depot, seed=seed)
                    spent.append(time.process_time() - begun)
                    over.append(found.lengths.max() / found.bound)
                    more.append(found.lengths.sum() / found.single)
                print(
                    f"| {len(edges)} | {where} | {teams} | {np.median(spent):.2f} | "
                    f"{max(over):.4f} | {max(more):.4f} |",
                    flush=True,
                )


def peer(size: int) -> None:
    """Print the matching of the odd nodes of a lattice here and by networkx."""
    edges, lengths = lattice(size, 0.2, 1)
    n = int(edges.max()) + 1
    graph = Graph(n, *np.ascontiguousarray(edges.T), lengths, np.zeros(len(edges), bool))
    odd = odd_nodes(graph, np.ones(len(edges), np.int64))
    begun = time.process_time()
    ours = lengths[t_join(graph, odd)].sum()
    spent = time.process_time() - begun
    begun = time.process_time()
    nodes = np.flatnonzero(odd)
    table = csr_array((lengths, edges.T), shape=(n, n))
    far = dijkstra(table, directed=False, indices=nodes)[:, nodes]
    net = nx.Graph()
    net.add_weighted_edges_from((a, b, far[a, b]) for a in range(len(nodes)) for b in range(a))
    theirs = sum(far[a, b] for a, b in nx.min_weight_matching(net))
    theirs_s = time.process_time() - begun
    print(
        f"\n{len(nodes)} odd nodes: {spent * 1000:.1f} ms, {ours:.3f} m; networkx "
        f"{theirs_s:.1f} s, {theirs:.3f} m: {theirs_s / spent:.0f} x as fast"
    )


def main() -> None:
    print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores; {ASKED}\n")
    # Compile before the clock runs.
    edges, lengths = lattice(6, 0.2, 1)
    sweep(edges, lengths, teams=3, depot=int(edges[0, 0]))
    walks()
    peer(38 if "--full" in sys.argv else 26)


if __name__ == "__main__":
    main()
