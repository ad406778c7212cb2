"""OR-Tools on a tour problem: guided local search, dropped stops priced at their prize."""

from __future__ import annotations

import time

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from planner.solvers.tours import TourProblem

Routes = list[list[int]]

# By the clock it may take this many times as long, where other work shares the machine.
PATIENCE = 20


def peer_routes(problem: TourProblem, seconds: float) -> Routes:
    """Return the routes OR-Tools finds in so many CPU seconds on one thread.

    Parameters
    ----------
    problem
        One mode, any vehicles; nothing required, everybody allowed everywhere.
    seconds
        CPU time of the thread, from the call on.
    """
    began = time.thread_time()
    vehicles = problem.vehicles
    # A start and an end are nodes of their own, so that they may also lie at one point.
    stops = problem.stops.tolist()
    points = [*stops, *(v.start for v in vehicles), *(v.end for v in vehicles)]
    starts = [len(stops) + k for k in range(len(vehicles))]
    ends = [len(stops) + len(vehicles) + k for k in range(len(vehicles))]
    manager = pywrapcp.RoutingIndexManager(len(points), len(vehicles), starts, ends)
    model = pywrapcp.RoutingModel(manager)
    steps = [
        [int(problem.time[0, a, b] + problem.service[a] * (k < len(stops))) for b in points]
        for k, a in enumerate(points)
    ]
    transit = model.RegisterTransitMatrix(steps)
    model.SetArcCostEvaluatorOfAllVehicles(transit)
    horizon = max(v.latest_return for v in vehicles)
    model.AddDimension(transit, horizon, horizon, False, "time")
    clock = model.GetDimensionOrDie("time")
    travel = sum(v.span for v in vehicles) + 1
    for node, stop in enumerate(stops):
        index = manager.NodeToIndex(node)
        model.AddDisjunction([index], int(problem.prize[stop]) * travel)
        clock.CumulVar(index).SetRange(
            max(int(problem.opens[stop]), 0), min(int(problem.closes[stop]), horizon)
        )
    for k, team in enumerate(vehicles):
        clock.CumulVar(model.Start(k)).SetRange(team.earliest, team.latest)
        clock.CumulVar(model.End(k)).SetRange(team.earliest, team.latest_return)
        clock.SetSpanUpperBoundForVehicle(team.span, k)
    limit = model.solver().CustomLimit(lambda: time.thread_time() - began >= seconds)
    model.AddSearchMonitor(limit)
    options = pywrapcp.DefaultRoutingSearchParameters()
    options.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    options.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    options.time_limit.FromMilliseconds(int(1000 * seconds * PATIENCE))
    found = model.SolveWithParameters(options)
    routes: Routes = []
    for k in range(len(vehicles)):
        route = []
        index = model.Start(k)
        while found and not model.IsEnd(index):
            index = found.Value(model.NextVar(index))
            if not model.IsEnd(index):
                route.append(points[manager.IndexToNode(index)])
        routes.append(route)
    return routes
