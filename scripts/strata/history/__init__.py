"""History: snapshots of past days, moves between two days, and what was published when."""
