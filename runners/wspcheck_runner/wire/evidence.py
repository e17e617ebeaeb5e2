"""What is kept of a case: its packets, and a picture of them."""
from __future__ import annotations

from pathlib import Path

from ..verdict import Job
from . import pcapng
from .episode import Episode


def keep(folder: Path, job: Job, octets: bytes, episode: Episode) -> tuple[str, str]:
    """Writes both; gives their names in the run's folder, of which `folder` is part."""
    folder.mkdir(parents=True, exist_ok=True)
    name = ".".join(job)
    capture = folder / f"{name}.pcapng"
    capture.write_bytes(pcapng.cut(octets, set(episode.frames)))
    return f"{folder.name}/{capture.name}", ""
