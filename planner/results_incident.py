"""Who comes to an incident: the answer, with `summary()`, sentences and a JSON document."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from shapely import LineString

from gis.columns import word_titles
from gis.profiles import load
from planner.directions import Lang, Step, compass_text, length_text
from planner.results import Assumed, Missing, missing_lines
from planner.week import minute_text


@dataclass(frozen=True)
class ComingUnit:
    """A unit that can be sent.

    Parameters
    ----------
    code, name, kind, mode
        As its layer has them.
    preferred
        True if the kind of incident prefers its kind.
    place
        Code of the place it stands by at, None = its own post.
    time_s
        From the call until it is there: turnout, way and last metres.
    turnout_s, drive_s, walk_s
        Its parts.
    met
        Whether that is within the tier.
    late_s
        Seconds over the tier, 0 where met.
    length_m
        Length of the way by street.
    steps
        The way in words, in Chinese and in English; empty but for the first units.
    geometry
        The way, EPSG:4326; None but for the first units.
    """

    code: str
    name: str | None
    kind: str | None
    mode: str
    preferred: bool
    place: str | None
    time_s: float
    turnout_s: float
    drive_s: float
    walk_s: float
    met: bool
    late_s: float
    length_m: float | None = None
    steps: tuple[tuple[Step, Step], ...] = ()
    geometry: LineString | None = field(default=None, repr=False)

    def document(self) -> dict[str, Any]:
        """Return the unit as it is given out as JSON."""
        plain = {**vars(self), "geometry": None, "steps": []}
        if self.geometry is not None:
            plain["geometry"] = [list(at) for at in self.geometry.coords]
        for zh, en in self.steps:
            plain["steps"].append({**zh.document(), "text": {"zh": zh.text, "en": en.text}})
        return plain


@dataclass(frozen=True)
class AwayUnit:
    """A unit that is not offered: its state ("busy", "off", "sent", "ready") and why."""

    code: str
    name: str | None
    kind: str | None
    state: str
    reason: str
    until: str | None = None


@dataclass(frozen=True)
class CameraThere:
    """A camera that sees a place.

    Parameters
    ----------
    code, name
        As its layer has them.
    sees
        "place", or "near" where only ground a few metres away is in view.
    repair
        True while it is being repaired.
    certain
        False where its direction is in doubt.
    distance_m
        From the camera to the place.
    px_per_m
        Pixels per metre there, None where it only sees near by.
    picture
        Step of the ladder of pixel densities, None below all.
    lon, lat
        Where it hangs.
    """

    code: str
    name: str | None
    sees: str
    repair: bool
    certain: bool
    distance_m: float
    px_per_m: float | None
    picture: str | None
    lon: float
    lat: float


@dataclass(frozen=True)
class CheckpointNear:
    """A road checkpoint near a place, and whether people staff it at that hour."""

    code: str
    name: str | None
    kind: str | None
    road: str | None
    directions: str | None
    staffed: bool
    distance_m: float
    lon: float
    lat: float


@dataclass(frozen=True)
class TeamNear:
    """A volunteer team near a place, never to be sent.

    Parameters
    ----------
    code, name
        As its layer has them.
    distance_m, lon, lat
        How far it is from the place, and where.
    send
        Always false: it cannot be sent.
    where
        What tells that: "base" (no plan of the evening is known), "stop" (at a stop of the plan),
        "way" (on its way to it, or home).
    stop
        Name of that stop; None at the base and on the way home.
    """

    code: str
    name: str | None
    distance_m: float
    lon: float
    lat: float
    send: bool = False
    where: str = "base"
    stop: str | None = None


@dataclass(frozen=True)
class NamedNear:
    """What a place is called after, how far and in which direction the place lies from it."""

    layer: str
    kind: str | None
    code: str
    name: str
    distance_m: float
    bearing_deg: float


@dataclass(frozen=True, eq=False)
class Incident:
    """Who comes to one place, and what is there.

    Parameters
    ----------
    kind
        Kind of `data/profiles/incidents.toml`.
    lon, lat
        Where, degrees.
    minute
        Minute of the week that it is answered for; None = at any hour.
    level
        Level of duty.
    ground
        "town", "fringe" or "countryside".
    village
        Code of the village, None outside all of them.
    tier_min
        Minutes within which a unit shall be there.
    near
        The nearest site and the nearest junction, the nearer first.
    units
        Ready units in the order to send them.
    away
        The other units.
    cameras
        Working ones first, then those that see the place itself, then the best picture.
    checkpoints, teams
        Nearest first.
    missing
        What cannot be had.
    assumed
        What was taken for granted about units and sites.
    """

    kind: str
    lon: float
    lat: float
    minute: int | None
    level: int
    ground: str
    village: str | None
    tier_min: int
    near: tuple[NamedNear, ...] = field(repr=False)
    units: tuple[ComingUnit, ...] = field(repr=False)
    away: tuple[AwayUnit, ...] = field(repr=False)
    cameras: tuple[CameraThere, ...] = field(repr=False)
    checkpoints: tuple[CheckpointNear, ...] = field(repr=False)
    teams: tuple[TeamNear, ...] = field(repr=False)
    missing: tuple[Missing, ...] = ()
    assumed: tuple[Assumed, ...] = ()

    def place_text(self, lang: Lang = "zh") -> str:
        """Return where the place is, as people say it: by the nearest site and junction."""
        parts = [_near_text(near, lang) for near in self.near]
        parts = parts or [f"{self.lon:.5f}, {self.lat:.5f}"]
        parts += [load("incidents")["words"][lang]["outside"]] if self.outside else []
        return ("，" if lang == "zh" else ", ").join(parts)

    @property
    def outside(self) -> bool:
        """Whether the place lies in no village of the town."""
        return self.village is None

    def summary(self) -> str:
        """Return a few lines a person can read."""
        return "\n".join(self.lines("en"))

    def lines(self, lang: Lang = "zh") -> list[str]:
        """Return the answer line by line, in Chinese or English."""
        words = load("incidents")["words"][lang]
        when = [] if self.minute is None else [minute_text(self.minute, lang)]
        tier = words["tier"].format(self.tier_min)
        head = [kind_title(self.kind, lang), *when, self.place_text(lang), tier]
        lines = [" · ".join(head)]
        lines += [_unit_line(unit, lang) for unit in self.units] or [words["nobody"]]
        working = [camera for camera in self.cameras if not camera.repair]
        lines.append(words["cameras"].format(len(working), len(self.cameras) - len(working)))
        lines += [f"  {_camera_line(camera, lang)}" for camera in working[:5]]
        for word, places in (("checkpoints", self.checkpoints), ("teams", self.teams)):
            if places:
                lines.append(words[word].format(_names(places, lang)))
        return lines + missing_lines(self.missing)

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values, as `fengqiao incident --json` prints it."""
        rest = ("near", "away", "cameras", "checkpoints", "teams", "missing", "assumed")
        return {
            "kind": self.kind,
            "kind_title": {"zh": kind_title(self.kind, "zh"), "en": kind_title(self.kind, "en")},
            "lon": self.lon,
            "lat": self.lat,
            "at": None if self.minute is None else minute_text(self.minute),
            "level": self.level,
            "ground": self.ground,
            "village": self.village,
            "outside": self.outside,
            "tier_min": self.tier_min,
            "place": {"zh": self.place_text("zh"), "en": self.place_text("en")},
            "units": [unit.document() for unit in self.units],
            **{name: [asdict(row) for row in getattr(self, name)] for name in rest},
        }


