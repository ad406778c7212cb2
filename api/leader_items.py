"""The items of which a phone's deliveries are made, as they come over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gis.profiles import load

MOST_PEOPLE = 31
# Unix milliseconds of a year that is far off.
LAST_MS = 4_000_000_000_000


class _Item(BaseModel):
    """What all items have: a name of their own, and when by the phone's clock, Unix ms."""

    model_config = ConfigDict(extra="forbid", strict=True)

    uid: str = Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")
    at: int = Field(ge=0, le=LAST_MS)


class CheckinItem(_Item):
    """A stop that was reached: its code, or the text or number of the plate there."""

    kind: Literal["checkin"]
    stop: str | None = Field(default=None, min_length=1, max_length=200)
    plate: str | None = Field(default=None, min_length=1, max_length=1000)
    number: str | None = Field(default=None, min_length=1, max_length=200)


class WithdrawItem(_Item):
    """A check-in or signal that was a slip."""

    kind: Literal["withdraw"]
    stop: str | None = Field(default=None, min_length=1, max_length=200)
    signal: Literal["safe"] | None = None


class SignalItem(_Item):
    """What the team says of itself."""

    kind: Literal["signal"]
    signal: Literal["set_out", "people", "safe"]
    people: int | None = Field(default=None, ge=1, le=MOST_PEOPLE)


class HazardItem(_Item):
    """Something dangerous or broken, and where, degrees of WGS 84."""

    kind: Literal["hazard"]
    hazard: str = Field(max_length=50)
    lon: float = Field(ge=-180, le=180, strict=False)
    lat: float = Field(ge=-90, le=90, strict=False)


Item = CheckinItem | WithdrawItem | SignalItem | HazardItem
ITEM: TypeAdapter[Item] = TypeAdapter(Annotated[Item, Field(discriminator="kind")])


class Delivery(BaseModel):
    """What a phone sends at once: its clock now, Unix ms, and items in the order they happened."""

    model_config = ConfigDict(extra="forbid", strict=True)

    now: int = Field(ge=0, le=LAST_MS)
    items: list[dict[str, Any]] = Field(max_length=load("leader")["most_items"])
