"""The command `strata`."""

import contextlib
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape

from strata import __version__, stop
from strata.console import console, errors, note, now_and_then, step
from strata.errors import WRONG_USE, StrataError
from strata.settings import Settings, load_settings

if TYPE_CHECKING:
    from strata.forget.command import Certificate

app = typer.Typer(
    help="Strata: one trustworthy, explained tier per customer, for any day.\n\n"
    "A day's work: `strata load --source NAME DIR`, then `strata run`. The published marts and"
    " the report then lie in warehouse/published/. Try it without data: `strata quickstart`.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)

Warehouse = Annotated[
    Path | None,
    typer.Option(
        "--warehouse",
        metavar="DIR",
        help="Where the warehouse lies (default: STRATA_WAREHOUSE, else warehouse/).",
    ),
]
Threads = Annotated[
    int | None,
    typer.Option("--threads", min=1, help="Threads to use (default: 2, or STRATA_THREADS)."),
]
Sources = Annotated[
    list[str],
    typer.Option(
        "--source", "-s", help="A loaded source that takes part; may be given several times."
    ),
]
AcceptDrift = Annotated[
    bool,
    typer.Option(
        "--accept-drift",
        help="It is right that so much moved: publish it this once. What is broken stops.",
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        help="The day to describe (default: the last business day with ordinary traffic).",
    ),
]


def _column(option: str, what: str) -> Any:
    """An option that names the column of a flat file that holds something."""
    words = f"transactions: the column with {what} (none: there is none)."
    return Annotated[str | None, typer.Option(option, metavar="COL", help=words)]


CustomerColumn = _column("--customer", "the customer")
DateColumn = _column("--date", "the day of purchase")
AmountColumn = _column("--amount", "what was paid for the row")
OrderColumn = _column("--order", "the order number")
ProductColumn = _column("--product", "the product")
CategoryColumn = _column("--category", "the product's category")
ClinicColumn = _column("--clinic", "the clinic or shop")
QuantityColumn = _column("--quantity", "the number of units")
PriceColumn = _column("--price", "the price of a unit, where none has amounts")
UnitCostColumn = _column("--unit-cost", "what a unit costs you")
CostColumn = _column("--cost", "what the whole row costs you")


def _with_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Print a failure that has a way out as what is wrong and that way; exit with its code."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        stop.listen()
        try:
            answer = command(*args, **kwargs)
            sys.stdout.flush()
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except (Exception, KeyboardInterrupt) as failure:
            raise typer.Exit(_tell(failure, kwargs.get("warehouse"))) from None
        return answer

    return guarded


def _tell(failure: BaseException, warehouse: Path | None) -> int:
    """Print what is wrong and the way out; returns the exit code."""
    if signal_number := stop.asked_by() or isinstance(failure, KeyboardInterrupt) * 2:
        errors.print("Stopped. What is published is whole; run the same command again.")
        return 128 + signal_number
    from strata.trouble import DAMAGE_HINT, in_words, unexpected

    error = in_words(failure)
    if error and error.hint == DAMAGE_HINT:
        error = _diagnosed(warehouse) or error
    with contextlib.suppress(OSError):  # there may be nowhere to print to
        if error is None:
            try:
                log = load_settings(warehouse).failure_file
            except (StrataError, OSError):
                log = Path("strata-failure.txt").resolve()
            error = unexpected(failure, log)
        errors.print(f"[bold red]✗[/bold red] {escape(error.message)}")
        if error.hint:
            errors.print(f"[bold]→[/bold] {escape(error.hint)}")
        sys.stdout.flush()
    if sys.stdout.errors and isinstance(failure, OSError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - nothing left to flush
    return error.exit_code if error else 1


def _diagnosed(warehouse: Path | None) -> StrataError | None:
    from strata.served import diagnose

    with contextlib.suppress(StrataError, OSError):
        return diagnose(load_settings(warehouse))
    return None


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@app.command()
@_with_errors
def quickstart(
    customers: Annotated[
        int, typer.Option(min=100, help="Customers of the demo chain.")
    ] = 20_000,
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """A demo chain from raw files to published tiers and a report: demo, load, run."""
    from strata.demo import generate
    from strata.landing import load_directory
    from strata.lock import only_writer
    from strata.options import RunOptions
    from strata.run import run
    from strata.summary import show_load, show_publication

    settings = load_settings(warehouse, threads)
    with only_writer(settings):
        files = settings.warehouse_dir / "demo" / f"{customers}_customers"
        with step(f"Make a demo chain of {customers:,} customers"):
            generate(files, customers=customers, progress=note)
        with step("Load its files"):
            show_load(load_directory(settings, "demo", files, now_and_then()))
        run(settings, RunOptions(with_backtest=True))
    show_publication(settings)


@app.command()
@_with_errors
def demo(
    directory: Annotated[Path, typer.Argument(help="Where to write the raw files.")],
    customers: Annotated[int, typer.Option(min=100, help="How many customers.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Another seed makes another chain.")] = 7,
    file_format: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
    dirt: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share of damaged rows, planted and counted.")
    ] = 0.01,
    truth: Annotated[
        bool,
        typer.Option(help="Also write the hidden truth (_truth/): drop-out and future value."),
    ] = False,
) -> None:
    """Make the raw files of a demo chain: five years, several clinics, every kind of dirt.

    The same arguments always give the same files.
    """
    from strata.demo import generate

    if file_format not in ("csv", "parquet"):
        raise StrataError(
            f"Unknown format {file_format!r}.",
            "Use --format csv or --format parquet.",
            WRONG_USE,
        )
    with step(f"Make a demo chain of {customers:,} customers"):
        made = generate(
            directory,
            customers=customers,
            seed=seed,
            file_format=file_format,
            dirt_share=dirt,
            truth=truth,
            progress=note,
        )
    console.print(f"  {len(made.files)} files in {directory}")
    console.print(f"Next        strata load --source demo {directory}")


@app.command()
@_with_errors
def load(
    directory: Annotated[
        list[Path],
        typer.Argument(metavar="DIR…", help="The folder with the source's files, or files."),
    ],
    source: Annotated[
        str,
        typer.Option(
            "--source",
            "-s",
            help="The source: a folder in models/staging/; transactions for flat files.",
        ),
    ],
    customer: CustomerColumn = None,
    day: DateColumn = None,
    amount: AmountColumn = None,
    order: OrderColumn = None,
    product: ProductColumn = None,
    category: CategoryColumn = None,
    clinic: ClinicColumn = None,
    quantity: QuantityColumn = None,
    price: PriceColumn = None,
    unit_cost: UnitCostColumn = None,
    cost: CostColumn = None,
    date_style: Annotated[
        str | None,
        typer.Option(
            help="transactions: how days are written: year_first, day_first, month_first or"
            " month_named (default: as the values tell)."
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="transactions: the columns shown are right.")
    ] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Take back what was loaded before under the same file names."
        ),
    ] = False,
    scope: Annotated[
        str | None,
        typer.Option(
            metavar="clinic",
            help="Shops number alike: each file's ids are those of the clinic in its name.",
        ),
    ] = None,
    warehouse: Warehouse = None,
) -> None:
    """Read CSV (UTF-8, GBK, UTF-16), Excel and Parquet files into a source's raw tables.

    A file belongs to the table that its name begins with (orders_2025.csv → orders). A file
    loaded before is recognised by its content and skipped. Lines that cannot be read are set
    aside with a reason; the good rest is loaded. Exit code 1 if a whole file was unreadable,
    or left out because its name begins with no table.

    A row that comes again with the same key replaces the earlier one. A row that a corrected
    file no longer has stays, unless --replace says that the file stands for the earlier one as
    a whole. A file that lacks columns changes only those that it has.

    --scope clinic: orders_north.csv and orders_south.csv may have the same order numbers, if
    order_items_north.csv and order_items_south.csv do as well. It holds for later loads of the
    source, too.

    Flat files of transactions (a row per sale or per line sold) need no source of their own:
    `strata load --source transactions FILE.csv`. Which column is what is guessed from names in
    Chinese and English, shown, and loaded once --yes confirms it. Rows without an order number
    are one order per customer and day; a file never replaces the rows of another one. Amounts
    below zero are money given back.
    """
    from strata.flat import SOURCE, read_flat
    from strata.landing import declared_tables, load_directory
    from strata.lock import only_writer
    from strata.summary import show_load

    settings = load_settings(warehouse)
    asked = {
        column: name
        for column, name in {
            "customer_id": customer,
            "order_date": day,
            "net_amount": amount,
            "order_id": order,
            "product": product,
            "category": category,
            "clinic_id": clinic,
            "quantity": quantity,
            "unit_price": price,
            "unit_cost": unit_cost,
            "cost_amount": cost,
        }.items()
        if name
    }
    if source != SOURCE and (asked or date_style or yes):
        raise StrataError(
            f"Columns are named for the source {SOURCE} only; {source} declares its own.",
            f"Leave these options out, or load the files with --source {SOURCE}.",
            WRONG_USE,
        )
    shown = ", ".join(map(str, directory))
    with only_writer(settings):
        readings = (
            read_flat(settings, directory, asked, date_style, yes) if source == SOURCE else []
        )
        with step(f"Load {shown} as source {source}"):
            report = load_directory(
                settings, source, directory, now_and_then(), replace=replace, scope=scope,
                readings=readings,
            )  # fmt: skip
            show_load(report)
    if not report.with_status("loaded") and not report.with_status("already_loaded"):
        raise StrataError(
            f"None of the {len(report.files)} files in {shown} could be loaded for {source}"
            " (above).",
            "A file's name begins with its table: " + ", ".join(declared_tables(source)) + ".",
        )
    unreadable, strangers = (
        len(report.with_status(status)) for status in ("unreadable", "no_table")
    )
    if unreadable or strangers:
        lost = [f"{unreadable} files could not be read"] if unreadable else []
        lost += [f"{strangers} files were left out"] if strangers else []
        raise StrataError(
            f"{' and '.join(lost)} (above); the rest is loaded.",
            "Mend them, rename them after their table, or begin their names with _ to leave"
            " them out. Then load the folder again: what is loaded is not doubled."
            " strata status repeats what stands above.",
        )
    console.print(f"Next        strata check --source {source}    what a run would make of it")
    console.print(f"            strata run --source {source}")


