"""The day's action list of a clinic, with names and phones, for those who call."""

from strata.actions.command import write_actions

__all__ = ["write_actions"]
