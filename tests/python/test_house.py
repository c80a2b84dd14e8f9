"""The house's laws, as tests over the repository's own text.

Each law is a function that returns its violations; each is shown to bite on a bad sample
before it is trusted with the repository.
"""

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.main import get_command

from strata.cli import app

ROOT = Path(__file__).resolve().parents[2]
SQL_FOLDERS = ("models", "macros", "analyses", "tests/generic", "tests/singular")
MODEL_LINES = 120
JOINS = 7
VIEWS_ABOVE = 4
# A run of the source `demo`; 150 is what the house is meant to have room for, and the outputs
# (models/outputs/ and their marts) came on top.
MODELS = 215
MACRO_LINES = 30

# Thirteen relations side by side, nine of them in a loop: what customer_measures is for.
MANY_JOINS = {"customer_measures"}
# Macros with one caller that stay long, each for a reason.
LONG_MACROS = {
    "settle_repeated_keys": "a hook of every checked feed: text that runs after the model's",
    "cap_at_paid": "a hook: text that runs after the model's",
    "refuse_orders_below_zero": "a hook: text that runs after the model's",
    "with_what_was_known": "SQL made in a loop over the contract's columns, in few builds",
    "retold_day_by_day": "SQL made in loops over all conditions; tier_outlooks is long enough",
}
# Macros that the project's own SQL does not call.
CALLED_ELSEWHERE = {
    "generate_schema_name": "dbt asks it for a model's schema",
}
YAML_LINES = 400

# What each command takes.
OPTIONS = {
    name: {"--help"}.union(*(known.opts + known.secondary_opts for known in command.params))
    for name, command in get_command(app).commands.items()
}

# One clock: every model reads as_of_date (law 3).
CLOCKS = re.compile(
    r"\b(?:current_date|current_time|current_timestamp|localtimestamp|localtime|sysdate"
    r"|run_started_at|(?:now|utcnow|today|getdate|get_current_timestamp)\s*\()",
    re.IGNORECASE,
)

# Words that plain English for "the customer" does without.
RIDDLES = re.compile(r"\b(?:she|hers?|herself|whom|somebody)\b", re.IGNORECASE)

