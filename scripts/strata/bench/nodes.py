"""Where dbt's time went: seconds of its nodes by kind and by room, and the dearest models."""

import json
from collections import Counter
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


def read_profile(target: Path) -> NodeProfile:
    """The profile of the last dbt build, from run_results.json and manifest.json."""
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    kinds: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    rooms: Counter[str] = Counter()
    models: dict[str, float] = {}
    for result in results:
        name = result["unique_id"]
        kind = "test" if name.split(".")[0] in ("test", "unit_test") else "model"
        kinds[kind] += 1
        seconds[kind] += result["execution_time"]
        if kind == "model":
            node = nodes.get(name, {})
            rooms[_room(node)] += result["execution_time"]
            models[node.get("name", name)] = result["execution_time"]
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
