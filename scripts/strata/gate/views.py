"""Data Docs that open from disk: the packaged pages load styles and scripts from CDNs.

Named in the site's configuration and loaded by Great Expectations. Templates in
docs_site/ come before the packaged ones.
"""

from pathlib import Path
from typing import Any

from great_expectations.render.view import DefaultJinjaIndexPageView, DefaultJinjaPageView
from jinja2 import ChoiceLoader, FileSystemLoader

_TEMPLATES = Path(__file__).parent / "docs_site"


class OfflinePageView(DefaultJinjaPageView):
    """A page of a suite or of a result."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.env.loader = ChoiceLoader([FileSystemLoader(_TEMPLATES), self.env.loader])


class OfflineIndexView(DefaultJinjaIndexPageView):
    """The list of results."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.env.loader = ChoiceLoader([FileSystemLoader(_TEMPLATES), self.env.loader])
