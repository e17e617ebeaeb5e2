"""A case's packets as a drawing that explains itself."""
from __future__ import annotations

import functools
from typing import Sequence

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from .. import places
from ..verdict import Claim, Job
from . import plot
from .episode import Episode
from .sequence import lines

STYLE = "wire.css"
TEMPLATE = "wire.svg"
PLOT_PX = 290
LINE_PX = 21


def draw(job: Job, episode: Episode, claims: Sequence[Claim]) -> str:
    """The drawing, an SVG document whose style is in a file beside it."""
    shown = lines(episode)
    plotted = plot.plot(episode)
    top = PLOT_PX if plotted else 0
    text = _template().render(
        job=job,
        claims=claims,
        plot=plotted,
        frame=plot,
        top=top,
        lines=shown,
        line_px=LINE_PX,
        height=top + 58 + LINE_PX * len(shown),
        style=STYLE,
    )
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


def style() -> str:
    """What is in that file."""
    return (places.TEMPLATES / STYLE).read_text(encoding="utf-8")


@functools.lru_cache(maxsize=1)
def _template() -> Template:
    jinja = Environment(
        loader=FileSystemLoader(places.TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    jinja.tests["arrow"] = lambda line: hasattr(line, "to_right")
    jinja.tests["note"] = lambda line: hasattr(line, "is_call")
    return jinja.get_template(TEMPLATE)
