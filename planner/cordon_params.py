"""Numbers of the cordon, and the presets a duty officer can press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from gis.errors import NotFoundError, ParameterError
from gis.modes import check_mode
from gis.profiles import load
from planner.limits import check_limits

EXITS = ("horizon", "town", "both")


@dataclass(frozen=True)
class CordonParams:
    """Numbers of the cordon; their meaning and defaults are in `data/profiles/cordon.toml`.

    Raises
    ------
    ParameterError
        If a number is outside its limits, or a word is none of its vocabulary.

    Examples
    --------
    >>> CordonParams.default(mode="car").horizon_s
    600
    """

    mode: str
    head_start_s: float
    horizon_s: float
    turnout_s: float
    setup_s: float
    exits: str
    seconds: float
    snap_m: float
    collar_s: float

    def __post_init__(self) -> None:
        check_mode(self.mode)
        check_limits(
            self,
            head_start_s=(0, 7200),
            horizon_s=(10, 7200),
            turnout_s=(0, 3600),
            setup_s=(0, 3600),
            seconds=(0.1, 600),
            snap_m=(1, 5000),
            collar_s=(0, 3600),
        )
        if self.exits not in EXITS:
            msg = f"exits must be one of {', '.join(EXITS)}, not {self.exits!r}"
            raise ParameterError(msg)

    @property
    def ring_s(self) -> float:
        """How long the runner has moved when the ring must hold, s; inf for the town's border."""
        return inf if self.exits == "town" else self.head_start_s + self.horizon_s

    @property
    def limit_s(self) -> float:
        """Up to which time of the runner the streets are looked at, s."""
        return self.ring_s + self.collar_s

    @classmethod
    def default(cls, **changes: Any) -> CordonParams:
        """Return the profile's numbers, some of them changed."""
        table = {k: v for k, v in load("cordon").items() if not isinstance(v, (dict, list))}
        return cls(**{**table, **changes})


@dataclass(frozen=True)
class Preset:
    """What is pressed: how the runner moves, since when, and how far the ring lies."""

    id: str
    mode: str
    head_start_s: float
    horizon_s: float
    names: Mapping[str, str]

    def params(self, base: CordonParams | None = None, **changes: Any) -> CordonParams:
        """Return the numbers of this preset, some of them changed.

        Parameters
        ----------
        base
            The numbers of a town, for all that the preset leaves open; None = the profile's own.
        **changes
            What is otherwise.
        """
        own = {
            "mode": self.mode,
            "head_start_s": self.head_start_s,
            "horizon_s": self.horizon_s,
        }
        return replace(base or CordonParams.default(), **{**own, **changes})


def presets() -> tuple[Preset, ...]:
    """Return the presets in the order they are shown.

    Examples
    --------
    >>> presets()[0].id, presets()[0].names["zh"]
    ('foot-now', '步行 · 刚刚')
    """
    return tuple(
        Preset(
            row["id"],
            row["mode"],
            row["head_start_s"],
            row["horizon_s"],
            {"zh": row["zh"], "en": row["en"]},
        )
        for row in load("cordon")["presets"]
    )


def preset(name: str) -> Preset:
    """Return one preset.

    Raises
    ------
    NotFoundError
        If there is none of this name; the message lists those there are.
    """
    found = {one.id: one for one in presets()}
    if name not in found:
        msg = f"no preset {name!r}; there are: {', '.join(found)}"
        raise NotFoundError(msg)
    return found[name]
