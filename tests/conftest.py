"""Makes tests/python importable from tests/golden."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "python"))
