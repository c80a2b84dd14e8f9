"""The command `strata` from its very start: also what there is no memory to load is told."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run the command line."""
    _open_standard_streams()
    if sys.getfilesystemencoding() != "utf-8":
        # DuckDB takes paths as UTF-8 in every locale: where Python does not, they name another
        # file. What is printed stays in the terminal's encoding; arguments stay byte for byte.
        os.environ.setdefault("PYTHONIOENCODING", sys.stdout.encoding)
        python, *rest = Path("/proc/self/cmdline").read_bytes().split(b"\0")[:-1]
        os.execvp(python, [python, b"-X", b"utf8", *rest])
    try:
        from strata.cli import app

        app()
    except (MemoryError, ImportError, OSError, RuntimeError) as failure:
        # Before a command has begun: what it meets itself, it tells itself (cli.py).
        sys.stderr.write(
            f"✗ Strata cannot be loaded: {type(failure).__name__}: {failure}\n"
            "→ Look at the limits of this process (ulimit -v for memory, ulimit -n for open"
            " files). Is the environment not whole: scripts/run sets it up anew.\n"
        )
        sys.exit(1)


def _open_standard_streams() -> None:
    """What a scheduler has closed: a file opened later would take its place and number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 - stays open


if __name__ == "__main__":
    main()
