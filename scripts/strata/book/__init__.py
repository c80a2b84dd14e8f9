"""The tier book: every model, rung and threshold in words, written from the rules."""

from strata.book.write import write_book

__all__ = ["write_book"]
