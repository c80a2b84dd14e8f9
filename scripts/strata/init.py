"""`strata init`: the folder of a new source, written from its files, every guess marked."""

import re
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pyarrow as pa
import yaml

from strata.console import console
from strata.errors import WRONG_USE, StrataError
from strata.files import write_aside
from strata.landing.flat import (
    SHORT_DAY,
    Reading,
    date_style,
    first_rows,
    plain,
    read_columns,
)
from strata.landing.flat_names import code_words, contract_hints, contract_names
from strata.landing.load import files_of
from strata.landing.naming import few, readable_name
from strata.landing.personal import CUSTOMER_ID, ROW_IDS
from strata.landing.personal_guess import guess
from strata.landing.report import UnreadableFileError
from strata.settings import PROJECT_DIR

# What a feed is known by, the surest first: these columns, and none of those.
_SIGNS = (
    ("referrals", {"referrer_customer_id", "referee_customer_id"}, set()),
    ("refunds", {"refund_amount"}, set()),
    ("transactions", {"customer_id", "order_date", "net_amount"}, set()),
    ("order_items", {"order_id", "net_amount"}, {"customer_id"}),
    ("orders", {"order_id", "customer_id", "order_date"}, {"net_amount"}),
    ("surveys", {"customer_id", "survey_date", "nps_score"}, set()),
    ("surveys", {"customer_id", "survey_date", "csat_score"}, set()),
    ("visits", {"customer_id", "visit_date"}, {"registered_date", "full_name"}),
    ("products", {"product_id"}, {"customer_id", "order_id"}),
    ("customers", {"customer_id"}, {"order_id"}),
)
_LISTED_ONCE = 0.9  # the share of a list's rows with a customer of their own
_LISTS = ("customers", "products")
_OF_FLAT = ("customers", "orders", "order_items", "products", "refunds")
# What stands in where a file has no such column; each is marked as a guess.
_ELSE = {
    "status": {"orders": "code of 'paid'", "visits": "code of 'arrived'"},
    "visit_type": {"visits": "code of 'treatment'"},
    "visit_id": {"visits": "text of cast(raw._row_id as varchar)"},
    "refund_id": {"refunds": "text of cast(raw._row_id as varchar)"},
    "referral_id": {"referrals": "text of cast(raw._row_id as varchar)"},
    "survey_id": {"surveys": "text of cast(raw._row_id as varchar)"},
}
_ORDERS = {"day_first": "%d/%m/", "month_first": "%m/%d/"}
# Feeds that name customers, with the columns of their day and their clinic.
_NAMES_CUSTOMERS = (
    ("orders", "customer_id", "order_date", "clinic_id"),
    ("visits", "customer_id", "visit_date", "clinic_id"),
    ("surveys", "customer_id", "survey_date", "null"),
    ("referrals", "referrer_customer_id", "referral_date", "null"),
    ("referrals", "referee_customer_id", "referral_date", "null"),
)


@dataclass
class _File:
    """A file as a raw table: its header, the feed it is taken for, its columns."""

    path: Path
    table: str
    header: list[str]
    columns: dict[str, str]
    feed: str | None
    rows: pa.Table
    reading: Reading | None = None

    @property
    def personal(self) -> dict[str, str]:
        """Columns that may tell of a person, with what they hold."""
        if self.feed == "products":
            return {}
        found = {}
        for at, name in enumerate(self.header):
            taken_for = [column for column, taken in self.columns.items() if taken == name]
            if holds := guess(name, taken_for, self.rows.column(at).to_pylist()):
                found[name] = holds
        return found


def init(source: str, places: Sequence[Path], project_dir: Path = PROJECT_DIR) -> list[Path]:
    """Write the source's folder and its line in dbt_project.yml; returns what was written.

    Raises:
        StrataError: the name cannot be used or is taken, or a file cannot be read.
    """
    folder = project_dir / "models/staging" / source
    if not re.fullmatch("[a-z][a-z0-9_]*", source):
        raise StrataError(
            f"{source!r} cannot be a source's name.",
            "Use small letters, digits and _, such as his or till_2.",
            WRONG_USE,
        )
    if folder.exists():
        raise StrataError(
            f"The source {source} is there already: models/staging/{source}.",
            "Choose another name, or remove the folder and its line in dbt_project.yml.",
            WRONG_USE,
        )
    files = [_read(path) for place in places for path in files_of(place, [], {})]
    texts = _texts(source, files, project_dir)
    aside = project_dir / f".{source}.new"  # dbt reads all of models/, half a folder as well
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    for name, text in texts.items():
        (aside / name).write_text(text, encoding="utf-8")
    aside.rename(folder)
    feeds = sorted(name.split("__")[1][:-4] for name in texts if name.endswith(".sql"))
    _enter(project_dir / "dbt_project.yml", source, [f for f in feeds if f != "lines"])
    _show(source, files, places)
    return [folder / name for name in texts]


