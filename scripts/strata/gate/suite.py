"""A suite: its rules, and one fact for each thing that a rule is asked of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import yaml

from strata.gate.result import NOT_EVALUATED

SUITES = Path(__file__).parent / "suites"
STRUCTURE = "structure"


@dataclass(frozen=True)
class Rule:
    """A rule of suites/*.yml: what it says, the way out, and how it is asked.

    Kind `structure` stops whenever something is found; `limit` and `drift` ask policy; `least`
    names the limits that say from how many on.
    """

    name: str
    kind: str
    says: str
    do: str
    ask: str
    least: Sequence[str] = ()


@dataclass
class Suite:
    """The rules of one checkpoint, of how many things each was asked, why drift only warns."""

    name: str
    rules: list[Rule]
    eased: str = ""
    asked: dict[str, int] = field(default_factory=dict)


def ask_suite(
    connection: duckdb.DuckDBPyConnection, name: str, accepts: bool, first: bool
) -> Suite:
    """Ask every rule of suites/<name>.yml, and leave the answers in the table `facts`.

    Where something is broken, no rule that has a limit is asked. `accepts`: a person has seen
    what moved, and limits only warn. `first`: there is no publication to compare with.
    Raises duckdb.Error if not even what is `given` can be read.
    """
    read = yaml.safe_load((SUITES / f"{name}.yml").read_text(encoding="utf-8"))
    suite = Suite(name, [Rule(**rule) for rule in read["rules"]])
    suite.eased = "accepted by --accept-drift" if accepts else ""
    connection.execute(read["given"])
    unprepared = ""
    try:
        connection.execute(read.get("first", "") if first else "")
        connection.execute((SUITES / f"{name}.sql").read_text(encoding="utf-8"))
        (eased,) = connection.execute(read.get("eased", "select null")).fetchone()
        suite.eased = suite.eased or eased or ""
    except duckdb.Error as error:
        unprepared = _first_line(error)
    connection.execute(
        "create temp table answers (number integer, rule varchar, kind varchar,"
        " least varchar[], is_eased boolean, subject varchar, value double, said varchar,"
        " counts double[])"
    )
    is_broken, number = False, 0
    for rule in suite.rules:  # those of structure come first
        suite.asked[rule.name] = 0
        if is_broken and rule.kind != STRUCTURE:
            continue
        try:
            rows = connection.execute(rule.ask).fetchall()
        except duckdb.Error as error:
            rows = [("", None, f"{NOT_EVALUATED}: {unprepared or _first_line(error)}")]
        suite.asked[rule.name] = len(rows)
        is_eased = rule.kind != STRUCTURE and (
            accepts or (rule.kind == "drift" and suite.eased)
        )
        for subject, value, said, *counts in rows:
            number += 1
            is_broken = is_broken or (rule.kind == STRUCTURE and value != 0)
            connection.execute(
                "insert into answers values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [number, rule.name, rule.kind, list(rule.least)[: len(counts)], bool(is_eased),
                 subject, value, said, counts],
            )  # fmt: skip
    connection.execute((SUITES / "limits.sql").read_text(encoding="utf-8"))
    return suite


def _first_line(error: duckdb.Error) -> str:
    return str(error).strip().splitlines()[0]
