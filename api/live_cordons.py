"""Cordons of the last questions, worked out quickly first and for longer where that may help."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from api.cordon import Moment, cordon_base, moment_of, network_now, params_of
from api.incident_source import Source
from api.routes_cordon import Keeper
from api.routes_incidents import Lat, Lon
from planner.cordon import answer
from planner.cordon_params import CordonParams
from planner.cordon_plans import OneMore, one_more
from planner.cordon_posts import units_that_come
from planner.cordon_problem import CordonProblem, best_plan, problem_at
from planner.cordon_town import CordonTown
from planner.duty import state_words
from planner.results_cordon import Cordon
from planner.solvers.cut import SealSolution

# The exact model may take so long before a page is shown, seconds.
QUICK_S = 0.15
KEPT = 24

_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class AskedCordon:
    """A cordon that was asked for and worked out.

    Parameters
    ----------
    problem
        The puzzle; its numbers say for how long it was worked out.
    plan, cordon
        The plan in numbers of the problem, and the answer.
    moment
        When it is asked for.
    """

    problem: CordonProblem
    plan: SealSolution
    cordon: Cordon
    moment: Moment

    @classmethod
    def of(cls, problem: CordonProblem, moment: Moment) -> AskedCordon:
        """Return the cordon of a problem, worked out for as long as its numbers say."""
        plan = best_plan(problem)
        return cls(problem, plan, answer(problem, plan), moment)

    @property
    def params(self) -> CordonParams:
        """What was asked for."""
        return self.problem.params

    def worked_out(self, seconds: float) -> AskedCordon:
        """Return it worked out for longer; itself where there is no better plan to find."""
        if self.cordon.exact or self.params.seconds >= seconds:
            return self
        problem = replace(self.problem, params=replace(self.params, seconds=seconds))
        longer = AskedCordon.of(problem, self.moment)
        if longer.plan.open_weight > self.plan.open_weight:  # other rounds of the search
            return replace(longer, plan=self.plan, cordon=self.cordon)
        return longer

    def one_more(self) -> OneMore:
        """Return what one more unit would change."""
        return one_more(self.problem, self.plan)


class CordonMemory:
    """The cordons that were worked out last; many threads may share it."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, AskedCordon] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> AskedCordon | None:
        """Return what is kept of a question, None if it is not kept."""
        with self._lock:
            return self._found.get(key)

    def keep(self, key: Hashable, found: AskedCordon) -> None:
        """Keep an answer, in place of one that was worked out for less long."""
        with self._lock:
            self._found[key] = found
            self._found.move_to_end(key)
            while len(self._found) > KEPT:
                self._found.popitem(last=False)


def cordon_memory(request: Request) -> CordonMemory:
    """Return what the application that answers keeps."""
    with _lock:
        if not hasattr(request.app.state, "cordon_memory"):
            request.app.state.cordon_memory = CordonMemory()
    memory: CordonMemory = request.app.state.cordon_memory
    return memory


@dataclass(frozen=True)
class CordonQuestion:
    """What a query asks for; `found` works it out."""

    source: Source
    keeper: Keeper
    memory: CordonMemory
    lon: float
    lat: float
    params: CordonParams
    at: str | None

    def found(self, seconds: float) -> AskedCordon:
        """Return the cordon, worked out for so long or longer."""
        ready, source = self.source.town(), self.source
        moment = moment_of(ready.layers, source.store, source.now(), self.at)
        streets = network_now(ready, moment.minute)
        town = self.keeper.town(ready.layers, streets, moment, self.params)
        usual, words = replace(self.params, seconds=QUICK_S), state_words(moment.states)
        key = (id(streets), *self._present(town, moment), self.lon, self.lat, usual)
        kept = self.memory.get(key)
        # A network that is gone may have left its number to another one.
        if kept is None or kept.problem.town.streets is not streets:
            problem = problem_at(
                town, self.lon, self.lat, usual, states=words, minute=moment.minute
            )
            kept = AskedCordon.of(problem, moment)
        kept = kept.worked_out(seconds)
        self.memory.keep(key, kept)
        return kept

    def _present(self, town: CordonTown, moment: Moment) -> tuple[Hashable, ...]:
        """Return who comes, and who stands where, so that a plan holds as long as they do."""
        words, minute = state_words(moment.states), moment.minute
        comes = units_that_come(town.layers, words, minute, self.params)
        at = tuple((state.lon, state.lat) for state in moment.states.values())
        town.seen_by(self.params.mode)
        stand = town.checkpoints(self.params.mode, minute)
        return comes.tobytes(), at, stand.row.tobytes()


def cordon_question(
    lon: Lon,
    lat: Lat,
    source: Source,
    keeper: Keeper,
    memory: Annotated[CordonMemory, Depends(cordon_memory)],
    preset: str | None = None,
    mode: Literal["foot", "ebike", "car"] | None = None,
    head_start_s: float | None = None,
    horizon_s: float | None = None,
    at: str | None = None,
) -> CordonQuestion:
    """Return the cordon that a query asks for."""
    base = cordon_base(source.workspace.params())
    params = params_of(
        preset,
        mode=mode,
        head_start_s=head_start_s,
        horizon_s=horizon_s,
        base=base,
    )
    return CordonQuestion(source, keeper, memory, lon, lat, params, at)


Question = Annotated[CordonQuestion, Depends(cordon_question)]
Seconds = Annotated[float, Query(ge=QUICK_S, le=10)]