def _read(path: Path) -> _File:
    name = readable_name(path)
    try:
        header, rows = first_rows(path, {})
    except (UnreadableFileError, OSError) as error:
        raise StrataError(
            f"{name} cannot be read: {str(error).split('. Expected:')[0]}.",
            "Its first row must name its columns.",
        ) from error
    stem = path.stem.lower()
    table = re.sub(r"\W+", "_", re.sub(r"[\d\W_]+$", "", stem) or stem)
    found = _found(header)
    feed = _feed_of(found)
    for hinted_feed, hints in contract_hints().items():
        hinted = found | _hinted(header, rows, found, hints)
        is_open = feed in (None, hinted_feed) or (
            feed == "customers" and "registered_date" not in found
        )
        if is_open and _feed_of(hinted) == hinted_feed:
            found, feed = hinted, hinted_feed
    if feed == "customers" and not _is_list(rows.column(header.index(found["customer_id"]))):
        feed = None
    if feed == "transactions":
        reading = read_columns(path, {}, {})
        return _File(path, table, header, reading.columns, feed, rows, reading)
    return _File(path, table, header, found, feed, rows)


def _feed_of(found: Mapping[str, str]) -> str | None:
    """The feed that the columns show."""
    return next(
        (
            feed
            for feed, signs, foreign in _SIGNS
            if signs <= found.keys() and not foreign & found.keys()
        ),
        None,
    )


def _hinted(
    header: Sequence[str],
    rows: pa.Table,
    found: Mapping[str, str],
    hints: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    """{contract column: the file's column}, by parts of names; a score is a number."""
    hinted: dict[str, str] = {}
    for column, parts in hints.items():
        for at, name in enumerate(header):
            if (
                column not in {*found, *hinted}
                and name not in [*found.values(), *hinted.values()]
                and any(part in plain(name) for part in parts)
                and (column.endswith("_score") <= _are_numbers(rows.column(at)))
            ):
                hinted[column] = name
    return hinted


def _are_numbers(values: pa.ChunkedArray) -> bool:
    return all(re.fullmatch(r"[\d.]+", text.strip()) for text in values.to_pylist() if text)


def _is_list(customers: pa.ChunkedArray) -> bool:
    """Whether rows are customers, not what customers do: then nearly each is another's."""
    return len(customers.unique()) >= _LISTED_ONCE * len(customers)


def _found(header: Sequence[str]) -> dict[str, str]:
    """{contract column: the file's column}, by the names that are known."""
    there = {plain(name): name for name in reversed(header)}
    return {
        column: there[plain(name)]
        for column, names in contract_names().items()
        for name in reversed(names)
        if plain(name) in there
    }


def _texts(source: str, files: Sequence[_File], project_dir: Path) -> dict[str, str]:
    """The folder's files by name."""
    texts = {f"_{source}__sources.yml": _declaration(source, files)}
    for file in files:
        if file.reading:
            texts |= _flat_models(source, file, file.reading, project_dir)
    sold_as = {file.reading.columns.get("product") for file in files if file.reading}
    for file in files:
        name = f"stg_{source}__{file.feed}.sql"
        if file.feed == "products" and (same := sold_as & set(file.header)):
            file.columns["product_id"] = same.pop()  # as the rows of sales name products
        # A list of customers or products counts before what rows of sales tell of them.
        if file.feed and not file.reading and (name not in texts or file.feed in _LISTS):
            texts[name] = _stage(source, file, file.feed, project_dir)
    naming = [entry for entry in _NAMES_CUSTOMERS if f"stg_{source}__{entry[0]}.sql" in texts]
    if naming and f"stg_{source}__customers.sql" not in texts:
        texts[f"stg_{source}__customers.sql"] = _derived_customers(source, naming)
    models = [
        {"name": name[:-4], "description": _header(text)}
        for name, text in texts.items()
        if name.endswith(".sql")
    ]
    texts[f"_{source}__models.yml"] = _yaml({"models": models})
    return texts


def _header(text: str) -> str:
    """What the comment at a model's top says of it."""
    lines = takewhile(lambda line: line.startswith("--"), text.split("\n"))
    return " ".join(line.removeprefix("--").strip() for line in lines)


def _declaration(source: str, files: Sequence[_File]) -> str:
    tables = []
    for table in dict.fromkeys(file.table for file in files):
        same = [file for file in files if file.table == table]
        taken = {name: column for file in same for column, name in file.columns.items()}
        holds = {name: kind for file in same for name, kind in file.personal.items()}
        tables.append(
            {
                "name": table,
                "description": f"Taken for {same[0].feed or 'nothing: no model reads it yet'}.",
                **({} if same[0].feed else {"config": {"meta": {"is_joined": True}}}),
                "columns": [
                    {"name": name} | _meaning(taken.get(name), holds.get(name))
                    for name in dict.fromkeys(name for file in same for name in file.header)
                ],
            }
        )
    entry = {
        "name": source,
        "schema": f"raw_{source}",
        "description": f"Files of {source}, as delivered.",
        "tables": tables,
    }
    return _yaml({"sources": [entry]})


def _meaning(column: str | None, holds: str | None) -> dict:
    """What a raw column is taken for; who a person is, `strata forget` has to find."""
    said = [f"Guessed: {column}."] if column else []
    if holds:
        said.append(f"Guessed to hold: {holds}.")
    return {
        **({"config": {"meta": {"holds": holds}}} if holds else {}),
        **({"description": " ".join(said)} if said else {}),
    }


def _yaml(content: object) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=88)


