"""The tables of the store, the same in SQLite and PostgreSQL.

`gis/migrations` brings a database to this state; a test keeps the two equal.

    revisions  one row for each change of the town
    town       what holds for the town as a whole, by key
    layers     one row for each layer: where it came from, its further columns
    features   the rows of all layers
    results    the last answer of each kind, result_tables its tables
    duty       what was set by hand about a unit; roster, the rows of the imported roster
    closures   streets that are closed now
    incidents  the open ones, incident_units who was sent; both rows go when it is closed
    incident_totals  what is kept of closed ones
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

# Named constraints, so that a later migration can change them in any database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    sqlite_autoincrement=True,
)

town = Table(
    "town",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
)

layers = Table(
    "layers",
    metadata,
    Column("layer", Text, primary_key=True),
    Column("revision", ForeignKey("revisions.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("imported_at", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    # Columns that the schema does not know, name to dtype, in order: JSON alone would lose these.
    Column("extra_columns", JSON, nullable=False),
    Column("attribution", JSON, nullable=False),
)

features = Table(
    "features",
    metadata,
    Column("layer", ForeignKey("layers.layer"), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("cell", BigInteger),
    Column("west", Double),
    Column("south", Double),
    Column("east", Double),
    Column("north", Double),
    Column("geometry", LargeBinary),
    # Text, not JSON: what went in comes out byte for byte, and is parsed for all rows at once.
    Column("attributes", Text, nullable=False),
    Index(None, "layer", "cell"),
    # The whole box is in the index, so that a search reads only the rows that it returns.
    Index(None, "layer", "west", "east", "south", "north"),
)

results = Table(
    "results",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("revision", ForeignKey("revisions.id"), nullable=False),
    Column("made_at", Text, nullable=False),
    Column("document", Text, nullable=False),
)

result_tables = Table(
    "result_tables",
    metadata,
    Column("kind", ForeignKey("results.kind"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

# A new row, with a new id, for every change: two who write see that the other did.
duty = Table(
    "duty",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("place", Text),
    Column("lon", Double),
    Column("lat", Double),
    Column("since", Text, nullable=False),
    Column("until", Text),
    sqlite_autoincrement=True,
)

roster = Table(
    "roster",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("unit", Text, nullable=False),
    Column("day", Text),
    Column("weekdays", JSON, nullable=False),
    Column("start_min", Integer, nullable=False),
    Column("end_min", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("place", Text),
    Column("lon", Double),
    Column("lat", Double),
)

closures = Table(
    "closures",
    metadata,
    Column("street", Text, primary_key=True),
    Column("since", Text, nullable=False),
    Column("until", Text),
    Column("reason", Text),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("place", Text),
    Column("village", Text),
    Column("tier_min", Integer),
    Column("opened_at", Text, nullable=False),
    sqlite_autoincrement=True,
)

incident_units = Table(
    "incident_units",
    metadata,
    Column("incident", ForeignKey("incidents.id"), primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("sent_at", Text, nullable=False),
    Column("arrived_at", Text),
    Column("cleared_at", Text),
)

# No time finer than a month, no place finer than a village ("" = outside all of them).
incident_totals = Table(
    "incident_totals",
    metadata,
    Column("month", Text, primary_key=True),
    Column("village", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("tier_min", Integer, primary_key=True, autoincrement=False),
    Column("band_s", Integer, primary_key=True, autoincrement=False),
    Column("incidents", Integer, nullable=False),
    Column("within_tier", Integer, nullable=False),
    Column("sum_s", Double, nullable=False),
)

patrol_nights = Table(
    "patrol_nights",
    metadata,
    Column("night", Text, primary_key=True),
    Column("seed", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)

# `at` is emptied when it is older than the town keeps such times; the status stays.
checkins = Table(
    "checkins",
    metadata,
    Column("night", Text, primary_key=True),
    Column("team", Text, primary_key=True),
    Column("stop", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("at", Text),
)

team_nights = Table(
    "team_nights",
    metadata,
    Column("night", Text, primary_key=True),
    Column("team", Text, primary_key=True),
    Column("headcount", Integer, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("length_m", Double, nullable=False),
)

plates = Table(
    "plates",
    metadata,
    Column("point", Text, primary_key=True),
    Column("serial", Integer, primary_key=True, autoincrement=False),
    Column("issued_at", Text, nullable=False),
    Column("revoked_at", Text),
)
