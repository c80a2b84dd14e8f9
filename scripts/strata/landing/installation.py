"""The secret of an installation: what makes its keys, and knows forgotten people again.

It lies in the build and, for the day on which the build is lost, in warehouse/secret.json, with
the hashes of who was forgotten: both are the owner's alone.
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
    if not connection.execute("select 1 from landing.installation").fetchone():
        (files,) = connection.execute("select count(*) from landing.files").fetchone()
        *secret, forgotten = _kept(settings) or (*_new(is_salted=not files), [])
        connection.execute("insert into landing.installation values (?, ?)", secret)
        connection.execute(
            "insert into landing.forgotten select unnest($1::varchar[]), now()::timestamp",
            [forgotten],
        )
    keep_secret(connection, settings)


def keep_secret(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """The copy beside the build, where it is not the same."""
    hashes = connection.execute("select distinct hash from landing.forgotten order by hash")
    forgotten = [one for (one,) in hashes.fetchall()]
    salt, secret = secret_of(connection)
    if _kept(settings) != (salt, secret, forgotten):
        said = json.dumps({"salt": salt, "secret": secret, "forgotten": forgotten})
        write_aside(settings.secret_file, said.encode())


def _new(is_salted: bool) -> tuple[str, str]:
    given = os.environ.get("STRATA_SECRET")
    secret = sha256(given.encode()).hexdigest() if given else secrets.token_hex(32)
    salt = sha256(f"key:{secret}".encode()).hexdigest()[:32] if is_salted else ""
    return salt, secret


def secret_of(connection: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """Salt of the keys, and the secret."""
    return connection.execute("select salt, secret from landing.installation").fetchone()


def _kept(settings: Settings) -> tuple[str, str, list[str]] | None:
    """What the file holds; None where it is not there, or damaged."""
    try:
        said = json.loads(settings.secret_file.read_text(encoding="utf-8"))
        salt, secret = said["salt"], said["secret"]
        is_whole = _HEX.fullmatch(secret) and re.fullmatch(r"([0-9a-f]{32})?", salt)
        forgotten = [one for one in said.get("forgotten", []) if isinstance(one, str)]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return (salt, secret, forgotten) if is_whole else None
