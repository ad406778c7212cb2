"""Passwords of accounts: what they must be, and their hashes (Argon2id)."""

from __future__ import annotations

import unicodedata
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError

from gis import profiles
from gis.errors import ParameterError


def check_account(name: str, password: str | None) -> None:
    """Raise if an account may not be called so, or have this password; all faults are named.

    Parameters
    ----------
    name
        Name of the account: letters, digits, and . _ - between them.
    password
        As it was typed; None where it stays as it is.

    Raises
    ------
    ParameterError
        If either is no good.
    """
    limits, faults = profiles.load("accounts"), []
    longest, least, most = (
        limits["name"]["most"],
        limits["password"]["least"],
        limits["password"]["most"],
    )
    bare = name.replace(".", "").replace("_", "").replace("-", "")
    if not bare.isalnum() or not (name[0].isalnum() and name[-1].isalnum()) or len(name) > longest:
        faults.append(
            f"{name!r} cannot be the name of an account: letters and digits, with . _ - between "
            f"them, at most {longest}"
        )
    if password is not None and not least <= len(password) <= most:
        faults.append(f"a password has {least} to {most} letters")
    if password is not None and password.casefold().strip() == name.casefold():
        faults.append("the password must not be the name")
    if faults:
        raise ParameterError("; ".join(faults))


def account_name(text: str) -> str:
    """Return the name that is meant by what was typed."""
    return _typed(text.strip())


def hash_password(password: str) -> str:
    """Return the hash that is kept of a password."""
    return _hasher().hash(_typed(password))


def verify_password(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Return whether a password is the right one, and a newer hash where one is to be kept.

    It takes the same time whether there is an account or not.

    Parameters
    ----------
    password
        As it was typed.
    kept
        Hash of the account's password, None where there is no such account.
    """
    nobody = _of_nobody()
    try:
        right, newer = _hasher().verify_and_update(_typed(password), kept or nobody)
    except PwdlibError:  # a hash that nobody made
        return False, None
    return right and kept is not None, newer if right and kept is not None else None


def _typed(password: str) -> str:
    """Return one spelling of what may be typed in several (é as one sign or two)."""
    return unicodedata.normalize("NFC", password)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _of_nobody() -> str:
    return _hasher().hash("the password of nobody")
