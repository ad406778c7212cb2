"""What of the way behind matters for the turn ahead: rules over several arcs as states.

A rule forbids some arcs one after the other. Whoever drives is in a state: the longest end of
the way behind that a forbidden row begins with, at the least the last arc alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

State = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class States:
    """The states of each mode.

    Parameters
    ----------
    forbidden
        Mode to forbidden rows of arcs.
    begun
        Mode to the states of two or more arcs.
    """

    forbidden: Mapping[str, frozenset[State]]
    begun: Mapping[str, frozenset[State]]

    def all(self) -> list[State]:
        """Return the states of two or more arcs of any mode, in order."""
        return sorted(set().union(*self.begun.values()))

    def after(self, mode: str, state: State, arc: int) -> State | None:
        """Return the state after one more arc, None if a rule forbids it.

        Examples
        --------
        >>> states = states_of({"car": frozenset({(0, 2, 4), (2, 6)})})
        >>> states.after("car", (0,), 2), states.after("car", (4,), 2)
        ((0, 2), (2,))
        >>> [states.after("car", (0, 2), arc) for arc in (4, 6, 8)]
        [None, None, (8,)]
        """
        way = (*state, arc)
        ends = [way[k:] for k in range(len(way) - 1)]
        if not self.forbidden.get(mode, frozenset()).isdisjoint(ends):
            return None
        begun = self.begun.get(mode, frozenset())
        return next((end for end in ends if end in begun), (arc,))


def states_of(forbidden: Mapping[str, Iterable[State]]) -> States:
    """Return the states that forbidden rows of two or more arcs make.

    Parameters
    ----------
    forbidden
        Mode to rows of arcs.
    """
    rows = {mode: frozenset(own) for mode, own in forbidden.items()}
    begun = {
        mode: frozenset(row[:k] for row in own for k in range(2, len(row)))
        for mode, own in rows.items()
    }
    return States(rows, begun)
