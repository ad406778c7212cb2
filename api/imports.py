"""What an import brings into the store of a town, with a report of what that changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from api.incoming import Incoming
from gis.errors import MergeConflictError
from gis.made_up import unmarked
from gis.merge import compare
from gis.merge_changes import Changes
from gis.store import Store
from gis.store_merge import MergeRules

Conflicts = Literal["stop", "store", "file"]


@dataclass(frozen=True, eq=False)
class Imported:
    """What one import brought, or would bring.

    Parameters
    ----------
    incoming
        What came in.
    changes
        Layer to what it changed there.
    revision
        Revision of the store after it; None where it was only looked at.
    before
        Revision that it was compared with.
    replaced
        Whether the layers were replaced, so that what vanished is gone.
    """

    incoming: Incoming
    changes: Mapping[str, Changes] = field(repr=False)
    revision: int | None
    before: int
    replaced: bool

    @property
    def rows(self) -> dict[str, int]:
        """Layer to the number of rows that came in."""
        counts = {layer: len(frame) for layer, frame in self.incoming.frames.items()}
        return counts | dict.fromkeys(self.incoming.nothing_of, 0)

    def summary(self) -> str:
        """Return a few lines a person can read."""
        state = "a preview; nothing was changed"
        if self.revision is not None:
            state = f"revision {self.revision}"
        rows = ", ".join(f"{layer} {count}" for layer, count in self.rows.items())
        lines = [f"{self.incoming.source}: {rows} ({state})"]
        for layer, changes in self.changes.items():
            if changes.changed or changes.vanished or changes.conflicts or self.revision is None:
                lines.append(f"{layer}: {changes.summary()}")
            if changes.vanished and not self.replaced:
                lines.append(f"  what vanished from the file stays in {layer}: --replace drops it")
        if self.incoming.left_out:
            counts = ", ".join(f"{n} {reason}" for reason, n in self.incoming.left_out.items())
            lines.append(f"Left out: {counts}")
        return "\n".join([*lines, *self.incoming.warnings])

    def document(self) -> dict[str, Any]:
        """Return the report as `fengqiao import --json` prints it."""
        return {
            **self.incoming.details,
            "source": self.incoming.source,
            "preview": self.revision is None,
            "rows": self.rows,
            "changes": {layer: changes.document() for layer, changes in self.changes.items()},
            "left_out": dict(self.incoming.left_out),
            "dropped_columns": list(self.incoming.dropped_columns),
            "warnings": list(self.incoming.warnings),
        }


def bring_in(
    store: Store,
    incoming: Incoming,
    *,
    replace_layers: bool = False,
    conflicts: Conflicts = "stop",
    preview: bool = False,
) -> Imported:
    """Merge what an import brings into a town by code, all of it or nothing.

    Rows that carry the mark of made-up data mark the whole town.

    Parameters
    ----------
    store
        The town's store.
    incoming
        What came in.
    replace_layers
        Replace what the layers hold, instead of merging with it.
    conflicts
        Whose state is taken where both the store and the file changed it; "stop" to refuse.
    preview
        Compare only.

    Raises
    ------
    MergeConflictError
        If both sides changed something and nobody says whose state is taken; it lists what.
    StoreError
        If another program changed the town while this one compared: import again.
    """
    plain = {layer: unmarked(frame) for layer, frame in incoming.frames.items()}
    incoming = replace(incoming, frames={layer: frame for layer, (frame, _) in plain.items()})
    before = store.revision
    changes = {layer: _compare(store, incoming, layer, replace_layers) for layer in incoming.frames}
    contested = {layer: found for layer, found in changes.items() if found.conflicts}
    if contested and conflicts == "stop" and not preview:
        parts = [f"{layer}: {found.summary()}" for layer, found in contested.items()]
        raise MergeConflictError(incoming.source, parts)
    if preview:
        return Imported(incoming, changes, None, before, replace_layers)
    if any(made_up for _, made_up in plain.values()):
        store.set_town(made_up=True)
        before = store.revision
    revision = store.import_layers(
        incoming.frames,
        source=incoming.source,
        mode="replace" if replace_layers else "merge",
        extent=incoming.extent,
        attribution=incoming.attribution,
        rules=None if replace_layers else _rules(incoming, conflicts),
        expected_revision=before,
    )
    return Imported(incoming, changes, revision, before, replace_layers)


def _compare(store: Store, incoming: Incoming, layer: str, replaced: bool) -> Changes:
    frame, held = incoming.frames[layer], store.layer(layer)
    if replaced:  # then a blank cell clears what was there
        return compare(held, frame, base=held, present=tuple(frame.columns))
    rules = incoming.rules.get(layer, MergeRules())
    return compare(held, frame, base=rules.base, present=rules.present)


def _rules(incoming: Incoming, conflicts: Conflicts) -> dict[str, MergeRules]:
    taken: Literal["store", "file"] = "file" if conflicts == "file" else "store"
    return {
        layer: replace(incoming.rules.get(layer, MergeRules()), conflicts=taken)
        for layer in incoming.frames
    }
