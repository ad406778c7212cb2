"""Every tunable number: one frozen dataclass a part, checked when made.

The defaults and their reasons are the tables of `data/profiles/`; a town changes single numbers
in its `fengqiao.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from gis.errors import ParameterError
from gis.modes import walking_ms
from gis.profiles import load
from gis.time_profiles import check_traffic
from planner.cordon_params import CordonParams
from planner.grounds import check_grounds
from planner.limits import check_limits, overlaid
from planner.patrol_params import PatrolParams
from planner.tiers_tables import at_once, check_levels, check_tiers, level_rules
from planner.week import minute_of

__all__ = ["CoverageParams", "Params", "PatrolParams", "ResponseParams"]

# Numbers of the gaps' weight that are no class of place.
_GAP_NUMBERS = (
    *("street_per_100_m", "ground_per_ha", "per_incident"),
    *("doubt_factor", "linked_factor"),
)


@dataclass(frozen=True)
class CoverageParams:
    """Numbers of coverage; their meaning and defaults are in `data/profiles/coverage.toml`.

    Raises
    ------
    ParameterError
        If a number is outside its limits; all of them are named at once.

    Examples
    --------
    >>> CoverageParams.default().resolution
    12
    """

    resolution: int
    max_cells: int
    ladder: str
    picture_class: str
    site_class: str
    target_height_m: float
    in_service_share: float
    site_margin_m: float
    site_seen_share: float
    near_camera_m: float
    cameras_per_village: int
    street_sample_m: float
    arm_m: float
    arm_sample_m: float
    gap_share: float
    gap_parent: int
    gap_outlines: int
    least_total: int
    class_weight: Mapping[str, float]
    street_per_100_m: float
    ground_per_ha: float
    per_incident: float
    doubt_factor: float
    linked_factor: float

    def __post_init__(self) -> None:
        check_limits(
            self,
            resolution=(0, 14),
            max_cells=(1, 20_000_000),
            target_height_m=(0, 10),
            in_service_share=(0, 1),
            site_margin_m=(0, 200),
            site_seen_share=(0, 1),
            near_camera_m=(0, 1000),
            cameras_per_village=(1, 1000),
            street_sample_m=(0.5, 100),
            arm_m=(1, 200),
            arm_sample_m=(0.5, 20),
            gap_share=(0, 1),
            gap_parent=(0, self.resolution),
            gap_outlines=(0, 100_000),
            least_total=(0, 1000),
            street_per_100_m=(0, 1000),
            ground_per_ha=(0, 1000),
            per_incident=(0, 1000),
            doubt_factor=(0, 1),
            linked_factor=(0, 1),
        )
        self._check_classes()

    def _check_classes(self) -> None:
        ladders = load("optics")["ladders"]
        if self.ladder not in ladders:
            msg = f"no ladder {self.ladder!r}; there are: {', '.join(ladders)}"
            raise ParameterError(msg)
        steps = [step for step, about in ladders[self.ladder].items() if isinstance(about, dict)]
        for name in ("picture_class", "site_class"):
            if getattr(self, name) not in steps:
                msg = f"{name} must be a step of {self.ladder} ({', '.join(steps)})"
                raise ParameterError(msg)

    @classmethod
    def default(cls, **changes: Any) -> CoverageParams:
        """Return the profile's numbers, some of them changed."""
        table = dict(load("coverage"))
        weight = dict(table.pop("gap_weight"))
        rest = {k: weight.pop(k) for k in _GAP_NUMBERS}
        return cls(**{**table, **rest, "class_weight": weight, **changes})


