"""index.html: the report as one file that opens without a network."""
from __future__ import annotations

from typing import Any, Mapping

from .requirements import Requirements
from .summary import Summary


def render(
    summary: Summary, environment: Mapping[str, Any], requirements: Requirements
) -> str:
    """The page."""
    return ""
