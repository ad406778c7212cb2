"""What became of the layers a street network was built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class StreetsReport:
    """What became of the layers a network was built from.

    Parameters
    ----------
    nodes, edges, length_m
        Size of the drawing: junctions and ends, edges and their length.
    loose_ends_joined
        Ends of streets moved onto another street.
    barriers_used, barriers_off_streets
        Barriers that keep some mode out, on a street and on none.
    restrictions_used, restrictions_ignored
        Rows of turn restrictions obeyed, and why others are not, with their number.
    repairs
        Kind of repair of the drawing to its number (`gis.noding`).
    turns_priced
        Junctions at which turns cost cars time.
    """

    nodes: int
    edges: int
    length_m: float
    loose_ends_joined: int
    barriers_used: int
    barriers_off_streets: int
    restrictions_used: int
    restrictions_ignored: Mapping[str, int]
    repairs: Mapping[str, int] = field(default_factory=dict)
    turns_priced: int = 0

    def summary(self) -> str:
        """Return one line: size, repairs, what of barriers and restrictions was used."""
        ignored = sum(self.restrictions_ignored.values())
        repaired = "".join(f", {kind} {count}" for kind, count in self.repairs.items())
        priced = f"; turns cost time at {self.turns_priced} junctions" if self.turns_priced else ""
        return (
            f"{self.nodes} junctions, {self.edges} edges, {self.length_m / 1000:.1f} km; "
            f"repairs {sum(self.repairs.values())}{repaired}; "
            f"barriers {self.barriers_used} used, {self.barriers_off_streets} off the streets; "
            f"turn restrictions {self.restrictions_used} used, {ignored} not{priced}"
        )
