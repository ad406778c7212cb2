from __future__ import annotations

import inspect

import pytest

from gis import errors

CLASSES = [
    cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, Exception)
]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_has_the_one_root_and_is_a_builtin_too(cls: type[Exception]) -> None:
    assert issubclass(cls, errors.FengqiaoError)
    builtin = [b for b in cls.__mro__ if b.__module__ == "builtins"]
    assert builtin[0] is not Exception or cls is errors.FengqiaoError


@pytest.mark.parametrize("cls", [errors.FileMissingError, errors.NotFoundError])
def test_a_message_reads_as_it_was_written(cls: type[Exception]) -> None:
    assert str(cls("town.db: there is no such file")) == "town.db: there is no such file"


def test_faults_are_listed_with_row_and_column_and_the_rest_counted() -> None:
    faults = [errors.Fault(row, "code", f"{row} is missing") for row in range(2, 62)]
    text = str(errors.LayerFaultsError("cameras", faults, "a.csv"))
    assert text.splitlines()[0] == "a.csv, layer cameras: 60 faults; nothing was changed"
    assert text.splitlines()[1] == "  row 2, column code: 2 is missing"
    assert text.splitlines()[-1] == "  ... and 10 more"


def test_a_fault_that_many_rows_share_is_told_once_in_the_place_of_the_first() -> None:
    faults = [errors.Fault(row, "status", '"在线" is not a known word') for row in range(2, 302)]
    faults.insert(1, errors.Fault(2, "code", "is missing"))
    error = errors.LayerFaultsError("cameras", faults)
    assert str(error).splitlines() == [
        "layer cameras: 301 faults; nothing was changed",
        '  rows 2, 3, 4 and 297 more, column status: "在线" is not a known word',
        "  row 2, column code: is missing",
    ]
    assert error.faults == tuple(faults)


def test_a_fault_of_the_whole_layer_names_no_row() -> None:
    text = str(errors.LayerFaultsError("cameras", [errors.Fault(None, None, "there are no rows")]))
    assert text == "layer cameras: 1 fault; nothing was changed\n  there are no rows"
