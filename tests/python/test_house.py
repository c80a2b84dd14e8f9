"""The house's laws, as tests over the repository's own text.

Each law is a function that returns its violations; each is shown to bite on a bad sample
before it is trusted with the repository.
"""

import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
SQL_FOLDERS = ("models", "macros", "analyses", "tests/generic", "tests/singular")
MODEL_LINES = 60
YAML_LINES = 400

# One clock: every model reads as_of_date (law 3).
CLOCKS = re.compile(
    r"\b(?:current_date|current_time|current_timestamp|localtimestamp|localtime|sysdate"
    r"|run_started_at|(?:now|utcnow|today|getdate|get_current_timestamp)\s*\()",
    re.IGNORECASE,
)

# Dialect differences that belong in macros/engines (law 10), and what stands in for each.
# A pattern is matched against SQL without its comments.
DIALECT: dict[str, str] = {
    r"\btry_strptime\s*\(": "DuckDB only",
    r"\bstrptime\s*\(": "DuckDB only",
    r"\bread_(?:csv|parquet|json)\w*\s*\(": "DuckDB only; files land through `strata load`",
    r"\bto_json\s*\(": "takes a struct on Spark, any value on DuckDB",
    r"\bgenerate_series\s*\(": "unknown to Spark; dbt has date_spine",
    r"\bdistinct\s+on\b": "unknown to Spark; row_number does it",
    r"\basof\s+join\b": "DuckDB only",
    r"\bqualify\b": "unknown to Spark and PostgreSQL; filter in the next CTE",
    r"\w\s*::\s*\w": "unknown to Spark; write cast(… as …)",
}

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
    return _matches(CLOCKS, without_comments(sql))


def slow_questions(sql: str) -> list[str]:
    """What macros/engines/queries.sql asks in less time."""
    return _matches(SLOW_QUESTIONS, without_comments(sql))


def registry_hosts(text: str) -> list[str]:
    return _matches(REGISTRY_HOSTS, text)


def machine_paths(text: str) -> list[str]:
    return _matches(MACHINE_PATHS, text)


def dialect_words(sql: str) -> list[str]:
    bare = without_comments(sql)
    return [
        f"{found} ({why})"
        for pattern, why in DIALECT.items()
        for found in _matches(re.compile(pattern, re.IGNORECASE), bare)
    ]


def longer_than(limit: int) -> Callable[[str], list[str]]:
    def law(text: str) -> list[str]:
        lines = len(text.splitlines())
        return [f"{lines} lines, at most {limit}"] if lines > limit else []

    return law


def undescribed_models(model_files: Iterable[Path]) -> list[str]:
    """Models without a description in a YAML file of their own folder.

    Entities keep one file each: `<entity>.yml` describes `<entity>` and `<entity>_set_aside`.
    """
    missing = []
    for model in model_files:
        folder = sorted(model.parent.glob("*.yml"))
        where = "a .yml beside it"
        if model.parent.name == "entities":
            beside = model.parent / f"{model.stem.removesuffix('_set_aside')}.yml"
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


def unmaintained_python(text: str) -> list[str]:
    """A model in Python that dbt would make a `table`, whatever dbt_project.yml says."""
    said = 'dbt.config(materialized="maintained"'
    return [] if said in text else [f"no {said}"]


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
    # A condition that several rungs share may have a name of its own.
    bare = re.sub(r"\{%-? set \w+ = '[^']*' %\}", "", without_comments(sql)).strip()
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


def test_no_registry_host():
    assert check(repository_files(), registry_hosts) == []


def test_no_machine_path():
    assert check(repository_files(), machine_paths) == []


def test_dialect_differences_live_in_macros_engines():
    engines = ROOT / "macros" / "engines"
    paths = [p for p in files_under(SQL_FOLDERS, ".sql") if not p.is_relative_to(engines)]
    assert check(paths, dialect_words) == []


def test_macros_ask_without_a_table_of_agate():
    assert check(files_under(["macros"], ".sql"), slow_questions) == []


def test_no_model_longer_than_a_screen():
    assert check(files_under(["models"], ".sql", ".py"), longer_than(MODEL_LINES)) == []


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


def test_a_refresh_knows_the_models_in_python():
    assert check(files_under(["models"], ".py"), unmaintained_python) == []


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
        (registry_hosts, "see https://pypi." + "org/simple"),
        (registry_hosts, "registry.npmjs." + "org"),
        (machine_paths, "cd /" + "work/main"),
        (machine_paths, "path: '/" + "root/.venv'"),
        (machine_paths, "(/" + "home/me)"),
        (machine_paths, "HOME=/" + "root"),
        (dialect_words, "select try_strptime(a, '%Y')"),
        (dialect_words, "select * from read_csv('a.csv')"),
        (dialect_words, "select a::date"),
        (dialect_words, "select distinct on (a) b"),
        (dialect_words, "qualify row_number() over () = 1"),
        (more_than_a_ladder, "select case when a >= 1 then 'x' end from b"),
        (more_than_a_ladder, "{{ ladder(model='a', rungs=[]) }} where a > b"),
        (more_than_a_ladder, "{{ ladder(model='a') }}\n{{ ladder(model='b') }}"),
        (more_than_a_ladder, "{% set a = 1 %}{{ ladder(model='a') }}"),
        (numbers, "{{ ladder(rungs=[{'when': ['purchases >= 3']}]) }}"),
        (numbers, "where net_amount > 0.5 or share >= 1.5"),
        (longer_than(60), "select 1\n" * 61),
        (longer_than(400), "a: 1\n" * 401),
        (
            unpinned_unit_tests,
            "unit_tests: [{name: a, given: [{rows: [{ruleset: medical_aesthetics}]}]}]",
        ),
        (unmaintained_python, 'dbt.config(meta={"recompute": "everything"})'),
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
        (registry_hosts, "https://example.org"),
        (machine_paths, "see docs/work/plan and ~/home and https://example.org/home/x"),
        (dialect_words, "select cast(a as date) -- not a::date"),
        (
            more_than_a_ladder,
            "-- case 5\n{{ ladder(model='a', rungs=[{'tier': 'b', 'when': ['c >= d']}]) }}\n",
        ),
        (numbers, "-- article 000 §3.2\nselect rfm2, a_365 where b >= 1 and c = 0"),
        (longer_than(60), "select 1\n" * 60),
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
    for name in ("alone", "blank", "right", "entities/apart", "entities/own"):
        model = tmp_path / f"{name}.sql"
        model.parent.mkdir(exist_ok=True)
        model.write_text("select 1")
    entry = "  - name: {}\n    description: {}\n".format
    (tmp_path / "_models.yml").write_text(
        "models:\n" + entry("right", "Yes.") + entry("blank", "''")
    )
    (tmp_path / "entities" / "own.yml").write_text(
        "models:\n" + entry("own", "Yes.") + entry("apart", "Yes.")
    )
    found = undescribed_models(sorted(tmp_path.rglob("*.sql")))
    assert [line.split(".")[0] for line in found] == ["alone", "blank", "apart"]
