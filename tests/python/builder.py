"""A small chain of clinics, written row by row, loaded and built for real."""

import contextlib
import csv
import io
import os
import shutil
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from dbt.cli.main import dbtRunner

from strata.dbt import PROOFS, Dbt, close_warehouse
from strata.errors import StrataError
from strata.history.fill import reached
from strata.landing import declared_tables, load_directory
from strata.settings import PROJECT_DIR, load_settings
from strata.warehouse import open_build

# The same keys in every warehouse of a test.
os.environ.setdefault("STRATA_SECRET", "of the tests")

REGISTERED = "2020-01-01"
# What people do with tiers, for tests of the tiers themselves: a third of a small build.
OUTPUTS = ("path:models/outputs+", "path:models/actions+")
# What history reads of a publication, and what no publication goes without.
PUBLISHED = {"mart_customer_tiers", "dim_customers", "mart_thresholds", "mart_medical_tiers"}


def apart_from(dbt: Dbt, wanted: Collection[str]) -> list[str]:
    """The models of which none of `wanted` is made: a build for these can leave them out."""
    models = [n for n in dbt.manifest.nodes.values() if n.resource_type == "model"]
    start = [model.unique_id for model in models if model.name in wanted]
    needed = reached(start, dbt.manifest.parent_map)
    return [model.name for model in models if model.unique_id not in needed]


def builder_of(wanted: Collection[str]) -> Callable[..., None]:
    """`Dbt.build_models` of these models and what they are made of: a third of the time."""
    build_models = Dbt.build_models

    def build(
        dbt: Dbt, select: Sequence[str] = (), exclude: Sequence[str] = (), **variables: Any
    ) -> None:
        build_models(dbt, select, [*exclude, *apart_from(dbt, wanted)], **variables)

    return build


def copy_project(directory: Path) -> Path:
    """The dbt project, copied so that a test may change its policy or its ladders."""
    project = directory / "project"
    project.mkdir()
    shutil.copy(PROJECT_DIR / "dbt_project.yml", project)
    for room in ("models", "macros", "seeds", "profiles", "tests/generic", "tests/singular"):
        shutil.copytree(PROJECT_DIR / room, project / room)
    return project


class Said(NamedTuple):
    """How a command ended, and its words."""

    returncode: int
    stdout: str


