"""The command `strata` from its very start: also what there is no memory to load is told."""

import sys


def main() -> None:
    """Run the command line."""
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


if __name__ == "__main__":
    main()
