"""Functions in processes of their own, to be killed."""

import multiprocessing
import os
import time
from collections.abc import Callable
from typing import Any

# How many a test kills, of all tests together; more are asked for by the environment.
KILLS = int(os.environ.get("STRATA_KILLS", "30"))


def starter(module: str) -> Callable[..., multiprocessing.Process]:
    """Starts functions of a test's module in processes that have all modules already.

    The function's last argument is an event: it is to be set when there is something to kill.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([module])

    def begin(target: Callable[..., None], *arguments: Any) -> multiprocessing.Process:
        begun = context.Event()
        process = context.Process(target=target, args=(*arguments, begun))
        process.start()
        assert begun.wait(60)
        return process

    return begin


def kill(process: multiprocessing.Process, after: float) -> None:
    """Kill it after so many seconds, as nothing can be done against."""
    time.sleep(after)
    process.kill()
    process.join()