# Dialect differences that belong in macros/engines (law 10), and what stands in for each.
# A pattern is matched against SQL without its comments.
DIALECT: dict[str, str] = {
    r"\b(?:try_)?strptime\s*\(|\bstrftime\s*\(": "DuckDB only",
    r"\bread_(?:csv|parquet|json)\w*\s*\(": "DuckDB only; files land through `strata load`",
    r"\bto_json\s*\(": "takes a struct on Spark, any value on DuckDB",
    r"\bgenerate_series\s*\(": "unknown to Spark; dbt has date_spine",
    r"\b(?:date_?diff|date_?sub|date_add)\s*\(": "days_between, days_after",
    r"\bdate_?trunc\s*\((?!'')|\blast_day\s*\(": "month_start, quarter_start, is_month_end",
    r"(?<![.\w])(?:year|month|quarter|day|date_?part|make_date|to_days)\s*\(": "year_of",
    r"\b(?:arg_(?:max|min)|(?:max|min)_by)\s*\(": "value_at_max, value_at_min",
    r"\bmedian\s*\(": "median_of",
    r"\bquantile\w*\s*\(": "percentile_cont, percentile_disc … within group; quintiles",
    r"\btry_cast\s*\(": "try_to",
    r"(?<![.\w])(?:hash|xxhash64|md5\w*)\s*\(": "hash_of, hashed_key, is_drawn",
    r"\b(?:hugeint|u(?:big|small|tiny)int)\b": "types of DuckDB only",
    r"\b(?:list|array|struct)_\w+\s*\((?<!list_of\()": "macros/engines/lists.sql",
    r"(?<![.\w])(?:unnest|explode|inline|len)\s*\(": "each_row, one_row_each, number_of",
    r"\bstruct\s*\(|\bjson_\w+\s*\(|\blambda\b": "macros/engines/lists.sql",
    r"\b(?:string_agg|group_concat|listagg)\s*\(": "joined_text",
    r"\bregexp_\w+\s*\(": "differs in flags and escapes; macros/engines/text.sql",
    r"(?<![.\w])(?:first|last|any_value)\s*\(": "value_at_max, first_known",
    r"\bignore\s+nulls\b": "stands elsewhere on other engines; first_known, last_known",
    r"\bfilter\s*\([^()]*\)\s*over\b": "unknown to Spark; a case within the aggregate",
    r"\bescape\s+'\\'": "ends no text on Spark, where \\ escapes; take another sign",
    r"\bdistinct\s+on\b": "unknown to Spark; row_number does it",
    r"\b(?:asof|positional)\s+join\b": "DuckDB only",
    r"\bqualify\b": "unknown to Spark and PostgreSQL; filter in the next CTE",
    r"\b(?:group|order)\s+by\s+all\b": "name the columns",
    r"\bunion(?:\s+all)?\s+by\s+name\b": "name the columns in the same order",
    r"\bselect\s+\*\s+(?:exclude|replace)\b|\bcolumns\s*\(": "name the columns",
    r"\b(?:ilike|glob|similar\s+to)\b": "unknown to one engine or another; lower(…) like",
    r"\b(?:using\s+sample|tablesample)\b": "drawn otherwise on every engine; is_drawn",
    r"\brecursive\b": "unknown to Spark 3; connected_components, ancestors",
    r"\b(?:pragma|describe|duckdb_\w+|information_schema)\b": "macros/engines/queries.sql",
    r"\w\s*::\s*\w": "unknown to Spark; write cast(… as …)",
}
# The same, where signs of Jinja are other signs: matched against SQL without its tags.
DIALECT_SIGNS: dict[str, str] = {
    r"//": "whole division is DuckDB's; floor(… / …)",
    r"<<|>>": "shifts of bits: file_of",
    r"(?:=|,|\(|\bthen|\belse|\bselect|\bin)\s*\[|\w\[\d": "list_of, element_of",
    r"(?:=|,|\(|\bthen|\belse|\bselect)\s*\{": "a struct: record_of",
    r"(?:\A|\(|;)\s*from\b(?!_)": "a SELECT begins with select",
}
# What dbt keeps for itself (law 11), in macros and hooks.
OVERRIDDEN = re.compile(
    r"\{%-?\s*(?:materialization|macro\s+(?:get_where_subquery|run_hooks|statement|test_\w+"
    r"|get_test_sql|should_store_failures|materialization_\w+|create_\w+_as|create_view_as"
    r"|get_incremental_\w+|get_create_\w+|is_incremental|ref|source|config))\b"
    r"|\b(?:get_where_subquery|duckdb_views|compiled_code|raw_code|compiled_sql|raw_sql)\b",
    re.IGNORECASE,
)

# Where people write SQL: sqlfluff looks for it in what macros made, which takes a minute.
CARELESS = re.compile(
    r",\S|[^\S\n],|\S[^\S\n]{2,}\S|\([^\S\n]|[^\S\n]\)|[^\s<>!=:]=|=[^\s=>]"
    r"|\S[<>]\S|[\w)][+*/][\w(]",
    re.MULTILINE,
)

# Split, so that this file does not break the law it states.
REGISTRY_HOSTS = re.compile(
    "|".join(
        re.escape(f"{name}.{top}")
        for name, top in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("npmjs", "com"),
            ("yarnpkg", "com"),
            ("anaconda", "org"),
            ("getdbt", "com/packages"),
            ("hub.getdbt", "com"),
            ("crates", "io"),
            ("rubygems", "org"),
            ("proxy.golang", "org"),
            ("docker", "io"),
            ("ghcr", "io"),
            ("quay", "io"),
            ("repo.maven.apache", "org"),
        )
    ),
    re.IGNORECASE,
)
# dbt makes a table of agate of every answer, and a whole context to ask for columns.
SLOW_QUESTIONS = re.compile(r"\b(?:run_query|get_columns_in_relation)\b")

MACHINE_PATHS = re.compile(r"(?<![\w.~}/-])/(?:work|root|home|Users|tmp/lab)(?:/|(?![\w./-]))")


# --- reading the repository ------------------------------------------------------------------


def repository_files() -> list[Path]:
    """Every file that is tracked or not git-ignored; without git, every file not ignored."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        names = [name for name in listing.stdout.decode().split("\0") if name]
        return sorted(ROOT / name for name in names if (ROOT / name).is_file())
    ignored = {line.strip("/ ") for line in (ROOT / ".gitignore").read_text().splitlines()}
    return sorted(
        path
        for path in ROOT.rglob("*")
        if path.is_file() and not any(_is_ignored(part, ignored) for part in _parts(path))
    )


def _parts(path: Path) -> tuple[str, ...]:
    return path.relative_to(ROOT).parts


def _is_ignored(part: str, ignored: set[str]) -> bool:
    return part == ".git" or any(pattern and Path(part).match(pattern) for pattern in ignored)


def text_of(path: Path) -> str | None:
    """The file's text; None for a binary file."""
    data = path.read_bytes()
    return None if b"\0" in data else data.decode("utf-8", errors="replace")