def kind_title(kind: str, lang: Lang) -> str:
    """Return what a kind of incident is called.

    Examples
    --------
    >>> kind_title("traffic", "zh")
    '交通事故'
    """
    return str(load("incidents")["kinds"][kind][lang])


def clock_text(seconds: float) -> str:
    """Return a time as minutes and seconds, as on a stop watch.

    Examples
    --------
    >>> clock_text(130.4), clock_text(59.6)
    ("2'10", "1'00")
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}'{rest:02d}"


def _near_text(near: NamedNear, lang: Lang) -> str:
    words = load("incidents")["words"][lang]
    if near.distance_m < load("incidents")["near"]["at_m"]:
        return str(words["at"].format(near.name))
    toward, far = compass_text(near.bearing_deg, lang), length_text(near.distance_m, lang)
    return str(words["off"].format(name=near.name, compass=toward, length=far))


def _unit_line(unit: ComingUnit, lang: Lang) -> str:
    words = load("incidents")["words"][lang]
    said = words["met"] if unit.met else words["late"].format(clock_text(unit.late_s))
    how = getattr(word_titles("mode")[unit.mode], lang)
    cells = [unit.code, unit.name or "", how, clock_text(unit.time_s), said]
    return "  " + "  ".join(filter(None, cells))


def _camera_line(camera: CameraThere, lang: Lang) -> str:
    picture = load("incidents")["pictures"].get(camera.picture, {lang: ""})[lang]
    far = length_text(camera.distance_m, lang)
    near = load("incidents")["words"][lang]["near"] if camera.sees == "near" else picture
    return "  ".join(filter(None, [camera.name, camera.code, far, near]))


def _names(places: tuple[CheckpointNear, ...] | tuple[TeamNear, ...], lang: Lang) -> str:
    told = [
        f"{p.name or p.code} {length_text(p.distance_m, lang)}{_where_text(p, lang)}"
        for p in places[:5]
    ]
    return ("、" if lang == "zh" else ", ").join(told)


def _where_text(place: CheckpointNear | TeamNear, lang: Lang) -> str:
    """Return where a team is said to be: its plan, or its base; nothing for a checkpoint."""
    if isinstance(place, CheckpointNear):
        return ""
    word = "home" if place.where == "way" and place.stop is None else place.where
    return str(load("incidents")["words"][lang]["team_at"][word].format(place.stop))