@app.command("init")
@_with_errors
def init_command(
    source: Annotated[str, typer.Argument(help="The new source's name, such as his.")],
    files: Annotated[list[Path], typer.Argument(help="Its files, or their folder.")],
) -> None:
    """Write the folder of a new source from its files: models/staging/SOURCE, guesses marked.

    Which feed a file is and which column is what is guessed from names in Chinese and English.
    Look at what was written, then load the files and ask `strata check`.
    """
    from strata.init import init

    init(source, files)


@app.command("check")
@_with_errors
def check_command(
    source: Sources = ["demo"],  # noqa: B006
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """Say what a run would make of the loaded files, in seconds; nothing is built or published.

    Rows are typed and checked in a warehouse aside: what is accepted, what is rejected and why,
    with an example; customers, orders and money to hold against your own figures; what was not
    delivered, and which tier models say nothing without it. Exit code 1: a run would stop.
    """
    from strata.check import check
    from strata.lock import only_writer

    settings = load_settings(warehouse, threads)
    with only_writer(settings):
        check(settings, source)


@app.command()
@_with_errors
def withdraw(
    files: Annotated[list[str], typer.Argument(help="Names of files as they were loaded.")],
    source: Annotated[str, typer.Option("--source", "-s", help="Name of the source.")],
    warehouse: Warehouse = None,
) -> None:
    """Take back files that should not have been loaded; the next run is without their rows.

    Nothing is deleted: the rows count as taken back. Rows that they had replaced are in force
    again. The same file may be loaded again later.
    """
    from strata.landing import withdraw_files
    from strata.lock import only_writer

    settings = load_settings(warehouse)
    with only_writer(settings):
        taken_back = withdraw_files(settings, source, files)
    for name, (deliveries, rows) in taken_back.items():
        console.print(f"  {name}: {rows:,} rows of {deliveries} deliveries are taken back")
    console.print(f"Next        strata run --source {source}")


@app.command("run")
@_with_errors
def run_command(
    source: Sources = ["demo"],  # noqa: B006 - typer reads the default, nobody changes it
    as_of: AsOf = None,
    ruleset: Annotated[
        str | None, typer.Option(help="The rule set (seeds/policy/rulesets.csv).")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Build everything, not only what new rows touch.")
    ] = False,
    accept_drift: AcceptDrift = False,
    history_months: Annotated[int | None, typer.Option(hidden=True)] = None,  # the benchmark's
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """Check, build, audit, publish and report. Safe to kill, to rerun and to run late.

    Where the warehouse holds a finished build of the same project, only what was loaded since
    is looked at, and only what it touches is computed again and tested; the result is that of
    a full build. On a new day every customer's numbers move, and are computed again.

    What it publishes replaces what was published; to look at another day beside it, give
    another --warehouse.

    If any check of severity error fails, nothing is published, the last publication stays,
    and the exit code is 1. Exit code 75: another run is under way, or another program has
    the build warehouse open; try again later.
    """
    from strata.lock import only_writer
    from strata.options import RunOptions
    from strata.run import run
    from strata.summary import show_publication

    settings = load_settings(warehouse, threads)
    with only_writer(settings):
        run(
            settings,
            RunOptions(
                sources=tuple(source),
                as_of_date=_day(as_of),
                ruleset=ruleset,
                in_full=full,
                accepts_drift=accept_drift,
                history_months=history_months,
            ),  # fmt: skip
        )
    show_publication(settings)


@app.command()
@_with_errors
def publish(
    source: Sources = ["demo"],  # noqa: B006
    accept_drift: AcceptDrift = False,
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """Audit and publish the marts as they are built now (after a plain `dbt build`)."""
    from strata.lock import only_writer
    from strata.options import RunOptions
    from strata.run import audit_and_publish
    from strata.summary import show_publication

    settings = load_settings(warehouse, threads)
    with only_writer(settings):
        audit_and_publish(
            settings, RunOptions(sources=tuple(source), accepts_drift=accept_drift)
        )
    show_publication(settings)


@app.command()
@_with_errors
def explain(
    customer: Annotated[
        str, typer.Argument(help="Customer key, or the customer id of a source.")
    ],
    language: Annotated[str, typer.Option("--lang", help="en or zh.")] = "en",
    model: Annotated[
        str | None, typer.Option(help="Only this tier model, e.g. lifecycle.")
    ] = None,
    evidence: Annotated[bool, typer.Option(help="Also show the raw rows behind it.")] = False,
    medical: Annotated[
        bool, typer.Option(help="Also the medical models: for the medical team only.")
    ] = False,
    warehouse: Warehouse = None,
) -> None:
    """Why a customer holds their tiers, what the next asks, and until when they keep them."""
    from strata.explain import explain_customer

    explain_customer(load_settings(warehouse), customer, language, evidence, model, medical)


@app.command()
@_with_errors
def actions(
    clinic: Annotated[str, typer.Option(help="The clinic whose list it is.")],
    owner: Annotated[
        str | None,
        typer.Option(help="Only this owner's: consultant, service, private_domain, manager."),
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="Write an Excel workbook.")
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write CSV (UTF-8).")
    ] = None,
    medical: Annotated[
        bool, typer.Option(help="The medical team's list instead: for that team only.")
    ] = False,
    language: Annotated[str, typer.Option("--lang", help="zh or en.")] = "zh",
    warehouse: Warehouse = None,
) -> None:
    """Today's list of a clinic with names and phones, in WeCom's columns, for those who call.

    The file can be read by its writer alone (mode 600) and never lies below published/.
    """
    from strata.actions import write_actions

    files = [file for file in (xlsx, csv_file) if file]
    if len(files) != 1:
        raise StrataError(
            "Say where to write it.", "Give one of --xlsx FILE and --csv FILE.", WRONG_USE
        )
    ending = ".xlsx" if xlsx else ".csv"
    if files[0].suffix.lower() != ending:
        raise StrataError(
            f"{files[0].name} does not end in {ending}.", f"Name it …{ending}.", WRONG_USE
        )
    write_actions(load_settings(warehouse), clinic, files[0], owner, language, medical)


@app.command("simulate")
@_with_errors
def simulate_command(
    settings_to_try: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="THRESHOLD=VALUE", help="Try a value for the chain."),
    ] = None,
    ruleset: Annotated[
        str | None, typer.Option(help="Try a rule set (seeds/policy/rulesets.csv).")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Show this tier model only (default: all that change).")
    ] = None,
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write the list of all who would move."),
    ] = None,
    actions_too: Annotated[
        bool,
        typer.Option(
            "--actions",
            help="The day's list instead: with strategies.csv and triggers.csv as they are now,"
            " and values of --set.",
        ),
    ] = False,
    language: Annotated[str, typer.Option("--lang", help="en or zh.")] = "en",
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """Who would move from which tier to which under another rule set or other values.

    Nothing that is built or published is touched. Exit code 75: a run is under way.
    """
    from strata.lock import only_writer
    from strata.simulate import simulate
    from strata.simulate.show import require_language, require_model, show_simulation

    settings = load_settings(warehouse, threads)
    require_language(language)
    if actions_too:
        from strata.simulate.actions import show_actions, simulate_actions

        if ruleset or model or csv_file:
            raise StrataError(
                "--actions goes with --set alone.", "Leave the other options out.", WRONG_USE
            )
        with only_writer(settings):
            show_actions(simulate_actions(settings, settings_to_try or []))
        return
    with only_writer(settings):
        require_model(settings, model)
        simulation = simulate(settings, ruleset, settings_to_try or [])
        show_simulation(settings, simulation, model, language, csv_file)


