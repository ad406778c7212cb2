"""Plates of patrol points: issued, issued again, revoked, printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from gis.errors import LayerMissingError, NotFoundError
from gis.layers import Layers
from gis.patrol_rows import Plate
from maps.plates import PlateFace, plate_numbers

Change = Callable[[tuple[Plate, ...]], tuple[Plate, ...]]


def issue(codes: Sequence[str], now: datetime) -> Change:
    """Return the change that gives a plate to each point that has none in force.

    Examples
    --------
    >>> from datetime import UTC
    >>> change = issue(["X1", "X2"], datetime(2026, 11, 25, tzinfo=UTC))
    >>> [(plate.point, plate.serial) for plate in change((Plate("X2", 3, datetime(2026, 1, 1)),))]
    [('X2', 3), ('X1', 1)]
    """

    def change(plates: tuple[Plate, ...]) -> tuple[Plate, ...]:
        have = {plate.point for plate in plates if plate.revoked_at is None}
        new = [Plate(code, _last(plates, code) + 1, now) for code in codes if code not in have]
        return (*plates, *new)

    return change


def revoke(codes: Sequence[str], now: datetime) -> Change:
    """Return the change that revokes the plates in force at points; one without any raises.

    Raises
    ------
    NotFoundError
        When it is made, if a point has no plate in force.
    """

    def change(plates: tuple[Plate, ...]) -> tuple[Plate, ...]:
        have = {plate.point for plate in plates if plate.revoked_at is None}
        none = [code for code in codes if code not in have]
        if none:
            msg = f"no plate in force at: {', '.join(none)}"
            raise NotFoundError(msg)
        return tuple(
            replace(plate, revoked_at=now)
            if plate.point in codes and plate.revoked_at is None
            else plate
            for plate in plates
        )

    return change


def reissue(codes: Sequence[str], now: datetime) -> Change:
    """Return the change that puts a new plate in the place of the one in force at each point."""
    old, new = revoke(codes, now), issue(codes, now)
    return lambda plates: new(old(plates))


def check_points(layers: Layers, codes: Sequence[str]) -> list[str]:
    """Return the codes of patrol points that are meant: those named, else all.

    Raises
    ------
    LayerMissingError
        If the town has no patrol points.
    NotFoundError
        If there are no points of these codes.
    """
    if not layers.has("patrol_points"):
        raise LayerMissingError("plates", ["patrol_points"])
    there = layers["patrol_points"]["code"].astype(str).tolist()
    strange = [code for code in codes if code not in there]
    if strange:
        msg = f"no patrol point of this code: {', '.join(strange)}"
        raise NotFoundError(msg)
    return list(codes) or there


def faces(layers: Layers, plates: Sequence[Plate], codes: Sequence[str]) -> list[PlateFace]:
    """Return what the plates in force at these points show, in the order of the layer."""
    points = layers["patrol_points"]
    numbers = plate_numbers(points["code"].astype(str).tolist())
    serials = {plate.point: plate.serial for plate in plates if plate.revoked_at is None}
    return [
        PlateFace(code, serials[code], numbers[code], name or code, landmark)
        for code, name, landmark in zip(
            points["code"].astype(str), map(_text, points["name"]), map(_text, points["landmark"]),
            strict=True,
        )
        if code in codes and code in serials
    ]  # fmt: skip


def plate_rows(plates: Sequence[Plate]) -> list[dict[str, Any]]:
    """Return plates as JSON-ready values, those in force and those revoked."""
    return [
        {
            "point": plate.point,
            "serial": plate.serial,
            "issued_at": plate.issued_at.isoformat(),
            "revoked_at": None if plate.revoked_at is None else plate.revoked_at.isoformat(),
        }
        for plate in plates
    ]


def _last(plates: Sequence[Plate], code: str) -> int:
    return max((plate.serial for plate in plates if plate.point == code), default=0)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
