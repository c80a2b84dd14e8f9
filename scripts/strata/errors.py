"""Errors that a person can act on."""

WRONG_USE = 2  # exit code where the arguments cannot be right
MORE_MEMORY = (
    "Let DuckDB hold more, as far as the machine has it (STRATA_MEMORY=12GB; 8GB if nothing is"
    " said), then run again; the last publication stays until then."
)


class StrataError(Exception):
    """A failure with a way out.

    `message` says what is wrong (file, row, column, value where known); `hint` says what
    to do next. The command line prints both and exits with `exit_code`.
    """

    def __init__(self, message: str, hint: str = "", exit_code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