@app.command("weights")
@_with_errors
def weights_command(
    language: Annotated[str, typer.Option("--lang", help="en or zh.")] = "en",
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """Propose new RFM² weights from what the scores told of the next year's revenue.

    Once a quarter. Nothing is applied: it prints the rows to approve, and how sure they are.
    Exit code 1: too little to learn from, nothing is proposed; 75: a run is under way.
    """
    from strata.lock import only_writer
    from strata.simulate.show import require_language
    from strata.weights import propose
    from strata.weights.show import show_proposal

    settings = load_settings(warehouse, threads)
    require_language(language)
    with only_writer(settings):
        show_proposal(propose(settings), language)


@app.command("thresholds")
@_with_errors
def thresholds_command(
    propose: Annotated[
        bool, typer.Option("--propose", help="Also print the rows that would fit the data.")
    ] = False,
    warehouse: Warehouse = None,
) -> None:
    """The amounts of the rule set beside the data: who reaches them, and which would fit.

    A grocer's customers all stand on one rung of a clinic's amounts. What is proposed lies
    where seeds/policy/amount_shares.csv means it to lie among the buyers. Nothing is applied:
    it prints the rows to approve.
    """
    from strata.lock import only_writer
    from strata.thresholds import propose_amounts, show_amounts

    settings = load_settings(warehouse)
    with only_writer(settings):
        show_amounts(settings, propose_amounts(settings), propose)


@app.command()
@_with_errors
def backtest(
    of: Annotated[
        Literal["value", "revenue", "churn"],
        typer.Option(help="What to predict; revenue and churn take no day or horizon."),
    ] = "value",
    origins: Annotated[
        int, typer.Option(min=1, help="How many days of the past to predict from.")
    ] = 3,
    at: Annotated[
        list[datetime] | None,
        typer.Option("--origin", formats=["%Y-%m-%d"], help="Predict from this day instead."),
    ] = None,
    horizon_days: Annotated[int, typer.Option(min=1, help="Days to predict.")] = 365,
    file: Annotated[
        Path | None,
        typer.Option(help="Test on a CSV or Parquet file of transactions instead."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the file's data.")] = None,
    customer: Annotated[str | None, typer.Option(help="Its customer column.")] = None,
    date_column: Annotated[str | None, typer.Option("--date", help="Its date column.")] = None,
    amount: Annotated[
        str | None, typer.Option(help="Its amount: a column, or SQL over columns.")
    ] = None,
    where: Annotated[str | None, typer.Option(help="SQL: which of its rows count.")] = None,
    truth: Annotated[
        Path | None,
        typer.Option(help="Judge by the hidden truth of this demo folder (demo --truth)."),
    ] = None,
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """How well customer value would have been predicted, from days in the past.

    Every model is fitted on what was known on such a day and judged by what came after it;
    the naive formula, MBG/NBD + Gamma-Gamma, XGBoost and their blend side by side. The
    figures are stored; the next `strata publish`, or a run that has news, shows them in the
    report. Monthly revenue and churn (--of) are shown only: each run keeps their figures in
    mart_outlook_backtest.
    """
    from strata.clv.command import Request, run_backtest, show_backtest
    from strata.clv.datasets import FileColumns
    from strata.lock import only_writer

    settings = load_settings(warehouse, threads)
    columns = FileColumns(customer, date_column, amount, where)
    if of != "value":
        from strata.outlook.command import backtest_outlook, show_outlook

        with step(f"Predict {of} from the past, and compare with what came"):
            found = backtest_outlook(settings, of, file, columns)
        show_outlook(found, of)
        return
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    request = Request(
        horizon_days=horizon_days,
        origins=origins,
        at=[moment.date() for moment in at or []],
        file=file,
        name=name,
        columns=columns,
        truth=truth,
    )
    with only_writer(settings), step("Predict from the past, and compare with what came"):
        rows = run_backtest(settings, request)
    show_backtest(rows)
    console.print("Next        strata publish    the figures in the marts and the report")


Ruleset = Annotated[str | None, typer.Option(help="The rule set (seeds/policy/rulesets.csv).")]


@app.command()
@_with_errors
def snapshots(
    first: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=["%Y-%m"], help="First month (default: two years back)."
        ),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option(
            "--to", formats=["%Y-%m"], help="Last month (default: the last whole one)."
        ),
    ] = None,
    on: Annotated[
        list[datetime] | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="A further day to keep; may be given several times."
        ),
    ] = None,
    missing: Annotated[bool, typer.Option(help="Leave out the days that are there.")] = False,
    chunk: Annotated[
        int | None,
        typer.Option(min=1, help="Days built at once (default: by the number of customers)."),
    ] = None,
    source: Sources = ["demo"],  # noqa: B006
    ruleset: Ruleset = None,
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """Compute past month ends (and other days) into history. Publishes nothing.

    What is known now counts: late rows, merged customers and corrected thresholds restate
    the days. Then `strata publish` shows the new history. `strata run` keeps its own day by
    itself.
    """
    from strata.history.days import end_of_month
    from strata.history.snapshots import SnapshotOptions, build_snapshots
    from strata.lock import only_writer
    from strata.options import RunOptions

    settings = load_settings(warehouse, threads)
    with only_writer(settings):
        build_snapshots(
            settings,
            RunOptions(sources=tuple(source), ruleset=ruleset),
            SnapshotOptions(
                first=_day(first),
                last=end_of_month(_day(last)) if last else None,
                further=[day.date() for day in on or []],
                only_missing=missing,
                chunk=chunk,
            ),
        )
    named = " ".join(f"--source {name}" for name in source)
    console.print(f"Next        strata publish {named}    audit and publish the new history")


@app.command()
@_with_errors
def moves(
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Earlier day.")
    ],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Later day.")],
    model: Annotated[str, typer.Option(help="The tier model.")] = "final",
    language: Annotated[str, typer.Option("--lang", help="en or zh.")] = "en",
    source: Sources = ["demo"],  # noqa: B006
    ruleset: Ruleset = None,
    warehouse: Warehouse = None,
) -> None:
    """Who went from which tier to which between two days that history keeps, and why."""
    from strata.history.moves import show_moves
    from strata.lock import only_writer
    from strata.options import RunOptions

    settings = load_settings(warehouse)
    with only_writer(settings):
        show_moves(
            settings,
            RunOptions(sources=tuple(source), ruleset=ruleset),
            first.date(),
            last.date(),
            model,
            language,
        )


WithFacts = Annotated[
    bool,
    typer.Option(
        "--with-facts", help="Orders, visits and all other rows go as well, not only names."
    ),
]


@app.command()
@_with_errors
def forget(
    customer: Annotated[
        str, typer.Argument(help="Customer key, or the customer id of a source.")
    ],
    with_facts: WithFacts = False,
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """Forget a person on request (PIPL article 47), and build anew without them.

    Names, phones, ids and free texts of all their records go from the build, from publications
    and logs; the files are written anew. What they bought stays under a key that leads to
    nobody. Rows of theirs in later files are recognised and set aside. A certificate is
    written. The files that were delivered are yours to mend.
    """
    from strata.forget import forget_customer
    from strata.lock import only_writer

    settings = load_settings(warehouse, threads)
    with only_writer(settings):
        _build_after(settings, lambda: forget_customer(settings, customer, with_facts))


@app.command()
@_with_errors
def retention(
    months: Annotated[
        int, typer.Option(min=1, help="Months without any contact after which people go.")
    ],
    with_facts: WithFacts = False,
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """Forget everybody whose last contact is older, as `strata forget` does."""
    from strata.forget import retain
    from strata.lock import only_writer

    settings = load_settings(warehouse, threads)
    with only_writer(settings):
        _build_after(settings, lambda: retain(settings, months, with_facts))


def _build_after(settings: Settings, forgotten: "Callable[[], Certificate]") -> None:
    """Forget, then build and publish what was built before, without the people."""
    from strata.options import RunOptions, read_build, sources_of, under_ruleset_of
    from strata.refresh import asked_day
    from strata.run import run

    built, sources = read_build(settings), sources_of(settings)
    day = asked_day(settings, built)
    certificate = forgotten()
    if not certificate.people:
        return
    console.print(f"  {certificate.people} people are forgotten")
    if not sources:
        console.print("Next        strata run")
        return
    del sys.argv[1:]  # dbt writes the command line into its results, with the customer's id
    options = RunOptions(sources=tuple(sources), as_of_date=day, in_full=True)
    publication = run(settings, under_ruleset_of(built, options))
    file = replace(certificate, run=publication.run_id).write(settings)
    console.print(f"Certificate {file}")


@app.command()
@_with_errors
def status(warehouse: Warehouse = None) -> None:
    """What is published, how old it is, how the last run ended. Exit code 1: nothing is."""
    from strata.summary import show_status

    if not show_status(load_settings(warehouse)):
        raise typer.Exit(1)


@app.command()
@_with_errors
def report(
    clinic: Annotated[
        str | None, typer.Option(help="The page of this clinic alone, beside the chain's.")
    ] = None,
    warehouse: Warehouse = None,
) -> None:
    """Write the managers' report again from the published marts."""
    from strata.lock import only_writer
    from strata.report import write_report

    settings = load_settings(warehouse)
    if not settings.published_marts.exists():
        raise StrataError("Nothing is published yet.", "Load a source, then: strata run")
    file = settings.report_file
    if clinic is not None:
        # A clinic's name may hold what no file's may; two that then look alike stay apart.
        name = re.sub(r"[^\w.-]", lambda found: f"%{ord(found.group()):x}", clinic)
        file = file.with_name(f"report-{name}.html")
    with only_writer(settings), step("Write the report"):
        write_report(settings.published_marts, file, note, clinic)
    console.print(f"Report      {file}")


@app.command()
@_with_errors
def book(warehouse: Warehouse = None) -> None:
    """Write the tier book: every model, rung and threshold in words, from the built rules."""
    from strata.book import write_book
    from strata.lock import only_writer
    from strata.record import require_whole_build

    settings = load_settings(warehouse)
    with only_writer(settings), step("Write the tier book"):
        require_whole_build(settings)
        write_book(settings, settings.book_file, note)
    console.print(f"Tier book   {settings.book_file}")


@app.command("bench")
@_with_errors
def bench_command(
    size: Annotated[
        str, typer.Option(help="S (1 million orders), M (20 million) or L (100 million).")
    ] = "S",
    orders: Annotated[
        int | None, typer.Option(help="So many orders instead, for a quick look.")
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option("--dir", help="For data and warehouse (default: bench/ in --warehouse)."),
    ] = None,
    steps: Annotated[
        list[str] | None,
        typer.Option(
            "--step",
            help="Only this step; may be given several times: floor, load, run, rfm, news,"
            " refresh, rerun, more, same_day, months.",
        ),
    ] = None,
    month_ends: Annotated[
        int | None,
        typer.Option(
            min=0, max=60, help="Month ends of history to build (default: 60; 0 at size L)."
        ),
    ] = None,
    peers: Annotated[
        bool, typer.Option(help="Measure the RFM slice in turns with openretailscience.")
    ] = True,
    peers_python: Annotated[
        Path,
        typer.Option(
            exists=True, show_default="this one", help="A Python that has openretailscience."
        ),
    ] = Path(sys.executable),
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """Measure Strata on a demo chain of a size: seconds, peak memory, where dbt's time went.

    The floor is one DuckDB query over the same Parquet orders; every step is also given as a
    multiple of it. Data are made once and used again. Needs about 1.6 GB of disk per million
    orders, and 2 GB more for 60 month ends. For the peer: `python -m venv peers`, then
    `peers/bin/pip install openretailscience==0.48.1` and `--peers-python peers/bin/python`.
    """
    from strata.bench.command import Bench
    from strata.bench.sizes import choose_size

    settings = load_settings(warehouse, threads)
    name, number = choose_size(size, orders)
    folder = directory or settings.warehouse_dir / "bench" / name
    peer = peers_python if peers else None
    Bench(name, number, folder, settings.threads, steps or [], peer, month_ends).run()


def _version(wanted: bool) -> None:
    if wanted:
        console.print(f"strata {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


if __name__ == "__main__":
    app()
