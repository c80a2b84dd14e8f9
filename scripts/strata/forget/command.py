"""`strata forget` and `strata retention`: choose, wipe, rewrite, certify."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from strata.console import note, step
from strata.errors import StrataError
from strata.files import write_aside
from strata.forget.people import (
    choose_before,
    choose_customer,
    is_built,
    remember_hashes,
)
from strata.forget.rows import delivered_in, rekey, wipe_derived, wipe_raw
from strata.forget.served import (
    publications,
    remove_traces,
    rewrite_build,
    rewrite_publications,
)
from strata.landing.bookkeeping import create_bookkeeping
from strata.landing.installation import ensure_secret, keep_secret
from strata.lock import require_closed
from strata.options import read_build
from strata.record import DONE, recorded, require_whole_build
from strata.settings import Settings
from strata.warehouse import has_table

_PENDING = (
    "create table if not exists landing.forgetting"
    " (old_key varchar, new_key varchar, with_facts boolean)"
)


@dataclass(frozen=True)
class Certificate:
    """What was forgotten: counts, never a name. `run` is the run that built anew after it."""

    forgotten_at: str
    reason: str
    people: int
    with_facts: bool
    rows_in_build: dict[str, int] = field(default_factory=dict)
    rows_in_history: int = 0
    rows_in_publications: dict[str, int] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    delivered_in: list[str] = field(default_factory=list)
    run: str = ""

    def write(self, settings: Settings) -> Path:
        """The certificate's file, in warehouse/certificates/."""
        name = self.forgotten_at.replace(":", "").replace("-", "")
        file = settings.warehouse_dir / "certificates" / f"{name}.json"
        write_aside(
            file, (json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n").encode()
        )
        return file


def forget_customer(settings: Settings, customer: str, with_facts: bool) -> Certificate:
    """Forget one person, by key or by a customer id of a source. The caller holds the lock.

    Raises:
        StrataError: nobody, or more than one person, is called so.
    """
    return _forget(
        settings,
        "asked for by or for the person",
        with_facts,
        lambda build: choose_customer(build, customer.strip()),
    )


def retain(settings: Settings, months: int, with_facts: bool) -> Certificate:
    """Forget everybody whose last contact lies more months back, from the day of the build."""
    require_whole_build(settings)
    built = read_build(settings)
    if built is None or built.day is None:
        raise StrataError("Nothing is built yet, or half of it.", "Run: strata run")
    day = _months_before(built.day, months)
    return _forget(
        settings,
        f"no contact since {day}, {months} months before {built.day}",
        with_facts,
        lambda build: choose_before(build, day),
    )


def _forget(
    settings: Settings,
    reason: str,
    with_facts: bool,
    choose: Callable[[duckdb.DuckDBPyConnection], int],
) -> Certificate:
    if not settings.database.exists():
        raise StrataError("There is no warehouse yet.", "Load a source, then: strata run")
    require_closed(settings)
    _require_persons(settings)
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    certificate = Certificate(moment, reason, 0, with_facts)
    with ExitStack() as word:
        with (
            step("Take what is personal out of the build"),
            duckdb.connect(str(settings.database)) as build,
        ):
            create_bookkeeping(build)
            ensure_secret(build, settings)
            build.begin()
            people = choose(build)
            if people:
                # Not earlier: the failure that says who is unknown names them.
                word.enter_context(recorded(settings, DONE)).build_begins()
                certificate = _wipe(build, replace(certificate, people=people))
                build.commit()
                keep_secret(build, settings)
        if not certificate.people and not _is_pending(settings):
            note("nobody is left to forget")
            return certificate
        return finish_forgetting(settings, certificate) or certificate


def _require_persons(settings: Settings) -> None:
    """Who is one person must be known, where people are in history or in publications.

    Raises:
        StrataError: a run that was stopped has taken that away.
    """
    if not any(publications(settings)):
        return
    with duckdb.connect(str(settings.database), read_only=True) as build:
        if not is_built(build):
            raise StrataError(
                "The build is half done: which records are one person is not known.",
                "Run `strata run` first, then try again.",
            )


def _wipe(build: duckdb.DuckDBPyConnection, certificate: Certificate) -> Certificate:
    """All of it in one transaction: a kill leaves everything, or nothing but the files."""
    remember_hashes(build)
    build.execute(_PENDING)
    build.execute(
        "insert into landing.forgetting select distinct old_key, new_key, ?"
        " from forgetting_people where old_key is not null",
        [certificate.with_facts],
    )
    rows = wipe_raw(build, certificate.with_facts)
    (catalog,) = build.execute("select current_database()").fetchone()
    keys = "(select distinct old_key, new_key from temp.forgetting_people)"
    history = rekey(build, catalog, "history", keys, certificate.with_facts)
    wipe_derived(build)
    return replace(
        certificate,
        rows_in_build=rows,
        rows_in_history=history,
        delivered_in=delivered_in(build),
    )


def finish_forgetting(
    settings: Settings, certificate: Certificate | None = None
) -> Certificate | None:
    """Rewrite the files after a forgetting, also of one that was killed before it had done so.

    None where none is pending. The caller holds the lock.
    """
    if not _is_pending(settings):
        return None
    certificate = certificate or Certificate(
        datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "the rest of a forgetting that was stopped",
        0,
        with_facts=False,
    )
    with step("Write publications and build anew, so that no byte is left"):
        changed = rewrite_publications(settings)
        removed = remove_traces(settings)
        # Pending until the build is another file: what was deleted is in the old one.
        _of_pending(settings, "delete from landing.forgetting")
        rewrite_build(settings)
        _of_pending(settings, "drop table landing.forgetting")
    certificate = replace(certificate, rows_in_publications=changed, removed=removed)
    if settings.published_marts in set(publications(settings)):
        from strata.report import write_report

        write_report(settings.published_marts, settings.report_file)
    file = certificate.write(settings)
    note(f"certificate: {file}")
    return certificate


def _of_pending(settings: Settings, statement: str) -> None:
    with duckdb.connect(str(settings.database)) as build:
        build.execute(statement)


def _is_pending(settings: Settings) -> bool:
    if not settings.database.exists():
        return False
    with duckdb.connect(str(settings.database), read_only=True) as build:
        return has_table(build, "landing", "forgetting")


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, day.day)
