"""The managers' report: one HTML file, in Chinese and English, that opens with no network."""

from strata.report.write import write_report

__all__ = ["write_report"]
