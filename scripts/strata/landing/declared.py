"""Which tables and columns a source delivers, as declared in dbt's source YAML."""

import re
from pathlib import Path

import yaml

from strata.errors import StrataError
from strata.settings import PROJECT_DIR

_GUIDE = 'CONTRIBUTING.md, "Adding a source"'
# The parser in C, where there is one, saves a second of each load.
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
RESERVED_COLUMNS = ("_file", "_row", "_loaded_at", "_row_id")


def declared_tables(source: str, project_dir: Path = PROJECT_DIR) -> dict[str, list[str]]:
    """The declared columns of each of a source's tables, in declared order.

    Reads the YAML files of models/staging/<source>/. Raises StrataError for a source that
    is not declared (naming those that are) and for a declaration that cannot be used.
    """
    staging = project_dir / "models" / "staging"
    found = _sources_in(staging / source) if re.fullmatch(r"\w+", source) else {}
    if source not in found:
        raise _unknown_source(source, staging)
    path, entry = found[source]
    if entry.get("schema", source) != f"raw_{source}":
        raise StrataError(
            f"{path.name}: source {source} has the schema {entry.get('schema')!r}.",
            f"Write `schema: raw_{source}`: files are loaded there. See {_GUIDE}.",
        )
    return {
        _name(table, f"a table of source {source}", path): _columns(table, path)
        for table in _tables(entry, source, path)
    }


def declared_file_names(source: str, project_dir: Path = PROJECT_DIR) -> dict[str, str]:
    """Other names of the source's tables in file names, each with its table.

    As `config: {meta: {file_names: [订单]}}` of a table says. Raises StrataError for a name
    that is not text or stands for two tables.
    """
    path, entry = _sources_in(project_dir / "models" / "staging" / source)[source]
    names: dict[str, str] = {}
    for table in _tables(entry, source, path):
        meta = (table.get("config") or {}).get("meta") or {}
        for name in meta.get("file_names") or []:
            if not isinstance(name, str) or not name.strip() or name in names:
                raise StrataError(
                    f"{path.name}: {name!r} cannot be a file name of table {table['name']}.",
                    "Each of its file_names is text in quotes, and no other table's.",
                )
            names[name.strip()] = table["name"]
    return names


def declared_meanings(
    source: str, project_dir: Path = PROJECT_DIR
) -> dict[str, dict[str, str]]:
    """By table and column in lower case: what a column holds of a person; "" for nothing.

    As `config: {meta: {holds: customer_id}}` of a column says: customer_id, phone,
    wechat_unionid, person_id, personal_name, personal_text (anything else that tells of a
    person), medical_text, order_id, or record_id for what another row is called.
    """
    found = _sources_in(project_dir / "models" / "staging" / source)
    if source not in found:
        return {}
    path, entry = found[source]
    return {
        table["name"]: {
            str(column["name"]).strip().lower(): str(
                ((column.get("config") or {}).get("meta") or {}).get("holds") or ""
            )
            for column in table.get("columns") or []
        }
        for table in _tables(entry, source, path)
    }


def declared_optional(source: str, project_dir: Path = PROJECT_DIR) -> set[tuple[str, str]]:
    """Table and column of what a file may lack without a word: `meta: {is_optional: true}`."""
    path, entry = _sources_in(project_dir / "models" / "staging" / source)[source]
    return {
        (table["name"], column["name"])
        for table in _tables(entry, source, path)
        for column in table.get("columns") or []
        if ((column.get("config") or {}).get("meta") or {}).get("is_optional")
    }


def declared_scope(source: str, project_dir: Path = PROJECT_DIR) -> bool:
    """Whether the source says that its shops number alike: `meta: {scope: clinic}`."""
    _, entry = _sources_in(project_dir / "models" / "staging" / source)[source]
    return ((entry.get("config") or {}).get("meta") or {}).get("scope") == "clinic"


def _sources_in(directory: Path) -> dict[str, tuple[Path, dict]]:
    """The sources declared in a directory's YAML files, by name, each with its file."""
    found: dict[str, tuple[Path, dict]] = {}
    for path in sorted([*directory.glob("*.yml"), *directory.glob("*.yaml")]):
        try:
            content = yaml.load(path.read_text(encoding="utf-8"), _YAML)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise StrataError(
                f"{path.name} is not valid YAML: {error}",
                f"Mend the file in models/staging/{directory.name}/.",
            ) from error
        entries = content.get("sources") if isinstance(content, dict) else None
        for entry in entries or []:
            if isinstance(entry, dict) and entry.get("name"):
                found[str(entry["name"])] = (path, entry)
    return found


def _tables(entry: dict, source: str, path: Path) -> list[dict]:
    tables = entry.get("tables") or []
    if not tables:
        raise StrataError(
            f"{path.name}: source {source} declares no tables.",
            f"List its tables and their columns. See {_GUIDE}.",
        )
    return tables


def _columns(table: dict, path: Path) -> list[str]:
    columns = [
        _name(column, f"a column of table {table['name']}", path)
        for column in table.get("columns") or []
    ]
    folded = [column.lower() for column in columns]
    twice = sorted({name for name in folded if folded.count(name) > 1})
    problem = ""
    if not columns:
        problem = "declares no columns"
    elif twice:
        problem = f"declares a column twice: {', '.join(twice)}"
    elif set(folded) & set(RESERVED_COLUMNS):
        problem = f"declares a column that landing adds itself ({', '.join(RESERVED_COLUMNS)})"
    if problem:
        raise StrataError(f"{path.name}: table {table['name']} {problem}.", f"See {_GUIDE}.")
    return columns


def _name(entry: object, what: str, path: Path) -> str:
    """The name of a declared table or column; an unquoted No, Yes or 2024 is no text."""
    name = entry.get("name") if isinstance(entry, dict) else None
    if isinstance(name, str) and name.strip():
        return name.strip()
    if name is None:
        raise StrataError(
            f"{path.name}: {what} has no name: {entry!r}.",
            f'Write `- name: "…"`, the name as it stands in the file. See {_GUIDE}.',
        )
    raise StrataError(
        f"{path.name}: the name of {what} is not text: YAML reads it as {name!r}.",
        f'Write the name in quotes, such as `- name: "No"`. See {_GUIDE}.',
    )


def _unknown_source(source: str, staging: Path) -> StrataError:
    directories = sorted(staging.iterdir()) if staging.is_dir() else []
    known = [path.name for path in directories if path.name in _sources_in(path)]
    return StrataError(
        f"There is no source named {source!r}. Known sources: {', '.join(known) or 'none'}.",
        f"Check the name, or declare the source: {_GUIDE}.",
        exit_code=2,
    )
