"""Where dbt's time went: seconds of its nodes by kind and by room, and the dearest models."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DEAREST = 10


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


def read_profile(manifest: Path, results: Sequence[Path]) -> dict[str, Any]:
    """Node seconds of a run. With two threads two nodes run at once: sums exceed the clock."""
    known = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    tests: list[float] = []
    rooms: Counter[str] = Counter()
    models: Counter[str] = Counter()
    for unique_id, result in read_results(results).items():
        if unique_id.split(".")[0] in ("test", "unit_test"):
            tests.append(result["seconds"])
            continue
        node = known.get(unique_id, {"name": unique_id, "fqn": ["", "other"]})
        room = "seeds" if node.get("resource_type") == "seed" else node["fqn"][1]
        rooms[room] += result["seconds"]
        models[node["name"]] += result["seconds"]
    return {
        "models": len(models),
        "model_seconds": round(models.total(), 2),
        "tests": len(tests),
        "test_seconds": round(sum(tests), 2),
        "rooms": {room: round(spent, 2) for room, spent in rooms.most_common()},
        "dearest": [(name, round(spent, 2)) for name, spent in models.most_common(DEAREST)],
    }
