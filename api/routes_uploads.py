"""Files of one's own: sent, looked at, mended by choices, imported as one change of the town."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, BinaryIO, Literal

import pandas as pd
from anyio import to_thread
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile

from api.answers_cut import MOST_ROWS, After, Limit, part_of
from api.auth import Known
from api.incident_source import Source
from api.languages import asked_language
from api.routes_results import View
from api.same_site import SameSite, SameSiteUpload
from api.uploads import (
    Choices,
    Upload,
    find_upload,
    finish_upload,
    keep_upload,
    remove_upload,
    save_upload,
    uploads_of,
)
from api.uploads_limit import upload_form
from api.uploads_look import Looked, changed_choices, take_in
from api.uploads_looked import looked
from gis.write_tables import write_xlsx
from maps.words import words

router = APIRouter()

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Identity = Annotated[str, InPath(pattern="^[A-Za-z0-9_-]{22}$", description="Of the upload.")]
Word = Annotated[str, Field(max_length=40)]
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "layer": {"type": "string", "maxLength": 40},
                        "crs": {"type": "string", "maxLength": 40},
                    },
                }
            }
        },
    }
}


class NewChoices(BaseModel):
    """What is said of an upload; what is left out stays.

    Parameters
    ----------
    layer, crs, profile, conflicts, vanished
        As in `api.uploads.Choices`.
    """

    model_config = ConfigDict(extra="forbid")

    layer: Word | None = None
    crs: Word | None = None
    profile: Word | None = None
    conflicts: Literal["stop", "store", "file"] | None = None
    vanished: Literal["keep", "drop"] | None = None


class Apply(BaseModel):
    """The revision of the town that was looked at."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(ge=0, le=2**31 - 1)


@router.get("/uploads")
def uploads(
    source: Source, who: Known, request: Request, limit: Limit = MOST_ROWS, after: After = 0
) -> dict[str, Any]:
    """Return the uploads of who asks that are not imported yet, the newest first."""
    found = [upload_document(one) for one in uploads_of(source.workspace, who.name)]
    return part_of(request, {"uploads": found}, limit, after)


@router.post("/uploads", status_code=201, openapi_extra=BODY)
async def upload(request: Request, source: Source, who: Known, _: SameSiteUpload) -> dict[str, Any]:
    """Take files of one's own and keep them until they are imported; the town is not changed."""
    async with upload_form(request) as form:
        files = [one for one in form.getlist("file") if isinstance(one, UploadFile)]
        given = [(one.filename or "", one.file) for one in files if one.filename]
        choices = Choices(layer=_word(form.get("layer")), crs=_word(form.get("crs")))
        made = await to_thread.run_sync(_keep, source, who.name, given, choices)
    return upload_document(made)


@router.get("/uploads/{identity}")
def look(
    identity: Identity, source: Source, view: View, who: Known, request: Request
) -> dict[str, Any]:
    """Return what an upload would bring: its faults, what its coordinates may be, or changes."""
    found = find_upload(source.workspace, identity, who.name)
    told = {} if found.revision else looked_document(looked(request, found, source, view))
    return {**upload_document(found), **told}


@router.post("/uploads/{identity}")
def choose(
    identity: Identity, given: NewChoices, source: Source, who: Known, _: SameSite
) -> dict[str, Any]:
    """Say what an upload is, what its coordinates are, and whose state is taken."""
    found = find_upload(source.workspace, identity, who.name)
    changed = replace(found, choices=changed_choices(found, **given.model_dump()))
    save_upload(changed)
    return upload_document(changed)


@router.post("/uploads/{identity}/apply")
def apply(
    identity: Identity, given: Apply, source: Source, view: View, who: Known, _: SameSite
) -> dict[str, Any]:
    """Import an upload as one change of the town; its files are removed."""
    found = find_upload(source.workspace, identity, who.name)
    if found.revision is not None:
        raise HTTPException(409, "this upload is imported already")
    done = take_in(found, source.store, view.layers, given.revision)
    revision = source.store.revision if done.revision is None else done.revision
    finish_upload(found, revision)
    counts = {layer: changes.counts() for layer, changes in done.changes.items()}
    return {"revision": revision, "before": done.before, "changes": counts}


@router.delete("/uploads/{identity}")
def remove(identity: Identity, source: Source, who: Known, _: SameSite) -> dict[str, Any]:
    """Remove an upload with its files; the town is not changed."""
    found = find_upload(source.workspace, identity, who.name)
    remove_upload(found)
    return upload_document(found)


@router.get("/uploads/{identity}/{what}.xlsx", response_class=Response)
def sheet(
    identity: Identity,
    what: Literal["faults", "changes"],
    source: Source,
    view: View,
    who: Known,
    request: Request,
) -> Response:
    """Return all faults of an upload, or all that it would change, as a workbook."""
    found = find_upload(source.workspace, identity, who.name)
    seen = looked(request, found, source, view)
    table = faults_table(seen, request) if what == "faults" else changes_table(seen)
    return xlsx_response(table, what)


def xlsx_response(table: pd.DataFrame, name: str) -> Response:
    """Return a table as a workbook to save."""
    with TemporaryDirectory(prefix="fengqiao-") as folder:
        path = Path(folder) / f"{name}.xlsx"
        write_xlsx(table, path, name)
        content = path.read_bytes()
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.xlsx"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=XLSX, headers=headers)


def faults_table(seen: Looked, request: Request) -> pd.DataFrame:
    """Return the faults of an upload as rows: row, column, problem."""
    say = words(asked_language(request) or "zh")
    rows = [
        (str(one.row or ""), one.column or "", say.sentence(one.problem)) for one in seen.faults
    ]
    return pd.DataFrame(rows, columns=[say("Row"), say("Column"), say("What is wrong")])


def changes_table(seen: Looked) -> pd.DataFrame:
    """Return all that an upload would change as rows; see `gis.merge_changes.Changes.table`."""
    changes = {} if seen.imported is None else seen.imported.changes
    parts = [one.table().assign(layer=layer) for layer, one in changes.items()]
    if not parts:
        return pd.DataFrame({"code": pd.Series(dtype=object)})
    return pd.concat(parts, ignore_index=True)


def upload_document(found: Upload) -> dict[str, Any]:
    """Return an upload as JSON-ready values."""
    return {
        "id": found.id,
        "title": found.title(),
        "names": list(found.names),
        "bytes": found.bytes,
        "made_at": found.made_at,
        "choices": vars(found.choices),
        "imported_revision": found.revision,
    }


def looked_document(seen: Looked) -> dict[str, Any]:
    """Return what was found in an upload as JSON-ready values."""
    return {
        "state": seen.state,
        "kind": seen.kind,
        "found_out": seen.found_out,
        "message": seen.message,
        "faults": [{"row": f.row, "column": f.column, "problem": f.problem} for f in seen.faults],
        "evidence": [one.evidence.document() for one in seen.guesses],
        "import": None if seen.imported is None else seen.imported.document(),
        "revision": None if seen.imported is None else seen.imported.before,
    }


def _keep(
    source: Source, by: str, files: Sequence[tuple[str, BinaryIO]], choices: Choices
) -> Upload:
    return keep_upload(source.workspace, by, files, choices)


def _word(given: object) -> str:
    """Return a short text of a form; what is no such text is left out."""
    return given if isinstance(given, str) and len(given) <= 40 else ""