def files_under(folders: Iterable[str], *suffixes: str) -> list[Path]:
    """The repository's files below the folders, with one of the suffixes."""
    roots = [ROOT / folder for folder in folders]
    return [
        path
        for path in repository_files()
        if path.suffix in suffixes and any(path.is_relative_to(root) for root in roots)
    ]


def without_comments(sql: str) -> str:
    """SQL with its `--`, `/* */` and `{# #}` comments blanked, line by line as it was."""

    def blank(match: re.Match[str]) -> str:
        return "\n" * match.group().count("\n")

    return re.sub(r"\{#.*?#\}|/\*.*?\*/|--[^\n]*", blank, sql, flags=re.DOTALL)


def check(paths: Iterable[Path], law: Callable[[str], list[str]]) -> list[str]:
    """All violations of a law over the files' text, each with its file."""
    return [
        f"{path.relative_to(ROOT)}: {violation}"
        for path in paths
        if (text := text_of(path)) is not None
        for violation in law(text)
    ]


# --- the laws --------------------------------------------------------------------------------


def _matches(pattern: re.Pattern[str], text: str) -> list[str]:
    return [
        f"line {number}: {match.group().strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        for match in pattern.finditer(line)
    ]


def other_clocks(sql: str) -> list[str]:
    """Clocks but the as-of date; `run_moment` marks rows with the run that settled them."""
    bare = re.sub(r"macro run_moment\(.*?endmacro", "", without_comments(sql), flags=re.DOTALL)
    return _matches(CLOCKS, bare)


def slow_questions(sql: str) -> list[str]:
    """What macros/engines/queries.sql asks in less time."""
    return _matches(SLOW_QUESTIONS, without_comments(sql))


def careless_spaces(sql: str) -> list[str]:
    """SQL without a space after a comma or around a comparison, or with one too many."""
    trailing = _matches(re.compile(r"[^\S\n]+$", re.MULTILINE), sql)
    return trailing + _matches(CARELESS, _masked(without_comments(sql)))


def _masked(sql: str) -> str:
    """SQL line by line, without indentation; letters stand for its texts and its Jinja."""
    written = re.sub(
        r"\{%.*?%\}|\{\{.*?\}\}|'[^']*'",
        lambda found: re.sub(r"[^\n]", "x", found[0]),
        sql,
        flags=re.DOTALL,
    )
    return "\n".join(line.strip() for line in written.splitlines())


def registry_hosts(text: str) -> list[str]:
    return _matches(REGISTRY_HOSTS, text)


def machine_paths(text: str) -> list[str]:
    return _matches(MACHINE_PATHS, text)


def riddles(text: str) -> list[str]:
    return _matches(RIDDLES, text)


def unknown_options(text: str) -> list[str]:
    """Ways out that lead nowhere: `strata COMMAND --OPTION` that the command line has not."""
    joined = re.sub(r"[\"']\s*\n\s*f?[\"']", "", text)  # a message in parts
    said = re.findall(r"\bstrata (\w+)((?: (?!strata )[^\s`;(]+)*)", joined)
    return [
        f"strata {name} {option}"
        for name, rest in said
        if name in OPTIONS
        for option in re.findall(r"(?<= )--[a-z-]+", rest)
        if option not in OPTIONS[name]
    ]


def without_jinja(sql: str) -> str:
    """SQL with an @ for each expression or statement of Jinja, line by line as it was."""
    tags = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
    return tags.sub(lambda match: "@" + "\n" * match.group().count("\n"), sql)


def dialect_words(sql: str) -> list[str]:
    """What one engine alone understands, or understands in its own way."""
    bare = without_comments(sql)
    texts = ((DIALECT, bare), (DIALECT_SIGNS, _without_texts(without_jinja(bare))))
    return [
        f"{found} ({why})"
        for patterns, text in texts
        for pattern, why in patterns.items()
        for found in _spanning(re.compile(pattern, re.IGNORECASE), text)
    ]


def _spanning(pattern: re.Pattern[str], text: str) -> list[str]:
    """The matches of a pattern, which may reach over lines."""
    return [
        f"line {text[: match.start()].count(chr(10)) + 1}: {' '.join(match.group().split())}"
        for match in pattern.finditer(text)
    ]