def _stage(source: str, file: _File, feed: str, project_dir: Path) -> str:
    """A staging model of one file."""
    contract = yaml.safe_load(
        (project_dir / f"models/entities/{feed}.yml").read_text(encoding="utf-8")
    )["models"][0]["columns"]
    checks = (project_dir / f"models/entities/{feed}_checked.sql").read_text(encoding="utf-8")
    required = set(re.findall(r"present\('(\w+)'\)", checks))
    lines, missing = [], []
    for column in contract:
        name = column["name"]
        meta = (column.get("config") or {}).get("meta", {})
        kind = meta.get("kind")
        if words := _coded(feed, name, meta.get("codes", ()), file):
            lines.append(f"        '{name}': {words},")
        elif kind and name in file.columns:
            lines.append(f"        '{name}': '{kind} from {file.columns[name]}',")
        elif kind and not meta.get("is_optional"):
            stands_in = _ELSE.get(name, {}).get(feed, "none")
            lines.append(f"        '{name}': \"{stands_in}\",")
            if name in required and stands_in == "none":
                missing.append(name)
    said = "-- Guessed from the names of columns by `strata init`: look at each line.\n"
    if alike := _alike(file):
        said += f"-- No column says it, so of every row: {alike}.\n"
    if missing:
        said += f"-- Not found, and every row needs it: {', '.join(missing)}.\n"
    return (
        f"-- {feed.capitalize().replace('_', ' ')} of {source}, typed. One row per raw row.\n"
        f"{said}{{{{ stage(\n    source('{source}', '{file.table}'),\n    columns={{\n"
        + "\n".join(lines)
        + f"\n    }}{_date_formats(file)}\n) }}}}\n"
    )


def _coded(feed: str, column: str, codes: Sequence[str], file: _File) -> str:
    """An expression that turns a column's words into the contract's codes; "" without any."""
    if not codes or column not in file.columns:
        return ""
    name = file.columns[column]
    words = {
        text.strip() for text in file.rows.column(file.header.index(name)).to_pylist() if text
    }
    meant = code_words(feed, column, plain(name))
    whens = [
        f"when '{word.replace(chr(39), chr(39) * 2)}' then '{meant[plain(word)]}'"
        for word in sorted(words)
        if plain(word) in meant and word.lower() not in codes
    ]
    if not whens:
        return ""
    raw = f'raw."{name}"'
    sql = f"code of case trim({raw}) {' '.join(whens)} else {raw} end"
    return '"' + sql.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _alike(file: _File) -> str:
    """What is said of every row alike, since no column says it: all came, say."""
    return ", ".join(
        f"{column} {by_feed[file.feed].removeprefix('code of ')}"
        for column, by_feed in _ELSE.items()
        if by_feed.get(file.feed, "").startswith("code") and column not in file.columns
    )


