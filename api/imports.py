"""What an import brings into the store of a town, with a report of what that changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from api.incoming import Incoming
from gis.errors import MergeConflictError
from gis.made_up import unmarked
from gis.merge import Vanished, compare
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
    dropped
        Whether what vanished from the file is dropped from the town.
    """

    incoming: Incoming
    changes: Mapping[str, Changes] = field(repr=False)
    revision: int | None
    before: int
    dropped: bool

    @property
    def rows(self) -> dict[str, int]:
        """Layer to the number of rows that came in."""
        counts = {layer: len(frame) for layer, frame in self.incoming.frames.items()}
        return counts | dict.fromkeys(self.incoming.nothing_of, 0)

    def summary(self) -> str:
        """Return a few lines a person can read."""
        state = f"revision {self.revision}"
        if self.revision is None:
            state = "a preview; nothing was changed"
        elif self.revision == self.before:
            state = f"all of it is there already; revision {self.revision}"
        rows = ", ".join(f"{layer} {count}" for layer, count in self.rows.items())
        lines = [f"{self.incoming.source}: {rows} ({state})"]
        for layer, changes in self.changes.items():
            told = changes.summary()
            if not (changes.changed or changes.vanished or changes.conflicts or not self.revision):
                told = told.partition("\n")[0]  # of a first import the counts say it all
            lines.append(f"{layer}: {told}")
            if changes.vanished and not self.dropped:
                lines.append(
                    f"  what vanished from the file stays in {layer}: --vanished drop drops it"
                )
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
    vanished: Vanished = "keep",
    preview: bool = False,
) -> Imported:
    """Merge what an import brings into a town by code, all of it or nothing.

    Where the town has all of it already there is no new revision, so that its answers stay new.
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
    vanished
        Whether rows that the file has no more are kept or dropped. Of a file that tells what it
        was made from these are only the rows that were deleted in it.
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
    drops = replace_layers or vanished == "drop"
    if preview:
        return Imported(incoming, changes, None, before, drops)
    is_marked = any(made_up for _, made_up in plain.values()) and not store.town.made_up
    if not is_marked and _is_known(incoming, changes, drops):
        return Imported(incoming, changes, before, before, drops)
    if is_marked:
        store.set_town(made_up=True)
        before = store.revision
    revision = store.import_layers(
        incoming.frames,
        source=incoming.source,
        mode="replace" if replace_layers else "merge",
        extent=incoming.extent,
        attribution=incoming.attribution,
        rules=None if replace_layers else _rules(incoming, conflicts, vanished),
        expected_revision=before,
    )
    return Imported(incoming, changes, revision, before, drops)


def _is_known(incoming: Incoming, changes: Mapping[str, Changes], drops: bool) -> bool:
    """Return whether an import changes nothing, neither in a layer nor in what the town is."""
    if not changes or incoming.extent is not None or incoming.attribution:
        return False
    return not any(
        found.added or found.changed or found.conflicts or (drops and found.vanished)
        for found in changes.values()
    )


def _compare(store: Store, incoming: Incoming, layer: str, replaced: bool) -> Changes:
    frame, held = incoming.frames[layer], store.layer(layer)
    if replaced:  # then a blank cell clears what was there
        return compare(held, frame, base=held, present=tuple(frame.columns))
    rules = incoming.rules.get(layer, MergeRules())
    return compare(held, frame, base=rules.base, present=rules.present)


def _rules(incoming: Incoming, conflicts: Conflicts, vanished: Vanished) -> dict[str, MergeRules]:
    taken: Literal["store", "file"] = "file" if conflicts == "file" else "store"
    return {
        layer: replace(incoming.rules.get(layer, MergeRules()), conflicts=taken, vanished=vanished)
        for layer in incoming.frames
    }