def _without_texts(sql: str) -> str:
    return re.sub(r"'[^'\n]*'", "''", sql)


def overridden_dbt(sql: str) -> list[str]:
    """Parts of dbt that a project could override, and views' or models' text as data."""
    return _matches(OVERRIDDEN, without_comments(sql))


def joins_beyond(limit: int) -> Callable[[str], list[str]]:
    """Joins of a model; one in a loop over a list is one."""

    def law(sql: str) -> list[str]:
        joins = len(re.findall(r"\bjoin\b", without_jinja(without_comments(sql))))
        return [f"{joins} joins, at most {limit}"] if joins > limit else []

    return law


def views_above(models: dict[str, str], is_view: Callable[[str], bool]) -> dict[str, list[str]]:
    """For each model the longest chain of views that begins with it: {name: SQL} of all."""
    found: dict[str, list[str]] = {}

    def chain(name: str) -> list[str]:
        if name not in models or not is_view(name):
            return []
        if name not in found:
            below = (chain(read) for read in sorted(_reads(models[name])))
            found[name] = [name, *max(below, key=len, default=[])]
        return found[name]

    return {name: chain(name) for name in models}


def _reads(sql: str) -> set[str]:
    """The models that a model names: in ref(), or as the input of its ladder."""
    named = re.findall(r"(?:\bref\(|\bmeasures=)['\"](\w+)", without_comments(sql))
    return set(named)


def is_view(sql: str, path: Path, folders: dict[str, Any]) -> bool:
    """Whether a model is a view: by its config, as a ladder, or as its folder says."""
    bare = without_comments(sql)
    if own := re.search(r"materialized=['\"](\w+)", bare):
        return own.group(1) == "view"
    if re.search(r"\{\{-?\s*ladder\(", bare):
        return True
    said = folders.get("+materialized", "")
    for part in path.relative_to(ROOT / "models").parts[:-1]:
        folders = folders.get(part, {})
        said = folders.get("+materialized", said)
    return said == "view"


def short_of_callers(texts: dict[Path, str]) -> dict[str, tuple[int, int]]:
    """The macros that at most one place calls: {name: (calls, lines)}.

    A call is `name(` in SQL or YAML and "name" in Python. What dispatch chooses is no macro
    of its own.
    """
    calls: Counter[str] = Counter()
    lines: dict[str, int] = {}
    for path, text in texts.items():
        if path.suffix == ".py":
            calls.update(re.findall(r"[\"'](\w+)[\"']", text))
            continue
        bare = without_comments(text) if path.suffix == ".sql" else text
        for name, body in re.findall(r"\{%-?\s*macro\s+(\w+)(.*?endmacro)", bare, re.DOTALL):
            lines[name] = body.count("\n") + 1
        calls.update(re.findall(r"(?<!macro )\b(\w+)\s*\(", bare))
    return {
        name: (calls[name], length)
        for name, length in lines.items()
        if calls[name] <= 1 and not re.match(r"(?:default|duckdb|spark)__", name)
    }


def longer_than(limit: int) -> Callable[[str], list[str]]:
    def law(text: str) -> list[str]:
        lines = len(text.splitlines())
        return [f"{lines} lines, at most {limit}"] if lines > limit else []

    return law


def undescribed_models(model_files: Iterable[Path]) -> list[str]:
    """Models without a description in a YAML file of their own folder.

    Entities keep one file each: `<entity>.yml` describes `<entity>` and `<entity>_checked`.
    """
    missing = []
    for model in model_files:
        folder = sorted(model.parent.glob("*.yml"))
        where = "a .yml beside it"
        if model.parent.name == "entities":
            beside = model.parent / f"{model.stem.removesuffix('_checked')}.yml"
            folder, where = [beside] if beside.is_file() else [], beside.name
        if not any(_describes(file, model.stem) for file in folder):
            missing.append(f"{model.name}: no description in {where}")
    return missing


def _describes(yaml_file: Path, model: str) -> bool:
    entries = (yaml.safe_load(yaml_file.read_text("utf-8")) or {}).get("models") or []
    return any(e.get("name") == model and (e.get("description") or "").strip() for e in entries)


