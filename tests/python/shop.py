"""A source with two tables, an inbox of files and a warehouse, for the tests of landing."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import openpyxl

from strata.landing import FileReport, LoadReport, load_directory
from strata.settings import Settings

HEADER = "order_id,customer_id,order_date,net_amount,note\n"
COLUMNS = HEADER.strip().split(",")
MOMENT = datetime.datetime(2026, 11, 22, 8, 30)
DECLARATION = """
sources:
  - name: shop
    schema: raw_shop
    tables:
      - name: orders
        columns: [{name: order_id}, {name: customer_id}, {name: order_date},
                  {name: net_amount}, {name: note}]
      - name: order_items
        columns: [{name: order_id}, {name: line_number}]
"""


@dataclass
class Shop:
    """A project with one source, a directory of files, and a warehouse."""

    base: Path

    @property
    def inbox(self) -> Path:
        return self.base / "inbox"

    @property
    def settings(self) -> Settings:
        return Settings(self.base / "warehouse")

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.inbox / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def put_parquet(self, name: str, query: str) -> Path:
        path = self.inbox / name
        duckdb.connect().execute(f"copy ({query}) to '{path}' (format parquet)")
        return path

    def put_sheet(self, name: str, rows: list[list]) -> Path:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(self.inbox / name)
        return self.inbox / name

    def load(self, progress: Callable[[str], None] | None = None, **options: Any) -> LoadReport:
        return load_directory(
            self.settings,
            "shop",
            self.inbox,
            progress,
            project_dir=self.base / "project",
            loaded_at=MOMENT,
            **options,
        )

    def load_one(self) -> FileReport:
        (report,) = self.load().files
        return report

    def rows(self, query: str) -> list[tuple]:
        with duckdb.connect(self.settings.database, read_only=True) as connection:
            return connection.execute(query).fetchall()

    def types(self, table: str = "orders") -> dict[str, str]:
        return {row[0]: row[1] for row in self.rows(f"describe raw_shop.{table}")}