def _date_formats(file: _File) -> str:
    """The argument that says how the file writes days, where the year is not first."""
    days = [
        value
        for column, name in file.columns.items()
        if column.endswith("_date")
        for value in file.rows.column(file.header.index(name)).to_pylist()
    ]
    found = next((match for value in days if (match := SHORT_DAY.match(value or ""))), None)
    style, _ = date_style(days)
    if not found or style not in _ORDERS:
        return ""
    year = "%Y" if len(found[3]) == 4 else "%y"
    day = _ORDERS[style].replace("/", found[0].strip().lstrip("0123456789")[0]) + year
    formats = [day + time for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")]
    return f",\n    date_formats={formats}"


def _flat_models(
    source: str, file: _File, reading: Reading, project_dir: Path
) -> dict[str, str]:
    """The models of the source transactions, over the file's own columns."""
    staging = project_dir / "models/staging/transactions"
    texts = {}
    for model in ("lines", *_OF_FLAT):
        text = (staging / f"stg_transactions__{model}.sql").read_text(encoding="utf-8")
        text = text.replace("stg_transactions__", f"stg_{source}__")
        text = text.replace("'transactions' in var", f"'{source}' in var")
        texts[f"stg_{source}__{model}.sql"] = text
    name = f"stg_{source}__lines.sql"
    texts[name] = _over(texts[name], file.table, source, reading.columns, reading.style)
    return texts


def _over(text: str, table: str, source: str, columns: Mapping[str, str], style: str) -> str:
    """The lines' model with the file's columns in the place of the canonical ones."""
    text = text.replace(
        "source('transactions', 'transactions')", f"source('{source}', '{table}')"
    )
    text = text.replace("lineage('transactions'", f"lineage('{table}'")
    text = text.replace("'raw.date_style'", f"\"'{style}'\"")
    for column in ("order_date", "customer_id", "net_amount", "order_id", "product",
                   "category", "clinic_id", "quantity", "unit_price", "unit_cost",
                   "cost_amount"):  # fmt: skip
        if column in columns:
            text = text.replace(f"'raw.{column}'", f"'raw.\"{columns[column]}\"'")
            text = text.replace(
                f"            '{column}': ", f"            '{columns[column]}': "
            )
        else:
            text = text.replace(f"'raw.{column}'", "'cast(null as varchar)'")
            text = re.sub(rf"            '{column}': .*\n", "", text)
    head, rest = text.split("\n{{", 1)
    return f"{head}\n-- Columns are guessed by `strata init`: look at each.\n{{{{{rest}"


def _derived_customers(source: str, naming: Sequence[tuple[str, str, str, str]]) -> str:
    """Customers from the rows that name them, where no file lists them."""
    parts = "\n    union all\n".join(
        f"""    select
        {who} as customer_id,
        {day} as first_date,
        {clinic} as clinic_id,
        raw_table,
        file_name,
        row_number,
        loaded_at,
        row_id,
        file_part
    from {{{{ ref('stg_{source}__{feed}') }}}}
    where {who} is not null"""
        for feed, who, day, clinic in naming
    )
    unknown = "\n".join(
        f"    cast(null as {kind}) as {column},"
        for column, kind in (
            ("system", "varchar"), ("full_name", "varchar"), ("phone", "varchar"),
            ("is_phone_verified", "boolean"), ("wechat_unionid", "varchar"),
            ("acquisition_channel", "varchar"), ("motivation", "varchar"),
            ("unparsable_column", "varchar"),
        )
    )  # fmt: skip
    return f"""-- Customers, derived from the rows that name them. One row per customer.
-- Guessed by `strata init`: no file lists customers.
{{{{ config(enabled='{source}' in var('sources')) }}}}
with named as (
{parts}
),

sightings as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by first_date asc nulls last, row_id asc
        ) as sighting
    from named
)

select
    customer_id,
    first_date as registered_date,
    clinic_id as home_clinic_id,
{unknown}
    raw_table,
    false as is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    file_part
from sightings
where sighting = 1
"""


def _enter(project: Path, source: str, feeds: Sequence[str]) -> None:
    """The source's line in dbt_project.yml."""
    text = project.read_text(encoding="utf-8")
    line = f"    {source}: [{', '.join(feeds)}]\n"
    said = re.sub(r"(?m)^  source_feeds:\n", lambda found: found[0] + line, text, count=1)
    write_aside(project, said.encode("utf-8"), stat.S_IMODE(project.stat().st_mode))


def _show(source: str, files: Sequence[_File], places: Sequence[Path]) -> None:
    for file in files:
        taken = ", ".join(f"{column} = {name}" for column, name in file.columns.items())
        what = file.feed or "no feed: declared, and read by no model"
        console.print(f"  {readable_name(file.path)}: {what}; {taken or few(file.header)}")
        same = [other for other in files if other.feed == file.feed]
        read = same[-1 if file.feed in (*_LISTS, "transactions") else 0]
        if file.feed and file.table != read.table:
            console.print(
                f"    no model reads it yet: {file.feed} are read from {read.table}. Add it"
                " there with union all, or name the files alike",
                style="yellow",
            )
        if alike := _alike(file):
            console.print(f"    no column says it, so of every row: {alike}", style="yellow")
        ids = (CUSTOMER_ID, *ROW_IDS)
        told = [name for name, kind in file.personal.items() if kind not in ids]
        if told:
            console.print(f"    personal or medical, by a guess: {', '.join(told)}")
    console.print(f"Look at     models/staging/{source}/: what is guessed says so")
    console.print("            `holds` says what tells of a person: forgotten, never published")
    if not any(file.feed for file in files):
        console.print(
            "Next        write a model for a feed and name it under source_feeds in"
            " dbt_project.yml (CONTRIBUTING.md, Adding a source): no file shows which one it is"
        )
        return
    shown = " ".join(str(place) for place in places)
    console.print(f"Next        strata load --source {source} {shown}")
    console.print(f"            strata check --source {source}")
