"""The settings of the program; nothing else reads the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

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
    trusted_hosts
        Further names that the server may be called by, besides numbers, this machine's name and
        what it listens on; in the environment with commas between them.
    tls_cert, tls_key
        Files of the certificate and of its key; without them the server speaks plain HTTP.
    workers
        How many processes answer.
    proxy
        Address of a server in front of this one that is believed what it says of who asks, and
        whether over TLS; "" for none.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    workspace: Path = Path()
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    tile_cache: int = Field(default=4096, ge=0, le=1_000_000)
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    workers: int = Field(default=1, ge=1, le=64)
    proxy: str = ""

    @field_validator("trusted_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(part.strip().lower() for part in parts if part.strip())

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            msg = "a certificate and its key belong together: --tls-cert FILE --tls-key FILE"
            raise ValueError(msg)
        return self


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
        raise ParameterError("; ".join(_told(fault) for fault in error.errors())) from error


def _told(fault: Any) -> str:
    """Return what is wrong with one variable, or with how some go together."""
    text = str(fault["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{str(fault['loc'][0]).upper()}: {text}" if fault["loc"] else text
