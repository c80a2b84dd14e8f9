"""The figures of the report, each summed up by DuckDB: no customer list enters Python."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from strata.errors import StrataError
from strata.report.ahead import ahead
from strata.report.clinic import narrow
from strata.report.today import today
from strata.report.value_actions import value_actions
from strata.report.voice import voice

SQL_DIR = Path(__file__).with_name("sql")

CHAIN_ROWS = 30  # follow-up list: customers of the whole chain
CLINIC_ROWS = 10  # … and of each listed clinic, for its own manager
TREND_DAYS = 13  # twelve months of history and the published day (article 001)
LOST_ROWS = 10  # lost customers worth one more try
CLINICS = 40  # clinics listed one by one; a larger chain gets the rest in one sentence

MARTS = (
    "fct_rfm", "mart_customer_tiers", "mart_data_quality", "mart_high_value_trend",
    "mart_tier_migrations", "mart_tier_summary", "publication",
)  # fmt: skip

Row = dict[str, Any]


@dataclass(frozen=True)
class Figures:
    """Everything the report says. Amounts in CNY, durations in days."""

    publication: Row
    totals: Row
    final: list[Row]
    lifecycle: list[Row]
    segments: list[Row]
    stage_days: list[Row]
    segment_days: list[Row]
    rfm_cells: list[Row]
    trend: list[Row]
    moves: list[Row]
    move_causes: list[Row]
    concentration: list[Row]
    clinics: list[Row]
    clinic_tiers: list[Row]
    attention: list[Row]
    lost: list[Row]
    quality_feeds: list[Row]
    quality_rules: list[Row]
    quality_checks: list[Row]
    quality_failing: list[Row]
    value_actions: list[Row]
    value: list[Row]
    backtest: list[Row]
    today: dict[str, list[Row]]
    ahead: dict[str, list[Row]]
    voice: dict[str, list[Row]]
    clinic: str | None = None


def read_figures(marts_file: Path, clinic: str | None = None) -> Figures:
    """The figures of a published marts file, which is opened read-only; of one clinic's
    customers if it is named.

    Raises:
        StrataError: the file is not there, is not a DuckDB file, lacks a mart, or knows no
            such clinic.
    """
    if not marts_file.is_file():
        raise StrataError(
            f"There are no published marts at {marts_file}.",
            "Run `strata run` first; it builds, audits and publishes them.",
        )
    try:
        with duckdb.connect(str(marts_file), read_only=True) as connection:
            _require_marts(connection, marts_file)
            narrow(connection, clinic)
            return replace(_figures(connection), clinic=clinic)
    except duckdb.Error as error:
        raise StrataError(
            f"The report cannot be drawn from {marts_file.name}: {error}",
            "Publish again with `strata run`; the marts come from another version of Strata"
            " or the file is damaged.",
        ) from error


def _require_marts(connection: duckdb.DuckDBPyConnection, marts_file: Path) -> None:
    there = _tables(connection)
    missing = [name for name in MARTS if name not in there]
    if missing:
        raise StrataError(
            f"{marts_file.name} lacks {', '.join(missing)}.",
            "Publish again with `strata run`; the report needs these marts.",
        )


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {name for (name,) in connection.execute("show tables").fetchall()}


def _figures(connection: duckdb.DuckDBPyConnection) -> Figures:
    def rows(name: str, **values: object) -> list[Row]:
        result = connection.execute((SQL_DIR / f"{name}.sql").read_text("utf-8"), values)
        columns = [column[0] for column in result.description]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]

    connection.execute((SQL_DIR / "views.sql").read_text("utf-8"))
    (publication,) = connection.execute("select * from published").fetchall()
    names = [column[0] for column in connection.description]
    clinics = rows("clinics")
    there = _tables(connection)
    return Figures(
        publication=dict(zip(names, publication, strict=True)),
        totals=rows("totals")[0],
        final=rows("tiers", model="final"),
        lifecycle=rows("tiers", model="lifecycle"),
        segments=rows("tiers", model="rfm_segment"),
        stage_days=rows("stage_days"),
        segment_days=rows("segment_days"),
        rfm_cells=rows("rfm_cells"),
        trend=rows("trend", days=TREND_DAYS),
        moves=rows("moves"),
        move_causes=rows("move_causes"),
        concentration=rows("concentration"),
        clinics=clinics,
        clinic_tiers=rows("clinic_tiers"),
        attention=rows(
            "attention",
            chain_rows=CHAIN_ROWS,
            clinic_rows=CLINIC_ROWS,
            clinics=[row["clinic_id"] or "" for row in clinics[:CLINICS]],
        ),
        lost=rows("lost", lost_rows=LOST_ROWS),
        quality_feeds=rows("quality_feeds"),
        quality_rules=rows("quality_rules"),
        quality_checks=rows("quality_checks"),
        quality_failing=rows("quality_failing"),
        value_actions=value_actions(connection, rows),
        value=rows("value") if "fct_customer_value" in there else [],
        backtest=rows("backtest") if "mart_clv_backtest" in there else [],
        today=today(there, rows),
        ahead=ahead(there, rows),
        voice=voice(there, rows),
    )
