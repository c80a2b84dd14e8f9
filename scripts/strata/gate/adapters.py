"""What Great Expectations needs to read DuckDB, and to write pages that open from disk.

Imported when a check runs, then named to Great Expectations.
"""

from pathlib import Path
from typing import Any

from duckdb_engine import Dialect
from great_expectations.render.view import DefaultJinjaIndexPageView, DefaultJinjaPageView
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy.dialects import registry


class GuardDialect(Dialect):
    """DuckDB without transactions.

    Great Expectations gives the connection back before it fetches; with real transactions
    DuckDB drops the pending result and every expectation fails. The guard only reads.
    """

    driver = "strata_duckdb"
    supports_statement_cache = False

    def do_begin(self, connection: Any) -> None:
        """Nothing to begin, to commit or to roll back."""

    do_commit = do_rollback = do_begin


class _Offline:
    """The packaged pages load styles and scripts from elsewhere; docs_site/ comes first."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        own = FileSystemLoader(Path(__file__).parent / "docs_site")
        self.env.loader = ChoiceLoader([own, self.env.loader])


class OfflinePageView(_Offline, DefaultJinjaPageView):
    """A page of a suite or of a result."""


class OfflineIndexView(_Offline, DefaultJinjaIndexPageView):
    """The list of results."""


registry.register(GuardDialect.driver, __name__, GuardDialect.__name__)