@dataclass(frozen=True)
class ResponseParams:
    """Numbers of the 1-3-5 circles; see `data/profiles/response.toml`.

    Raises
    ------
    ParameterError
        If a number is outside its limits, the bands or delays do not rise, or a table of tiers,
        levels of duty, grounds or traffic is not as it should be; all faults at once.
    InputError
        If `at` is no moment of the week.

    Examples
    --------
    >>> ResponseParams.default().bands_s
    (60, 180, 300)
    """

    bands_s: tuple[float, ...]
    turnout_s: float
    horizon_s: float
    last_metres_ms: float
    yard_ms: float
    other_street_ms: float
    way_out_ms: float
    at: str | None = None
    level: int = 3
    emergency: bool = False
    delays_s: tuple[float, ...] = (0, 30, 60)
    closures: tuple[str, ...] = ()
    tiers_min: Mapping[str, Any] = field(default_factory=lambda: load("response")["tiers_min"])
    levels: Mapping[str, Any] = field(default_factory=lambda: load("duty_levels"))
    grounds: Mapping[str, Any] = field(default_factory=lambda: load("response")["grounds"])
    traffic: Mapping[str, Any] = field(default_factory=lambda: load("traffic"))

    def __post_init__(self) -> None:
        at_once(
            self._check_numbers,
            self._check_words,
            lambda: check_tiers(self.tiers_min),
            lambda: check_levels(self.levels),
            lambda: check_grounds(self.grounds),
            lambda: check_traffic(self.traffic),
        )
        level_rules(self.level, self.levels)
        if self.at is not None:
            minute_of(self.at)

    def _check_numbers(self) -> None:
        check_limits(
            self,
            turnout_s=(0, 3600),
            horizon_s=(60, 14_400),
            last_metres_ms=(0.3, 5),
            yard_ms=(0.3, 5),
            other_street_ms=(0.05, 2),
            way_out_ms=(0.05, 2),
        )
        if not self.bands_s or list(self.bands_s) != sorted({b for b in self.bands_s if b > 0}):
            msg = f"bands_s must be positive and rising, not {self.bands_s}"
            raise ParameterError(msg)
        if list(self.delays_s) != sorted({d for d in self.delays_s if 0 <= d <= 3600}):
            msg = f"delays_s must rise and lie from 0 to 3600, not {self.delays_s}"
            raise ParameterError(msg)

    def _check_words(self) -> None:
        if not isinstance(self.emergency, bool):
            msg = f"emergency must be true or false, not {self.emergency!r}"
            raise ParameterError(msg)
        if not all(isinstance(code, str) for code in self.closures):
            msg = f"closures must be codes of streets, not {self.closures}"
            raise ParameterError(msg)
        if not isinstance(self.at, str | None):
            msg = f"at must be text such as Mon 20:00, not {self.at!r}"
            raise ParameterError(msg)

    @property
    def minute(self) -> int | None:
        """The minute of the week that `at` names; None where it names none."""
        return None if self.at is None else minute_of(self.at)

    def post_ms(self, mode: str) -> tuple[float, float]:
        """Return the speed of a mode from its post to its own street, and to any other, m/s.

        People on foot are nowhere faster than on a street.
        """
        own = walking_ms() if mode == "foot" else self.yard_ms
        return own, min(own, self.way_out_ms)

    def last_ms(self, mode: str) -> tuple[float, float]:
        """Return the speed on foot from the street of a place, and from any other, m/s."""
        own = min(self.last_metres_ms, walking_ms()) if mode == "foot" else self.last_metres_ms
        return own, min(own, self.other_street_ms)

    @classmethod
    def default(cls, **changes: Any) -> ResponseParams:
        """Return the profile's numbers, some of them changed; tables part by part."""
        table = dict(load("response"))
        traffic = load("traffic")
        if "periods" in changes.get("traffic", {}):
            # What the usual periods do says nothing about other ones.
            traffic = {**traffic, "hour": {}}
        table |= {"levels": load("duty_levels"), "traffic": traffic, "closures": ()}
        for name, value in changes.items():
            tables = isinstance(table.get(name), Mapping) and isinstance(value, Mapping)
            table[name] = overlaid(table[name], value) if tables else value
        own_grounds = table["grounds"] != load("response")["grounds"]
        if own_grounds and isinstance(table["tiers_min"], Mapping):
            # Who fills in tiers goes by the ground, too.
            table["tiers_min"] = {**table["tiers_min"], "grounds": table["grounds"]}
        rows = {name: tuple(table[name]) for name in ("bands_s", "delays_s", "closures")}
        return cls(**{**table, **rows})


@dataclass(frozen=True)
class Params:
    """Every tunable number, by part."""

    coverage: CoverageParams
    response: ResponseParams
    patrol: PatrolParams
    cordon: CordonParams = field(default_factory=CordonParams.default)

    @classmethod
    def default(cls) -> Params:
        """Return the numbers of the profiles in `data/`."""
        return cls(**{name: kind.default() for name, kind in _PARTS.items()})

    @classmethod
    def from_toml(cls, table: Mapping[str, Mapping[str, Any]]) -> Params:
        """Return the profiles' numbers with those of a town in their place.

        Parameters
        ----------
        table
            Sections "coverage", "response", "patrol", "cordon" of a `fengqiao.toml`; others are
            passed over.

        Raises
        ------
        ParameterError
            If a name is unknown or a number outside its limits.

        Examples
        --------
        >>> Params.from_toml({"response": {"turnout_s": 30}}).response.turnout_s
        30
        """
        parts: dict[str, Any] = {}
        for name, kind in _PARTS.items():
            changes = table.get(name, {})
            unknown = sorted(set(changes) - {f.name for f in fields(kind)})
            if unknown:
                msg = f"[{name}] of fengqiao.toml does not know {', '.join(unknown)}"
                raise ParameterError(msg)
            parts[name] = kind.default(**changes)
        return cls(**parts)


_PARTS: Mapping[str, Any] = {
    "coverage": CoverageParams,
    "response": ResponseParams,
    "patrol": PatrolParams,
    "cordon": CordonParams,
}
