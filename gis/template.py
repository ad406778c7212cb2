"""Workbooks for people to fill in: `facts`, or one layer, one sheet for each village.

template_plan     which sheets, columns and known rows a layer's template has
template_facts    the same for facts
template_sheets   drawing them
template_return   reading what came back
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gis.errors import FormatError
from gis.layers import Layers
from gis.made_up import MARK
from gis.schema import schema
from gis.template_facts import facts_sheets
from gis.template_plan import layer_sheets
from gis.template_sheets import draw
from gis.write import replacing


def write_template(
    path: Path | str, what: str, *, town: Layers | None = None, periods: Sequence[str] | None = None
) -> Path:
    """Write a workbook for people to fill in; an earlier file stays whole until the new one is.

    Its first sheet tells in Chinese and English how to fill it in. A hidden sheet keeps what was
    filled in already, so that what comes back is known from what went out.

    Parameters
    ----------
    path
        Where to; must end in .xlsx.
    what
        "facts", or the name of a layer.
    town
        What is known: a sheet for each of its villages, with its rows. None for one blank sheet.
    periods
        Years ("2025") and months ("2025-03") that facts are asked for besides those known.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    NotFoundError
        If there is no such layer.
    FormatError
        If the ending is another.
    FileMissingError
        If the file cannot be written there.

    Examples
    --------
    >>> import tempfile, openpyxl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = write_template(Path(folder) / "teams.xlsx", "teams")
    ...     openpyxl.load_workbook(place).sheetnames
    ['填表说明', '义警队', '_known_teams']
    """
    path = Path(path)
    layer = schema(what).name
    if path.suffix.lower() != ".xlsx":
        msg = f"{path}: a template is a workbook: end its name in .xlsx"
        raise FormatError(msg)
    sheets = facts_sheets(town, periods) if layer == "facts" else layer_sheets(layer, town)
    name = "" if town is None else town.town
    if town is not None and town.made_up:
        name = f"{name}（{MARK}）"
    with replacing(path) as place:
        draw(place, layer, sheets, name)
    return path
