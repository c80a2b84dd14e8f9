"""Where dbt's time went: seconds of its nodes by kind and by room, and the dearest models."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

DEAREST = 10


@dataclass(frozen=True)
class NodeProfile:
    """Node seconds. With two threads two nodes run at once, so sums exceed the clock."""

    models: int
    model_seconds: float
    tests: int
    test_seconds: float
    rooms: dict[str, float]
    dearest: list[tuple[str, float]]

    def facts(self) -> dict[str, Any]:
        """For the result file."""
        return asdict(self)


def read_results(files: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """By node, its seconds and its SQL, from the results of all of a run's dbt invocations.

    A node that several of them built took the seconds of all.
    """
    nodes: dict[str, dict[str, Any]] = {}
    for file in sorted(files):
        for result in json.loads(file.read_text(encoding="utf-8"))["results"]:
            node = nodes.setdefault(result["unique_id"], {"seconds": 0.0, "sql": None})
            node["seconds"] += result["execution_time"]
            node["sql"] = result.get("compiled_code") or node["sql"]
    return nodes


def read_profile(manifest: Path, results: Sequence[Path]) -> NodeProfile:
    """The profile of a run from dbt's manifest and the results of its invocations."""
    known = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    kinds: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    rooms: Counter[str] = Counter()
    models: Counter[str] = Counter()
    for name, result in read_results(results).items():
        kind = "test" if name.split(".")[0] in ("test", "unit_test") else "model"
        kinds[kind] += 1
        seconds[kind] += result["seconds"]
        if kind == "model":
            node = known.get(name, {})
            rooms[_room(node)] += result["seconds"]
            models[node.get("name", name)] += result["seconds"]
    return NodeProfile(
        kinds["model"],
        round(seconds["model"], 2),
        kinds["test"],
        round(seconds["test"], 2),
        {room: round(spent, 2) for room, spent in rooms.most_common()},
        [
            (name, round(spent, 2))
            for name, spent in sorted(models.items(), key=lambda item: (-item[1], item[0]))
        ][:DEAREST],
    )


def _room(node: dict[str, Any]) -> str:
    if node.get("resource_type") == "seed":
        return "seeds"
    return (node.get("fqn") or ["", "other"])[1]
