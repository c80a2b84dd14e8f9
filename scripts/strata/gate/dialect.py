"""DuckDB for Great Expectations."""

from typing import Any

from duckdb_engine import Dialect

DIALECT_NAME = "strata_duckdb"


class GuardDialect(Dialect):
    """DuckDB without transactions.

    Great Expectations gives the connection back before it fetches; with real transactions
    DuckDB drops the pending result and every expectation fails. The guard only reads, so
    it needs none.
    """

    driver = DIALECT_NAME
    supports_statement_cache = False

    def do_begin(self, connection: Any) -> None:
        """Nothing to begin."""

    def do_commit(self, connection: Any) -> None:
        """Nothing to commit."""

    def do_rollback(self, connection: Any) -> None:
        """Nothing to roll back."""


def register() -> None:
    """Make `strata_duckdb:///file` known to SQLAlchemy."""
    from sqlalchemy.dialects import registry

    registry.register(DIALECT_NAME, __name__, GuardDialect.__name__)