class Chain:
    """Collects raw rows of the source `demo`, then lands and builds them in a warehouse."""

    def __init__(self, directory: Path, project_dir: Path = PROJECT_DIR) -> None:
        self.project_dir = project_dir
        self.files = directory / "files"
        self.settings = load_settings(directory / "warehouse")
        self._columns = declared_tables("demo")
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._numbers: dict[str, int] = {}
        self._delivered: dict[str, list[dict[str, Any]]] = {}
        self.deliveries = 0

    def add(self, table: str, **values: Any) -> None:
        """One raw row; columns that are not named stay blank."""
        unknown = values.keys() - set(self._columns[table])
        assert not unknown, f"{table} has no column {unknown}"
        self._rows.setdefault(table, []).append(values)

    def customer(self, customer_id: str, **values: Any) -> None:
        """A registered customer of the clinic `north`."""
        defaults = {"system": "his", "registered_date": REGISTERED, "home_clinic_id": "north"}
        self.add("customers", **(defaults | {"customer_id": customer_id} | values))

    def product(
        self, product_id: str, category: str = "skin_care", department: str = "dermatology"
    ) -> None:
        """A product for sale."""
        self.add("products", product_id=product_id, category=category, department=department)

    def order(
        self,
        customer_id: str,
        day: str,
        amount: Any = 1000,
        product_id: str = "facial",
        **values: Any,
    ) -> str:
        """A paid order of one line; returns its id."""
        order_id = values.pop("order_id", None) or self._next("o")
        defaults = {"clinic_id": "north", "status": "paid"}
        row = (
            defaults
            | {"order_id": order_id, "customer_id": customer_id, "order_date": day}
            | values
        )
        self.add("orders", **row)
        self.add(
            "order_items", order_id=order_id, line_number=1, product_id=product_id, quantity=1,
            list_amount=amount, net_amount=amount,
        )  # fmt: skip
        return order_id

    def refund(self, order_id: str, day: str, amount: Any) -> None:
        """Money back for an order."""
        self.add(
            "refunds",
            refund_id=self._next("r"),
            order_id=order_id,
            refund_date=day,
            refund_amount=amount,
        )

    def visit(
        self, customer_id: str, day: str, visit_type: str = "treatment", **values: Any
    ) -> None:
        """An arrival at the clinic."""
        defaults = {"clinic_id": "north", "status": "arrived", "department": "dermatology"}
        row = defaults | {"visit_id": self._next("v"), "customer_id": customer_id} | values
        self.add("visits", **row, visit_date=day, visit_type=visit_type)

    def referral(self, referrer: str, referee: str, day: str) -> None:
        """One customer brings another."""
        self.add(
            "referrals", referral_id=self._next("f"), referrer_customer_id=referrer,
            referee_customer_id=referee, referral_date=day,
        )  # fmt: skip

    def _next(self, prefix: str) -> str:
        self._numbers[prefix] = self._numbers.get(prefix, 0) + 1
        return f"{prefix}{self._numbers[prefix]:05}"

    def load(self) -> None:
        """Deliver what was added since the last load, as one more folder of CSV files."""
        self.deliveries += 1
        folder = self.files / f"delivery_{self.deliveries}"
        folder.mkdir(parents=True)
        for table, rows in self._rows.items():
            path = folder / f"{table}_{self.deliveries}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, self._columns[table])
                writer.writeheader()
                writer.writerows(rows)
            self._delivered.setdefault(table, []).extend(rows)
        self._rows = {}
        self.settings.next_marts.parent.mkdir(parents=True, exist_ok=True)
        load_directory(self.settings, "demo", folder)

    def load_again(self) -> None:
        """Deliver all rows that were delivered before, in another order."""
        self._rows = {table: rows[::-1] for table, rows in self._delivered.items()}
        self.load()

    def dbt(self, command: str, *arguments: str, **variables: Any) -> Said:
        """Run dbt as an analytics engineer would; the caller looks at what it said."""
        dbt = Dbt(self.settings, variables, self.project_dir)
        del os.environ["STRATA_RUNS"]
        words = io.StringIO()
        try:
            dbt.parse()
            with contextlib.redirect_stdout(words):
                done = dbtRunner(manifest=dbt.manifest).invoke(
                    [
                        command, *dbt._arguments, "--log-level", "info", "--no-use-colors",
                        *arguments,
                    ]
                )  # fmt: skip
        except StrataError as unread:
            return Said(2, unread.message)
        finally:
            close_warehouse()
        return Said(0 if done.success else 1, f"{words.getvalue()}{done.exception or ''}")

    def build(self, *arguments: str, tests: bool = True, **variables: Any) -> None:
        """Build, with dbt's tests unless told otherwise; a StrataError if it fails.

        What looks at the project's files alone is proved once, on the demo chain.
        """
        if not tests:
            arguments += ("--exclude-resource-type", "test")
        elif "--select" not in arguments:
            arguments += ("--exclude", *PROOFS)
        dbt = Dbt(self.settings, variables, self.project_dir)
        dbt.parse()
        dbt.build(*arguments)

    def failing_rows(self, test: str) -> list[tuple]:
        """The rows that a dbt test stored; none where it passed."""
        stored = self.query(
            "select 1 from duckdb_tables()"
            f" where schema_name = 'audit' and table_name = '{test}'"
        )
        return self.query(f"select * from audit.{test}") if stored else []

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query over the build warehouse, with the marts that it built as `marts`."""
        with open_build(self.settings) as connection:
            return connection.execute(sql).fetchall()

    def change(self, *statements: str) -> None:
        """Change the build warehouse behind dbt's back."""
        with duckdb.connect(str(self.settings.database)) as connection:
            for statement in statements:
                connection.execute(statement)
