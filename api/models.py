"""The JSON documents as types: what the document of the API says of answers.

Answers have these members and more; the commands write the same with `--json`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Health(BaseModel):
    """The state of the server."""

    status: Literal["ok"]
    version: str
    revision: int


class Problem(BaseModel):
    """What is wrong (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str


class Told(BaseModel):
    """Part of an answer, which may say more."""

    model_config = ConfigDict(extra="allow")


class Interval(Told):
    """A number and between what it lies; null = unknown."""

    value: float | None
    low: float | None
    high: float | None


class Assumed(Told):
    """What was not known and is taken for granted, and for how many rows."""

    layer: str
    column: str
    value: Any
    rows: int


class Document(Told):
    """What every document begins with."""

    # A member called `schema` would hide a method of the class.
    schema_: str = Field(alias="schema", pattern=r"^fengqiao\.[a-z_]+/1$")
    town: str | None
    made_up: bool | None
    revision: int | None
    params: dict[str, Any]
    assumed: list[Assumed]
    warnings: list[str]
    next: str | None = Field(
        default=None, description="Address of the next part, where there is one."
    )


class VillageRate(Told):
    """What is seen of one village."""

    code: str
    name: str | None
    area_rate: Interval


class Gap(Told):
    """Open ground that no camera sees."""

    rank: int
    area_m2: float
    lon: float
    lat: float
    reason: str


class CoverageDocument(Document):
    """What the cameras see, and where the gaps are."""

    totals: dict[str, Any]
    villages: list[VillageRate]
    areas: list[dict[str, Any]]
    sites: list[dict[str, Any]]
    gaps: list[Gap]


class Target(Told):
    """Whether one target is met."""

    id: str
    title: dict[str, str]
    value: Interval | None
    status: Literal["met", "not_met", "cannot_tell", "report_only"]
    missing: list[dict[str, Any]]
    failing: list[dict[str, Any]]


class TargetsDocument(Document):
    """Whether each target is met, and which places fail it."""

    profile: Any
    targets: list[Target]


class ResponseDocument(Document):
    """Who can be at each place in 1, 3 and 5 minutes."""

    bands_s: list[float]
    sites: list[dict[str, Any]]
    tiers: list[dict[str, Any]]
    units: list[dict[str, Any]]


class PatrolDocument(Document):
    """Which way each team walks tonight."""

    date: str
    seed: int
    teams: list[dict[str, Any]]
    left_out: list[dict[str, Any]]
    unmet: list[dict[str, Any]]


class CellCamera(BaseModel):
    """A camera that sees a cell, or one near it that does not, and why."""

    code: str
    name: str
    share: float
    certain: bool
    distance_m: float | None
    reason: str | None


class CellGap(BaseModel):
    """The gap that a cell lies in."""

    id: str
    rank: int
    area_m2: float
    reason: str


class CellDocument(Document):
    """One hexagon: how much of it is seen and by which cameras."""

    h3: str
    lon: float
    lat: float
    seen_share: Interval | None
    village: str | None
    cameras: list[CellCamera]
    near: list[CellCamera]
    gap: CellGap | None
