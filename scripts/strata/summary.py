"""What a person sees at the end of a load, a run, or when asking for the status."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from rich.markup import escape
from rich.table import Table

from strata.console import console
from strata.identities import REMARKS, remark_of
from strata.landing import LoadReport, standing_notes
from strata.record import DONE, PUBLISHED, RUNNING, last_run
from strata.settings import Settings, project_variables
from strata.trouble import BUSY, of_engine


def show_load(report: LoadReport) -> None:
    """Files by fate, with every note that asks for attention."""
    loaded = report.with_status("loaded")
    console.print(
        f"  {len(loaded)} files, {report.rows_loaded:,} rows loaded;"
        f" {report.rows_unreadable:,} unreadable lines set aside"
    )
    known = report.with_status("already_loaded")
    if known:
        console.print(
            f"  {len(known)} files were already loaded (same content) and are skipped"
        )
    for status, colour in (("unreadable", "red"), ("no_table", "yellow"), ("loaded", "dim")):
        for file in report.with_status(status):
            for text in file.notes:
                said = escape(f"{file.file_name}: {text}")
                console.print(f"  [{colour}]{said}[/{colour}]")
    for warning in report.warnings:
        console.print(f"  [yellow]! {escape(warning)}[/yellow]")


def show_publication(settings: Settings) -> None:
    """Customers by tier, what was set aside and why, and where everything lies."""
    with duckdb.connect(str(settings.published_marts), read_only=True) as marts:
        _tiers(marts)
        _set_aside(marts)
        _gaps(marts)
    _hanging(settings)
    _identities(settings)
    console.print(f"Published   {_shown(settings.published_marts)}")
    console.print(f"Report      {_shown(settings.report_file)}")
    console.print(f"Tier book   {_shown(settings.book_file)}")
    console.print(f"Data Docs   {_shown(settings.data_docs_dir / 'index.html')}")
    console.print(
        "\nNext        strata explain CUSTOMER    why one customer is where they are\n"
        "            strata status              how fresh the publication is\n"
        "            strata load --help         your own data"
    )


def show_status(settings: Settings) -> bool:
    """The publication, its age and the last run; False if nothing is published."""
    last = last_run(settings)
    if last:
        colour = {PUBLISHED: "green", RUNNING: "yellow", DONE: "yellow"}.get(last.status, "red")
        named = f"{escape(last.run_id)} " if last.run_id else ""
        console.print(f"Last run    {named}[{colour}]{last.status}[/{colour}]")
        for line in last.message.splitlines()[:1]:
            console.print(f"            {escape(line)}")
        if last.status == DONE:
            console.print(
                "Build       not audited, not what is published. Next: strata publish, or"
                " strata run"
            )
        elif not last.is_build_whole and last.status != RUNNING:
            console.print(
                "Build       [red]half done[/red], not what is published. Next: strata run"
            )
    _build_notes(settings)
    _load_notes(settings)
    if not settings.published_marts.exists():
        console.print("Nothing is published yet. Load a source, then: strata run")
        return False
    with duckdb.connect(str(settings.published_marts), read_only=True) as marts:
        row = marts.execute(
            "select any_value(run_id), any_value(published_at), any_value(as_of_date),"
            " any_value(ruleset), any_value(sources), any_value(git_revision), sum(row_count)"
            " from publication"
        ).fetchone()
    run_id, published_at, as_of_date, ruleset, sources, revision, rows = row
    age = datetime.now(UTC).replace(tzinfo=None) - published_at
    hours = age.total_seconds() / 3600
    console.print(f"Publication {run_id}, {hours:.1f} hours old, {rows:,} rows")
    console.print(f"As of       {as_of_date}, rule set {ruleset}, sources {sources}")
    console.print(f"Data        {_age_of_data(settings, as_of_date)}")
    console.print(f"Revision    {revision}")
    console.print(f"File        {_shown(settings.published_marts)}")
    _identities(settings)
    return True


def _build_notes(settings: Settings) -> None:
    """A build that cannot be opened, unless a program has it open."""
    if not settings.database.exists():
        return
    try:
        duckdb.connect(str(settings.database), read_only=True).close()
    except duckdb.Error as failure:
        told = of_engine(failure)
        if told.exit_code != BUSY:
            console.print(f"Build       [red]{escape(told.message)}[/red]")
            console.print(f"            {escape(told.hint)}")


def _age_of_data(settings: Settings, as_of_date: date) -> str:
    """How far the data reach, which a run of today does not make any younger."""
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(project_variables()["business_time_zone"])).date()
    said = f"up to {as_of_date}, {_days((today - as_of_date).days)} old"
    rows = _asked_of_build(
        settings,
        "select max(loaded_at) from landing.files where file_id not in"
        " (select file_id from landing.withdrawn_files)",
    )
    for (loaded_at,) in rows:
        if loaded_at:
            age = _days((now.replace(tzinfo=None) - loaded_at).days)
            said += f"; the newest file was loaded on {loaded_at:%Y-%m-%d}, {age} ago"
    return said


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"


def _asked_of_build(settings: Settings, sql: str) -> list[tuple]:
    """Rows of a query; none while another process holds the build, or before there is one."""
    try:
        with duckdb.connect(str(settings.database), read_only=True) as build:
            return build.execute(sql).fetchall()
    except (duckdb.CatalogException, duckdb.IOException):
        return []


def _identities(settings: Settings) -> None:
    """Shared identifiers that link nobody or contradict themselves, with their records."""
    remarks = [remark_of(*row) for row in _asked_of_build(settings, REMARKS)]
    for remark in remarks:
        console.print(f"Identity    [yellow]{escape(remark.said)}[/yellow]")
        for example in remark.examples:
            console.print(f"            {escape(example)}", style="dim")
    if remarks:
        console.print("            all of them: customers.shared_identifiers")


def _load_notes(settings: Settings, most: int = 30) -> None:
    """What the loads have remarked on files in force, so that it does not scroll past."""
    notes = standing_notes(settings)
    for file_name, note in notes[:most]:
        said = f"{file_name}: {note}" if file_name else note
        console.print(f"Load        [yellow]{escape(said)}[/yellow]")
    if len(notes) > most:
        console.print(f"            and {len(notes) - most:,} more in landing.load_notes")


def _tiers(marts: duckdb.DuckDBPyConnection) -> None:
    as_of_date, ruleset = marts.execute(
        "select any_value(as_of_date), any_value(ruleset) from publication"
    ).fetchone()
    table = Table(
        title=f"Customers by tier on {as_of_date} (rule set {ruleset})", title_justify="left"
    )
    table.add_column("tier")
    table.add_column("")
    for column in ("customers", "share", "net amount, 365 days"):
        table.add_column(column, justify="right")
    rows = marts.execute(
        "select label_en, label_zh, sum(customers),"
        " sum(customers) / sum(sum(customers)) over (),"
        " sum(net_amount_365) from mart_tier_summary where model = 'final'"
        " group by label_en, label_zh, tier_rank order by tier_rank"
    ).fetchall()
    for label_en, label_zh, customers, share, amount in rows:
        table.add_row(label_en, label_zh, f"{customers:,}", f"{share:.1%}", f"{amount:,.0f}")
    console.print(table)


def _set_aside(marts: duckdb.DuckDBPyConnection) -> None:
    staged, accepted, rejected, superseded = (
        marts.execute(
            "select coalesce(sum(row_count), 0) from mart_data_quality"
            " where kind = 'rows' and rule = ?",
            [fate],
        ).fetchone()[0]
        for fate in ("staged", "accepted", "rejected", "superseded")
    )
    (unreadable,) = marts.execute(
        "select coalesce(sum(row_count), 0) from mart_data_quality"
        " where kind = 'rejection' and rule = 'unreadable_row'"
    ).fetchone()
    console.print(
        f"Rows read: {staged:,} = accepted {accepted:,} + rejected {rejected:,}"
        f" + replaced by a later delivery {superseded:,}; unreadable lines: {unreadable:,}"
    )
    rows = marts.execute(
        "select any_value(label_en), any_value(what_to_do), sum(row_count) as rows"
        " from mart_data_quality where kind = 'rejection' and rule != 'rejected_reference'"
        " group by rule order by rows desc, rule"
    ).fetchall()
    if rows:
        table = Table(
            title="Rejected rows: each one is in entities.rejected_rows", title_justify="left"
        )
        table.add_column("rows", justify="right")
        table.add_column("why", overflow="fold")
        table.add_column("what to do", overflow="fold")
        for label, what_to_do, count in rows:
            table.add_row(f"{count:,}", label, what_to_do)
        console.print(table)
    cells = marts.execute(
        "select sum(row_count), subject, column_name, any_value(label_en)"
        " from mart_data_quality where kind = 'cell'"
        " group by subject, column_name, rule"
        " order by sum(row_count) desc, subject, column_name"
    ).fetchall()
    if cells:
        most = "; ".join(
            f"{entity}.{column} {count:,} ({label[0].lower()}{label[1:]})"
            for count, entity, column, label in cells[:5]
        )
        console.print(
            f"Cells that are no good: {sum(row[0] for row in cells):,}, each one in"
            f" entities.flagged_cells; their rows count without them. {most}",
            style="yellow",
        )


def _hanging(settings: Settings) -> None:
    """Rows that wait for others which were rejected: told under their cause, once."""
    with duckdb.connect(str(settings.database), read_only=True) as build:
        hanging = build.execute(
            "select case when column_name = 'order_id' then 'orders' else 'customers' end,"
            " entity, column_name, sum(rows)::bigint from entities.row_accounts"
            " where rule = 'rejected_reference' group by all order by all"
        ).fetchall()
        for cause in ("customers", "orders"):
            found = [row for row in hanging if row[0] == cause]
            if not found:
                continue
            ids = " union ".join(
                f"select source, {column} from entities.{entity}_checked"
                f" where fault = 'rejected_reference:{column}'"
                for _, entity, column, _ in found
            )
            (causes,) = build.execute(f"select count(*) from ({ids})").fetchone()
            rows = ", ".join(f"{entity} {rows:,}" for _, entity, _, rows in found)
            console.print(
                f"{sum(row[3] for row in found):,} rows hang on {causes:,} rejected {cause}"
                f" ({rows}): mend those, and these count in the next run.",
                style="yellow",
            )


def _gaps(marts: duckdb.DuckDBPyConnection) -> None:
    """What the tiers had to do without: said in a few lines, listed in mart_data_quality."""
    gaps = marts.execute(
        "select kind, subject, rule, column_name, row_count, label_en from mart_data_quality"
        " where kind in ('missing', 'silent', 'untiered', 'presumed', 'fallback')"
        " order by kind, row_count desc, subject"
    ).fetchall()
    feeds = ", ".join(gap[1] for gap in gaps if gap[0] == "missing")
    silent = ", ".join(f"{gap[1]} ({gap[3]})" for gap in gaps if gap[0] == "silent")
    said = []
    if feeds:
        said.append(f"Not delivered: {feeds}. What needs them is null, never 0.")
    if silent:
        said.append(f"Silent for want of a feed: {silent}. Nobody has a tier there.")
    units = {"untiered": "persons", "presumed": "order lines", "fallback": "customers"}
    said += [
        f"{rows:,} {units[kind]}: {label[0].lower()}{label[1:]}."
        for kind, _, _, _, rows, label in gaps
        if kind in units
    ]
    for line in said:
        console.print(line, style="yellow")


def _shown(path: Path) -> str:
    """The path as the reader would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
