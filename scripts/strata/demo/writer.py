"""Writes one chunk's tables as delivery files, byte for byte the same each time."""

from pathlib import Path
from typing import Literal

import duckdb

from strata.demo.dirt import Planter, Planting
from strata.demo.excel import write_workbook
from strata.demo.summary import DemoFile
from strata.demo.tables import TABLES, Table

FileFormat = Literal["csv", "parquet"]

# Tables whose CSV also gets lines with a wrong number of fields: too few or too many.
BROKEN_LINES = {"customers": "too many", "orders": "too few", "visits": "too many"}
GBK_TABLES = ("products",)
EXCEL_TABLES = ("acquisition_costs",)


class Writer:
    """Writes the tables of a chunk with their dirt; collects files and plantings.

    `part` is "" when there is a single chunk, else "_001", "_002" and so on.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        directory: Path,
        file_format: FileFormat,
        planter: Planter,
        part: str,
    ) -> None:
        self.connection = connection
        self.directory = directory
        self.file_format = file_format
        self.planter = planter
        self.part = part
        self.files: list[DemoFile] = []
        self.plantings: list[Planting] = []

    def write_tables(self, is_global: bool) -> None:
        """Write all tables of the chunk, or the global ones (products, costs)."""
        if not is_global:
            self.planter.prepare()
        for table in TABLES:
            if table.is_global == is_global:
                self._write_table(table)

    def write_corrections(self, limit: int) -> None:
        """A later delivery of some customers with changed clinic and motivation."""
        self.connection.execute(
            "create or replace temp table corrections as "
            "select * replace (if(home_clinic_id = 'beijing_chaoyang', 'shanghai_xuhui', "
            "'beijing_chaoyang') as home_clinic_id, 'efficacy' as motivation) "
            "from out_customers where customer_id not in "
            "(select customer_id from dirt_customers where customer_id is not null) "
            f"order by hash(customer_id, 'corrected'), customer_id limit {limit}"
        )
        rows = self._copy("select * from corrections order by customer_id",
                          "customers_corrections", "customers")  # fmt: skip
        self.plantings.append(Planting("customers", "superseded", "customer_id", rows))

    def write_truth(self) -> None:
        """The hidden truth per source record, under `_truth`."""
        query = "select * from out_customers_truth order by customer_id"
        self._copy(query, f"_truth/customers_truth{self.part}", "customers_truth")

    def _write_table(self, table: Table) -> None:
        self.plantings += self.planter.plant(table)
        if not table.is_yearly or self.file_format == "parquet":
            self._write_file(table, self._query(table), f"{table.name}{self.part}", True)
        else:
            years = self.connection.execute(
                f"select distinct _year from {table.clean} order by 1"
            ).fetchall()
            for (year,) in years:
                name = f"{table.name}_{year}{self.part}"
                query = self._query(table, f"_year = {year}")
                self._write_file(table, query, name, (year,) == years[-1])

    def _query(self, table: Table, where: str = "true") -> str:
        """Clean rows and dirt together, in a total order."""
        described = self.connection.execute(f"describe {table.clean}").fetchall()
        columns = ", ".join(row[0] for row in described if not row[0].startswith("_"))
        keys = [f"_o{n}" for n in range(len(table.order_by))]
        origin = ", ".join(
            f"{column} as {key}" for key, column in zip(keys, table.order_by, strict=True)
        )
        return (
            f"select {columns} from ("
            f"select {columns}, {origin}, 0 as _place, '' as _rule, '' as _column "
            f"from {table.clean} where {where} union all "
            f"select {columns}, {', '.join(keys)}, _place, _rule, _column "
            f"from dirt_{table.name} where {where}) "
            f"order by {', '.join(keys)}, _place, _rule, _column, {', '.join(table.key)}"
        )

    def _write_file(self, table: Table, query: str, stem: str, is_last: bool) -> None:
        if self.file_format == "csv" and table.name in EXCEL_TABLES:
            self._write_excel(table, query, stem)
            return
        rows = self._copy(query, stem, table.name)
        if self.file_format == "csv" and table.name in GBK_TABLES:
            path = self.directory / f"{stem}.csv"
            path.write_bytes(path.read_text("utf-8").encode("gbk"))
        if self.file_format == "csv" and is_last and self.planter.share > 0:
            self._break_lines(table, stem, rows)

    def _copy(self, query: str, stem: str, table_name: str) -> int:
        path = self.directory / f"{stem}.{self.file_format}"
        target = str(path).replace("'", "''")
        options = "format csv, header true"
        if self.file_format == "parquet":
            options = "format parquet, compression zstd, row_group_size 122880"
        (rows,) = self.connection.execute(
            f"copy ({query}) to '{target}' ({options})"
        ).fetchone()
        if not stem.startswith("_"):
            self.files.append(DemoFile(path.name, table_name, rows))
        return rows

    def _write_excel(self, table: Table, query: str, stem: str) -> None:
        relation = self.connection.execute(query)
        header = [column[0] for column in relation.description]
        rows = relation.fetchall()
        write_workbook(self.directory / f"{stem}.xlsx", table.name, header, rows)
        self.files.append(DemoFile(f"{stem}.xlsx", table.name, len(rows)))

    def _break_lines(self, table: Table, stem: str, rows: int) -> None:
        kind = BROKEN_LINES.get(table.name)
        if kind is None:
            return
        count = max(1, round(rows * self.planter.share / 10))
        tail = "" if kind == "too few" else ",x" * 20
        with (self.directory / f"{stem}.csv").open("a", encoding="utf-8", newline="") as file:
            file.writelines(f"BROKEN{n:06d},{kind}{tail}\n" for n in range(count))
        self.files[-1] = DemoFile(self.files[-1].name, table.name, rows + count)
        self.plantings.append(Planting(table.name, "unreadable_row", "", count))
