"""A request to stop, by Ctrl-C or by a scheduler, however deep in a library it arrives."""

import signal
from types import FrameType

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_asked: list[int] = []


def listen() -> None:
    """Stop in good order on the first request; the second one ends the process at once."""
    _asked.clear()
    for number in _SIGNALS:
        # What was told to be deaf (nohup) stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def asked_by() -> int | None:
    """The signal that asked to stop, if one did. DuckDB and dbt tell of it in own errors."""
    return _asked[0] if _asked else None


def _stop(number: int, _frame: FrameType | None) -> None:
    _asked.append(number)
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    raise KeyboardInterrupt
