"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version on."""
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "town",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_town"),
    )
    op.create_table(
        "layers",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("extra_columns", sa.JSON(), nullable=False),
        sa.Column("attribution", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["revision"], ["revisions.id"], name="fk_layers_revision"),
        sa.PrimaryKeyConstraint("layer", name="pk_layers"),
    )
    op.create_table(
        "features",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("west", sa.Double(), nullable=True),
        sa.Column("south", sa.Double(), nullable=True),
        sa.Column("east", sa.Double(), nullable=True),
        sa.Column("north", sa.Double(), nullable=True),
        sa.Column("geometry", sa.LargeBinary(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["layer"], ["layers.layer"], name="fk_features_layer"),
        sa.PrimaryKeyConstraint("layer", "code", name="pk_features"),
    )
    op.create_index("ix_features_layer_cell", "features", ["layer", "cell"])
    op.create_index(
        "ix_features_layer_west_east_south_north",
        "features",
        ["layer", "west", "east", "south", "north"],
    )
    op.create_table(
        "results",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["revision"], ["revisions.id"], name="fk_results_revision"),
        sa.PrimaryKeyConstraint("kind", name="pk_results"),
    )
    op.create_table(
        "result_tables",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["kind"], ["results.kind"], name="fk_result_tables_kind"),
        sa.PrimaryKeyConstraint("kind", "name", name="pk_result_tables"),
    )


def downgrade() -> None:
    """Go one version back."""
    for table in ("result_tables", "results", "features", "layers", "town", "revisions"):
        op.drop_table(table)