def unpinned_unit_tests(text: str) -> list[str]:
    """Unit tests that name the project's rule set and would fail in a run with another one."""
    return [
        test["name"]
        for test in (yaml.safe_load(text) or {}).get("unit_tests") or []
        if "medical_aesthetics" in str(test["given"])
        and test.get("overrides", {}).get("vars", {}).get("ruleset") != "medical_aesthetics"
    ]


def unexplained_requirements(text: str) -> list[str]:
    """Requirements whose line above is not a comment."""
    lines = text.splitlines()
    return [
        line
        for above, line in zip(["", *lines], lines, strict=False)
        if line.strip() and not line.startswith("#") and not re.match(r"#\s*\w", above)
    ]


def addresses(text: str) -> list[str]:
    return _matches(re.compile(r"https?:|\w+://|--(?:extra-)?index-url|--find-links"), text)


def unhashed_pins(lock: str) -> list[str]:
    """Lock entries that are not `name==version` with at least one hash."""
    entries = re.sub(r"\\\n", " ", lock).splitlines()
    good = re.compile(r"^[\w.\-\[\],]+==\S+ .*--hash=sha256:[0-9a-f]{64}")
    return [entry[:60] for entry in entries if entry.strip() and not good.match(entry)]


def more_than_a_ladder(sql: str) -> list[str]:
    """What a tier model holds besides one call of the ladder macro (law 2)."""
    # A condition, or a list of them, that several groups share may have a name of its own.
    one = r"'[^']*'"
    shared = rf"\{{%-? set \w+ = (?:{one}|\[(?:\s*(?:{one}|\"[^\"]*\"),)+\s*\]) %\}}"
    bare = re.sub(shared, "", without_comments(sql)).strip()
    found = _matches(re.compile(r"\bcase\b|\bselect\b|\bwhen\b(?!')", re.IGNORECASE), bare)
    if not re.fullmatch(r"\{\{\s*ladder\((?:(?!\{\{|\{%|\}\}).)*\)\s*\}\}", bare, re.DOTALL):
        found.append("not one call of ladder(…) and nothing else")
    return found


def numbers(sql: str) -> list[str]:
    """Numeric literals above 1 outside comments and names (law 1: a threshold is a row)."""
    return [
        found
        for found in _matches(
            re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)"), without_comments(sql)
        )
        if float(found.split(": ")[1]) > 1
    ]


def tier_model_files() -> list[Path]:
    """The tier models that dbt_project.yml names."""
    variables = yaml.safe_load(_read("dbt_project.yml"))["vars"]
    names = [*variables["tier_models"], *variables["medical_tier_models"]]
    return [path for name in names for path in (ROOT / "models").rglob(f"tier_{name}.sql")]


# --- the repository keeps them ---------------------------------------------------------------


def test_the_repository_has_models_to_judge():
    assert files_under(["models"], ".sql")


def test_no_clock_but_as_of_date():
    assert check(files_under(SQL_FOLDERS, ".sql", ".py"), other_clocks) == []


def test_sql_is_spaced_with_care():
    written = [
        path for path in files_under(SQL_FOLDERS, ".sql") if "macros" not in _parts(path)
    ]
    assert check(written, careless_spaces) == []


def test_no_registry_host():
    assert check(repository_files(), registry_hosts) == []


def test_no_machine_path():
    assert check(repository_files(), machine_paths) == []


def test_customers_are_they():
    told = [path for path in repository_files() if "tests" not in path.relative_to(ROOT).parts]
    assert check(told, riddles) == []


def test_every_way_out_is_an_option_of_its_command():
    told = [path for path in repository_files() if "tests" not in path.relative_to(ROOT).parts]
    assert check(told, unknown_options) == []


def test_dialect_differences_live_in_macros_engines():
    engines = ROOT / "macros" / "engines"
    paths = [p for p in files_under(SQL_FOLDERS, ".sql") if not p.is_relative_to(engines)]
    assert check(paths, dialect_words) == []


def test_macros_ask_without_a_table_of_agate():
    assert check(files_under(["macros"], ".sql"), slow_questions) == []


def test_no_model_longer_than_its_cap():
    assert check(files_under(["models"], ".sql", ".py"), longer_than(MODEL_LINES)) == []


def test_no_model_joins_too_much():
    models = [path for path in files_under(["models"], ".sql") if path.stem not in MANY_JOINS]
    assert check(models, joins_beyond(JOINS)) == []


