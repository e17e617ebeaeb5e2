"""What is kept of a case: its packets, and a picture of them."""
from __future__ import annotations

from pathlib import Path
from typing import Sequence

from ..verdict import Claim, Job, Wire
from . import pcapng, picture
from .episode import Episode


def keep(
    folder: Path, job: Job, octets: bytes, episode: Episode, claims: Sequence[Claim]
) -> Wire:
    """Writes both; their names are those in the run's folder, of which `folder` is
    part."""
    folder.mkdir(parents=True, exist_ok=True)
    name = ".".join(job)
    capture, drawing = folder / f"{name}.pcapng", folder / f"{name}.svg"
    capture.write_bytes(pcapng.cut(octets, set(episode.frames)))
    drawing.write_text(picture.draw(job, episode, claims), encoding="utf-8")
    (folder / picture.STYLE).write_text(picture.style(), encoding="utf-8")
    return Wire(
        tuple(claims),
        f"{folder.name}/{capture.name}",
        f"{folder.name}/{drawing.name}",
    )
