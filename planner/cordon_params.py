"""Numbers of the cordon, and the presets a duty officer can press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from math import inf
from typing import Any

from gis.errors import NotFoundError, ParameterError
from gis.modes import check_mode
from gis.profiles import load
from planner.cordon_tables import profile_tables, raise_all, table_faults, tables_with
from planner.limits import check_limits
from planner.tiers_tables import check_levels, level_rules

EXITS = ("horizon", "town", "both")


TABLES = tuple(profile_tables())


def _table(name: str) -> Any:
    """Return a field that holds one table of the profile."""
    return field(default_factory=lambda: profile_tables()[name], hash=False, repr=False)


@dataclass(frozen=True)
class CordonParams:
    """Numbers of the cordon; their meaning and defaults are in `data/profiles/cordon.toml`.

    The level of duty and its table are those of the circles (`planner.params.ResponseParams`).

    Raises
    ------
    ParameterError
        If a number is outside its limits, a word is none of its vocabulary, or a table is not as
        it should be; all faults are named at once.

    Examples
    --------
    >>> CordonParams.default(mode="car").horizon_s
    600
    >>> CordonParams.default(speed_ms={"foot": 3}).speed_ms
    {'foot': 3, 'ebike': 8.3}
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
    standby_s: float
    speed_ms: Mapping[str, float] = _table("speed_ms")
    car: Mapping[str, float] = _table("car")
    against_oneway: Mapping[str, bool] = _table("against_oneway")
    barriers_stop: Mapping[str, bool] = _table("barriers_stop")
    never: Mapping[str, Any] = _table("never")
    exit_weight: Mapping[str, float] = _table("exit_weight")
    checkpoints: Mapping[str, Any] = _table("checkpoints")
    presets: tuple[Mapping[str, Any], ...] = _table("presets")
    plans: Mapping[str, Any] = _table("plans")
    level: int = 3
    levels: Mapping[str, Any] = field(
        default_factory=lambda: load("duty_levels"), hash=False, repr=False
    )

    def __post_init__(self) -> None:
        raise_all(
            lambda: check_mode(self.mode),
            self._check_numbers,
            self._check_exits,
            self._check_tables,
            lambda: check_levels(self.levels),
            lambda: level_rules(self.level, self.levels),
        )

    def _check_numbers(self) -> None:
        check_limits(
            self,
            head_start_s=(0, 7200),
            horizon_s=(10, 7200),
            turnout_s=(0, 3600),
            setup_s=(0, 3600),
            seconds=(0.1, 600),
            snap_m=(1, 5000),
            collar_s=(0, 3600),
            standby_s=(0, 3600),
        )

    def _check_exits(self) -> None:
        if self.exits not in EXITS:
            msg = f"exits must be one of {', '.join(EXITS)}, not {self.exits!r}"
            raise ParameterError(msg)

    def _check_tables(self) -> None:
        faults = table_faults(self.tables)
        if faults:
            raise ParameterError("; ".join(faults))

    @property
    def tables(self) -> dict[str, Any]:
        """The tables by name."""
        return {name: getattr(self, name) for name in TABLES}

    def stated(self) -> dict[str, Any]:
        """Return what an answer says it was made with: numbers, the level, tables that differ."""
        usual = {**profile_tables(), "levels": load("duty_levels")}
        return {k: v for k, v in asdict(self).items() if k not in usual or v != usual[k]}

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
        numbers = {k: v for k, v in load("cordon").items() if k not in TABLES}
        return cls(**{**numbers, **changes, **tables_with(changes)})


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


def presets(base: CordonParams | None = None) -> tuple[Preset, ...]:
    """Return the presets of a town in the order they are shown; None = those of the profile.

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
        for row in (load("cordon")["presets"] if base is None else base.presets)
    )


def preset(name: str, base: CordonParams | None = None) -> Preset:
    """Return one preset of a town; None = those of the profile.

    Raises
    ------
    NotFoundError
        If there is none of this name; the message lists those there are.
    """
    found = {one.id: one for one in presets(base)}
    if name not in found:
        msg = f"no preset {name!r}; there are: {', '.join(found)}"
        raise NotFoundError(msg)
    return found[name]