def test_no_more_than_four_views_above_one_another():
    files = {path.stem: path for path in files_under(["models"], ".sql")}
    folders = yaml.safe_load(_read("dbt_project.yml"))["models"]["strata"]
    texts = {name: _read(str(path.relative_to(ROOT))) for name, path in files.items()}
    chains = views_above(texts, lambda name: is_view(texts[name], files[name], folders))
    assert len(chains["tier_four_level"]) > 1
    assert [chain for chain in chains.values() if len(chain) > VIEWS_ABOVE] == []


def test_the_house_has_few_models():
    others = re.compile(r"models/(?:staging/(?!demo/)|measures/value/challenger/)")
    models = [
        path
        for path in files_under(["models"], ".sql", ".py")
        if not others.match(str(path.relative_to(ROOT)))
    ]
    assert models
    assert len(models) <= MODELS, f"{len(models)} models in a run of the source demo"


def test_a_macro_with_one_caller_is_short_and_none_has_no_caller():
    folders = [*SQL_FOLDERS, "scripts"]
    paths = [*files_under(folders, ".sql", ".yml", ".py"), ROOT / "dbt_project.yml"]
    macros = short_of_callers({path: path.read_text("utf-8") for path in paths})
    long = {name for name, (calls, lines) in macros.items() if calls and lines > MACRO_LINES}
    assert long == set(LONG_MACROS)
    assert {name for name, (calls, _) in macros.items() if not calls} == set(CALLED_ELSEWHERE)


def test_dbt_is_used_as_it_comes():
    assert check(files_under(["macros", "models"], ".sql"), overridden_dbt) == []


def test_a_tier_model_is_its_ladder_and_holds_no_number():
    files = tier_model_files()
    assert len(files) >= 24
    assert check(files, more_than_a_ladder) == []
    assert check(files, numbers) == []


def test_no_yaml_too_long_to_read():
    paths = [path for path in repository_files() if path.suffix in {".yml", ".yaml"}]
    assert check(paths, longer_than(YAML_LINES)) == []


def test_unit_tests_pass_under_any_rule_set():
    assert check(files_under(["models"], ".yml"), unpinned_unit_tests) == []


def test_every_model_is_described_beside_itself():
    assert undescribed_models(files_under(["models"], ".sql", ".py")) == []


def test_every_dependency_says_why():
    assert unexplained_requirements((ROOT / "requirements.in").read_text("utf-8")) == []


def test_the_lock_holds_pins_and_hashes_and_no_address():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert addresses(lock) == []
    assert unhashed_pins(lock) == []


