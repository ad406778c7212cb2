"""The settings of the program; nothing else reads the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gis.errors import ParameterError

PREFIX = "FENGQIAO_"


class Settings(BaseSettings):
    """What the machine decides, from variables such as `FENGQIAO_WORKSPACE`.

    Parameters
    ----------
    workspace
        Folder with `fengqiao.toml`.
    host, port
        Where the server listens; port 0 takes any free one.
    tile_cache
        How many drawn tiles are kept in memory.
    log_level
        What the server logs.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    workspace: Path = Path()
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    tile_cache: int = Field(default=4096, ge=0, le=1_000_000)
    log_level: Literal["debug", "info", "warning", "error"] = "warning"


def load_settings(**given: Any) -> Settings:
    """Return the settings; what is given wins over the environment, None is not given.

    Raises
    ------
    ParameterError
        If a value is no good; all of them are named at once.

    Examples
    --------
    >>> load_settings(port=0, host=None).port
    0
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = [
            f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()
        ]
        raise ParameterError("; ".join(faults)) from error
