"""The command `strata`."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from strata import __version__
from strata.console import console, errors, note, now_and_then, step
from strata.errors import WRONG_USE, StrataError
from strata.settings import load_settings

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
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        help="The day to describe (default: the last business day in the data).",
    ),
]


def _with_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Print a StrataError as what is wrong and the way out; exit with its code."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except StrataError as error:
            errors.print(f"[bold red]✗[/bold red] {escape(error.message)}")
            if error.hint:
                errors.print(f"[bold]→[/bold] {escape(error.hint)}")
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            errors.print("Stopped. Nothing was published; run the same command again.")
            raise typer.Exit(130) from None

    return guarded


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
    from strata.run import RunOptions, run
    from strata.summary import show_load, show_publication

    settings = load_settings(warehouse, threads)
    with only_writer(settings):
        files = settings.warehouse_dir / "demo" / f"{customers}_customers"
        with step(f"Make a demo chain of {customers:,} customers"):
            generate(files, customers=customers, progress=note)
        with step("Load its files"):
            show_load(load_directory(settings, "demo", files, now_and_then()))
        run(settings, RunOptions())
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
    directory: Annotated[Path, typer.Argument(help="The folder with the source's files.")],
    source: Annotated[
        str,
        typer.Option("--source", "-s", help="Name of the source: a folder in models/staging/."),
    ],
    warehouse: Warehouse = None,
) -> None:
    """Read CSV (UTF-8, GBK), Excel and Parquet files into the raw tables of a source.

    A file belongs to the table that its name begins with (orders_2025.csv → orders). A file
    loaded before is recognised by its content and skipped. Lines that cannot be read are set
    aside with a reason; the good rest is loaded. Exit code 1 if a whole file was unreadable.
    """
    from strata.landing import declared_tables, load_directory
    from strata.lock import only_writer
    from strata.summary import show_load

    settings = load_settings(warehouse)
    with only_writer(settings), step(f"Load {directory} as source {source}"):
        report = load_directory(settings, source, directory, now_and_then())
        show_load(report)
    if report.with_status("unreadable"):
        raise StrataError(
            f"{len(report.with_status('unreadable'))} files could not be read (above);"
            " the rest is loaded.",
            "Mend or remove them and load the folder again; what is loaded is not doubled.",
        )
    if not report.with_status("loaded") and not report.with_status("already_loaded"):
        raise StrataError(
            f"None of the {len(report.files)} files in {directory} belongs to {source}.",
            "A file's name begins with its table: " + ", ".join(declared_tables(source)) + ".",
        )
    console.print(f"Next        strata run --source {source}")


@app.command("run")
@_with_errors
def run_command(
    source: Sources = ["demo"],  # noqa: B006 - typer reads the default, nobody changes it
    as_of: AsOf = None,
    ruleset: Annotated[
        str | None, typer.Option(help="The rule set (seeds/policy/rulesets.csv).")
    ] = None,
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """Check, build, audit, publish and report. Safe to kill, to rerun and to run late.

    What it publishes replaces what was published; to look at another day beside it, give
    another --warehouse.

    If any check of severity error fails, nothing is published, the last publication stays,
    and the exit code is 1. Exit code 75: another run is under way; try again later.
    """
    from strata.lock import only_writer
    from strata.run import RunOptions, run
    from strata.summary import show_publication

    settings = load_settings(warehouse, threads)
    with only_writer(settings):
        run(
            settings, RunOptions(sources=tuple(source), as_of_date=_day(as_of), ruleset=ruleset)
        )
    show_publication(settings)


@app.command()
@_with_errors
def publish(
    source: Sources = ["demo"],  # noqa: B006
    warehouse: Warehouse = None,
    threads: Threads = None,
) -> None:
    """Audit and publish the marts as they are built now (after a plain `dbt build`)."""
    from strata.lock import only_writer
    from strata.run import RunOptions, audit_and_publish
    from strata.summary import show_publication

    settings = load_settings(warehouse, threads)
    with only_writer(settings):
        audit_and_publish(settings, RunOptions(sources=tuple(source)))
    show_publication(settings)


@app.command()
@_with_errors
def explain(
    customer: Annotated[
        str, typer.Argument(help="Customer key, or the customer id of a source.")
    ],
    language: Annotated[str, typer.Option("--lang", help="en or zh.")] = "en",
    evidence: Annotated[bool, typer.Option(help="Also show the raw rows behind it.")] = False,
    warehouse: Warehouse = None,
) -> None:
    """Why a customer is in her tiers, and what is missing to the next rung."""
    from strata.explain import explain_customer

    explain_customer(load_settings(warehouse), customer, language, evidence)


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


@app.command()
@_with_errors
def status(warehouse: Warehouse = None) -> None:
    """What is published, how old it is, how the last run ended. Exit code 1: nothing is."""
    from strata.summary import show_status

    if not show_status(load_settings(warehouse)):
        raise typer.Exit(1)


@app.command()
@_with_errors
def report(warehouse: Warehouse = None) -> None:
    """Write the managers' report again from the published marts."""
    from strata.report import write_report

    settings = load_settings(warehouse)
    if not settings.published_marts.exists():
        raise StrataError("Nothing is published yet.", "Load a source, then: strata run")
    with step("Write the report"):
        write_report(settings.published_marts, settings.report_file, note)
    console.print(f"Report      {settings.report_file}")


@app.command()
@_with_errors
def book(warehouse: Warehouse = None) -> None:
    """Write the tier book: every model, rung and threshold in words, from the built rules."""
    from strata.book import write_book

    settings = load_settings(warehouse)
    with step("Write the tier book"):
        write_book(settings.database, settings.book_file, note)
    console.print(f"Tier book   {settings.book_file}")


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
