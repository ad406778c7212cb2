"""The tables of the store, the same in SQLite and PostgreSQL.

`gis/migrations` brings a database to this state; a test keeps the two equal.

    revisions  one row for each change of the town
    town       what holds for the town as a whole, by key
    layers     one row for each layer: where it came from, its further columns
    features   the rows of all layers
    results    the last answer of each kind, result_tables its tables
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
