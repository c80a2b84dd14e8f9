"""Word of how the last run went, for `strata status` and for those who read the build."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime

from strata.console import errors
from strata.errors import StrataError
from strata.files import write_aside
from strata.lock import is_held
from strata.settings import Settings
from strata.stop import asked_by
from strata.trouble import in_words

RUNNING, PUBLISHED, DONE, FAILED, STOPPED, KILLED = (
    "running", "published", "done", "failed", "stopped", "killed",
)  # fmt: skip
UNKNOWN = "unknown"
_STATUSES = {RUNNING, PUBLISHED, DONE, FAILED, STOPPED}


@dataclass(frozen=True)
class LastRun:
    """How the last command that builds ended, or that it is under way.

    `done`: it changed what is built, and publishes nothing.

    `is_build_whole`: what is built is what was audited and published last. It is not from the
    moment on in which a run begins to build, until one publishes.
    """

    run_id: str
    status: str
    message: str = ""
    is_build_whole: bool = True


class Record:
    """The record of the run under way."""

    def __init__(self, settings: Settings, started_at: datetime) -> None:
        before = last_run(settings)
        self._settings = settings
        self.started_at = started_at
        self._now = LastRun(
            run_id_of(started_at), RUNNING, "", before is None or before.is_build_whole
        )
        self._write()

    @property
    def is_build_whole(self) -> bool:
        """Whether what is built is what was published last."""
        return self._now.is_build_whole

    def build_begins(self) -> None:
        """From now on what is built is not what is published."""
        if self._now.is_build_whole:
            self._now = replace(self._now, is_build_whole=False)
            self._write()

    def end(self, status: str, message: str = "") -> None:
        """How it went. The record of a run that published says that the build is whole."""
        is_whole = status == PUBLISHED or self._now.is_build_whole
        self._now = replace(self._now, status=status, message=message, is_build_whole=is_whole)
        self._write()

    def _write(self) -> None:
        text = json.dumps(asdict(self._now), ensure_ascii=False)
        write_aside(self._settings.last_run_file, text.encode("utf-8", errors="replace"))


@contextmanager
def recorded(settings: Settings, ending: str = PUBLISHED) -> Iterator[Record]:
    """Leave word that a command has begun, and how it ended: well, with `ending`."""
    record = Record(settings, datetime.now(UTC).replace(tzinfo=None, microsecond=0))
    try:
        yield record
    except BaseException as failure:
        is_stopped = asked_by() or not isinstance(failure, Exception)
        status = STOPPED if is_stopped else FAILED
        told = in_words(failure)
        message = "" if is_stopped else told.message if told else repr(failure)
        try:
            record.end(status, message)
        except OSError as further:  # the first failure is the one to be told
            errors.print(f"How the run ended could not be recorded: {further}", markup=False)
        raise
    record.end(ending)


def run_id_of(started_at: datetime) -> str:
    """The name of a run that began then."""
    return started_at.strftime("%Y%m%dT%H%M%SZ")


def last_run(settings: Settings) -> LastRun | None:
    """The last run's record, or None if there was none. Whatever is in the file, it is read."""
    try:
        text = settings.last_run_file.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as failure:
        return _unknown(f"{settings.last_run_file.name} cannot be read: {failure.strerror}")
    try:
        said = json.loads(text)
        known = {
            field.name: said[field.name] for field in fields(LastRun) if field.name in said
        }
        run = LastRun(**known)
    except (ValueError, TypeError, KeyError, RecursionError):
        run = None
    if (
        run is None
        or not isinstance(run.run_id, str)
        or not isinstance(run.message, str)
        or not isinstance(run.status, str)
        or run.status not in _STATUSES
        or not isinstance(run.is_build_whole, bool)
    ):
        return _unknown(
            f"{settings.last_run_file.name} is damaged; the next run writes it anew"
        )
    if run.status == RUNNING and not is_held(settings):
        return replace(run, status=KILLED, message="It was killed before it ended.")
    return run


def _unknown(why: str) -> LastRun:
    return LastRun("", UNKNOWN, why, is_build_whole=False)


def require_whole_build(settings: Settings) -> None:
    """What is built must be what a run audited and published.

    Raises:
        StrataError: the last run did not get so far.
    """
    last = last_run(settings)
    if last and not last.is_build_whole:
        raise StrataError(
            f"The last run {_DID[last.status]}: what is built may be half of two states, and"
            " was not audited.",
            "Run `strata run` until it publishes (`strata status` says what stopped it). What"
            " is published was not touched.",
        )


_DID = {
    RUNNING: "has not ended, or was killed half-way",
    PUBLISHED: "did not end with a publication",
    DONE: "published nothing",
    FAILED: "failed",
    STOPPED: "was stopped half-way",
    KILLED: "was killed half-way",
    UNKNOWN: "left no record that can be read",
}
