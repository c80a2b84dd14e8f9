"""The secret of an installation: what makes its keys, and knows forgotten people again.

It lies in the build and, for the day on which the build is lost, in warehouse/secret.json: both
are the owner's alone.
"""

import json
import os
import re
import secrets
from hashlib import sha256

import duckdb

from strata.files import write_aside
from strata.settings import Settings

_HEX = re.compile(r"[0-9a-f]{64}")


def ensure_secret(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Give a new installation its secret; an older build keeps the keys that it has.

    The environment's STRATA_SECRET is taken where there is none yet. `salt` is put before what
    a customer key is made of; it is empty in a build that was loaded before there were any.
    """
    known = connection.execute("select salt, secret from landing.installation").fetchone()
    kept = _kept(settings)
    if known is None:
        (files,) = connection.execute("select count(*) from landing.files").fetchone()
        known = kept or _new(is_salted=not files)
        connection.execute("insert into landing.installation values (?, ?)", list(known))
    if kept != known:
        said = json.dumps({"salt": known[0], "secret": known[1]})
        write_aside(settings.secret_file, said.encode())


def _new(is_salted: bool) -> tuple[str, str]:
    given = os.environ.get("STRATA_SECRET")
    secret = sha256(given.encode()).hexdigest() if given else secrets.token_hex(32)
    salt = sha256(f"key:{secret}".encode()).hexdigest()[:32] if is_salted else ""
    return salt, secret


def secret_of(connection: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """Salt of the keys, and the secret."""
    return connection.execute("select salt, secret from landing.installation").fetchone()


def _kept(settings: Settings) -> tuple[str, str] | None:
    """What the file holds; None where it is not there, or damaged."""
    try:
        said = json.loads(settings.secret_file.read_text(encoding="utf-8"))
        salt, secret = said["salt"], said["secret"]
        is_whole = _HEX.fullmatch(secret) and re.fullmatch(r"([0-9a-f]{32})?", salt)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return (salt, secret) if is_whole else None