def test_the_lock_satisfies_every_requirement():
    pins = dict(
        re.findall(r"^([\w.\-]+)(?:\[[^\]]*\])?==(\S+)", _read("requirements.lock"), re.M)
    )
    wanted = [
        Requirement(line)
        for line in _read("requirements.in").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    locked = {canonicalize_name(name): version for name, version in pins.items()}
    assert wanted
    for requirement in wanted:
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in the lock"
        assert requirement.specifier.contains(version), f"{requirement} but locked {version}"


def _read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


# --- and each law bites ----------------------------------------------------------------------

HASH = "0" * 64


@pytest.mark.parametrize(
    ("law", "bad"),
    [
        (other_clocks, "select current_date as d"),
        (other_clocks, "where a < NOW()"),
        (other_clocks, "where a < today ()"),
        (other_clocks, "select {{ modules.datetime.datetime.now() }}"),
        (other_clocks, "select 1 -- fine\nwhere d > current_timestamp"),
        (other_clocks, "select getdate()"),
        (slow_questions, "{% set found = run_query('select 1') %}"),
        (slow_questions, "{{ adapter.get_columns_in_relation(this) }}"),
        (careless_spaces, "select a,b"),
        (careless_spaces, "select a , b"),
        (careless_spaces, "where a=b"),
        (careless_spaces, "where a<b"),
        (careless_spaces, "select sum( a)"),
        (careless_spaces, "    select  a"),
        (careless_spaces, "select (a)+b"),
        (careless_spaces, "select a \nfrom b"),
        (registry_hosts, "see https://pypi." + "org/simple"),
        (registry_hosts, "registry.npmjs." + "org"),
        (machine_paths, "cd /" + "work/main"),
        (machine_paths, "path: '/" + "root/.venv'"),
        (machine_paths, "(/" + "home/me)"),
        (machine_paths, "HOME=/" + "root"),
        (unknown_options, "strata run --source his --no-such-thing"),
        (unknown_options, '"Try: strata publish"\n    f" --no-such-thing"'),
        (dialect_words, "select try_strptime(a, '%Y')"),
        (dialect_words, "select * from read_csv('a.csv')"),
        (dialect_words, "select a::date"),
        (dialect_words, "select distinct on (a) b"),
        (dialect_words, "qualify row_number() over () = 1"),
        (dialect_words, "select date_diff('day', a, b)"),
        (dialect_words, "select DATE_TRUNC('month', a)"),
        (dialect_words, "select year(a)"),
        (dialect_words, "select arg_max(a, b)"),
        (dialect_words, "select {{ 'arg_min(' ~ a ~ ')' }}"),
        (dialect_words, "select median(a)"),
        (dialect_words, "select quantile_disc(a, 0.2)"),
        (dialect_words, "select try_cast(a as date)"),
        (dialect_words, "select hash(a)"),
        (dialect_words, "select cast(a as hugeint)"),
        (dialect_words, "select list_transform(a, b)"),
        (dialect_words, "select unnest(a)"),
        (dialect_words, "select string_agg(a, ',')"),
        (dialect_words, "where regexp_matches(a, 'b')"),
        (dialect_words, "select any_value(a)"),
        (dialect_words, "select last_value(a ignore nulls) over w"),
        (dialect_words, "select min(a) filter (where b) over (partition by c)"),
        (dialect_words, "where a like '%!_b' escape '\\'"),
        (dialect_words, "group by all"),
        (dialect_words, "select a union all by name select b"),
        (dialect_words, "select * exclude (a) from b"),
        (dialect_words, "select columns('a.*') from b"),
        (dialect_words, "where a ilike 'b'"),
        (dialect_words, "with recursive a as (select 1)"),
        (dialect_words, "select sql from duckdb_views()"),
        (dialect_words, "select (a + 1) // 2"),
        (dialect_words, "select a >> 32"),
        (dialect_words, "select [a, b] as c"),
        (dialect_words, "select a[1] as c"),
        (dialect_words, "select {'a': b} as c"),
        (dialect_words, "with a as (from b)\nselect * from a"),
        (dialect_words, "from a"),
        (riddles, "-- Her clinic, and whom it called."),
        (overridden_dbt, "{% materialization table, adapter='duckdb' %}"),
        (overridden_dbt, "{%- macro get_where_subquery(relation) -%}"),
        (overridden_dbt, "{% macro run_hooks(hooks) %}"),
        (overridden_dbt, "run_sql('select sql from duckdb_views()')"),
        (overridden_dbt, "{% set sql = model.compiled_code %}"),
        (joins_beyond(7), "select 1 from a\n" + "inner join b on a.c = b.c\n" * 8),
        (more_than_a_ladder, "select case when a >= 1 then 'x' end from b"),
        (more_than_a_ladder, "{{ ladder(model='a', rungs=[]) }} where a > b"),
        (more_than_a_ladder, "{{ ladder(model='a') }}\n{{ ladder(model='b') }}"),
        (more_than_a_ladder, "{% set a = 1 %}{{ ladder(model='a') }}"),
        (numbers, "{{ ladder(rungs=[{'when': ['purchases >= 3']}]) }}"),
        (numbers, "where net_amount > 0.5 or share >= 1.5"),
        (longer_than(120), "select 1\n" * 121),
        (longer_than(400), "a: 1\n" * 401),
        (
            unpinned_unit_tests,
            "unit_tests: [{name: a, given: [{rows: [{ruleset: medical_aesthetics}]}]}]",
        ),
        (unexplained_requirements, "# why\nrich\ntyper\n"),
        (unexplained_requirements, "# --- section ---\n\nrich\n"),
        (unexplained_requirements, "# --- section ---\nrich\n"),
        (addresses, "--index-url https://example.com/simple"),
        (addresses, "rich @ file:///x/rich.whl"),
        (unhashed_pins, "rich==15.0.0\n"),
        (unhashed_pins, f"rich>=15 \\\n    --hash=sha256:{HASH}\n"),
    ],
)
def test_a_law_bites(law, bad):
    assert law(bad)


@pytest.mark.parametrize(
    ("law", "good"),
    [
        (
            other_clocks,
            "select as_of_date -- not current_date\n/* nor now() */ {# today() #}",
        ),
        (other_clocks, "select known_now, today_amount"),
        (careless_spaces, "    a >= b, c(d, '1,2  3'), {{ e(f,g) }}, h != -1 -- i,j"),
        (registry_hosts, "https://example.org"),
        (machine_paths, "see docs/work/plan and ~/home and https://example.org/home/x"),
        (dialect_words, "select cast(a as date) -- not a::date"),
        (dialect_words, "select {{ [1, 2][0] // 2 }}, {{ list_of(['a']) }}, '[//' || a"),
        (dialect_words, "{% set a = {'b': [1]} %}select {{ days_between('a', 'b') }}"),
        (dialect_words, "select extract(year from a), first_value(b) over c, d.year, e.hash"),
        (dialect_words, "select exists (select 1 from a where b in (select c from d))"),
        (dialect_words, "select sum(a) filter (where b), sum(c) over (order by d)"),
        (overridden_dbt, "-- no materialization\n{% macro generate_schema_name(a, b) %}"),
        (joins_beyond(7), "inner join b on c\n" * 7 + "{{ d | join(', ') }} -- join"),
        (
            more_than_a_ladder,
            "-- case 5\n{{ ladder(model='a', rungs=[{'tier': 'b', 'when': ['c >= d']}]) }}\n",
        ),
        (numbers, "-- article 000 §3.2\nselect rfm2, a_365 where b >= 1 and c = 0"),
        (longer_than(120), "select 1\n" * 120),
        (unpinned_unit_tests, "unit_tests: [{name: a, given: [{rows: [{ruleset: r}]}]}]"),
        (
            unpinned_unit_tests,
            "unit_tests: [{name: a, given: [medical_aesthetics],"
            " overrides: {vars: {ruleset: medical_aesthetics}}}]",
        ),
        (unexplained_requirements, "# --- section ---\n\n# why\nrich>=1\n"),
        (addresses, f"rich==15.0.0 \\\n    --hash=sha256:{HASH}\n"),
        (unhashed_pins, f"a-b[c]==1.0 ; sys_platform == 'x' \\\n    --hash=sha256:{HASH}\n"),
    ],
)
def test_a_law_spares_what_is_lawful(law, good):
    assert law(good) == []


def test_a_model_without_its_description_is_found(tmp_path):
    for name in ("alone", "blank", "right", "entities/apart", "entities/own_checked"):
        model = tmp_path / f"{name}.sql"
        model.parent.mkdir(exist_ok=True)
        model.write_text("select 1")
    entry = "  - name: {}\n    description: {}\n".format
    (tmp_path / "_models.yml").write_text(
        "models:\n" + entry("right", "Yes.") + entry("blank", "''")
    )
    (tmp_path / "entities" / "own.yml").write_text(
        "models:\n" + entry("own_checked", "Yes.") + entry("apart", "Yes.")
    )
    found = undescribed_models(sorted(tmp_path.rglob("*.sql")))
    assert [line.split(".")[0] for line in found] == ["alone", "blank", "apart"]


def test_a_tower_of_views_is_found():
    tower = {f"v{n}": f"select * from {{{{ ref('v{n + 1}') }}}}" for n in range(6)}
    chains = views_above(tower, lambda name: name != "v5")
    assert chains["v0"] == ["v0", "v1", "v2", "v3", "v4"]
    assert chains["v5"] == []
    ladder = {"t": "{{ ladder(model='t', measures='i') }}", "i": "select 1"}
    assert views_above(ladder, lambda name: True)["t"] == ["t", "i"]


def test_a_view_is_told_by_itself_its_ladder_or_its_folder():
    folders = {"+materialized": "table", "a": {"b": {"+materialized": "view"}}}
    deep, flat = ROOT / "models/a/b/c.sql", ROOT / "models/a/c.sql"
    assert is_view("select 1", deep, folders)
    assert not is_view("select 1", flat, folders)
    assert not is_view("{{ config(materialized='table') }}", deep, folders)
    assert is_view("{{ config(materialized='view') }}", flat, folders)
    assert is_view("{{ ladder(model='c') }}", flat, folders)


def test_a_macro_without_callers_is_found():
    macro = "{{% macro {}() %}}\n{}{{% endmacro %}}\n".format
    texts = {
        Path("a.sql"): macro("alone", "")
        + macro("once", "select 1\n" * 40)
        + macro("twice", ""),
        Path("b.sql"): "{{ once() }} {{ twice() }} {# alone() #}",
        Path("c.yml"): "hook: twice()",
        Path("d.sql"): macro("duckdb__chosen", "") + macro("drawn", ""),
        Path("e.py"): "render('drawn')",
    }
    assert short_of_callers(texts) == {"alone": (0, 2), "once": (1, 42), "drawn": (1, 2)}
