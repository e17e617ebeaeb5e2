"""`python3 -m wspcheck_runner`, which runners/wspcheck starts."""
from __future__ import annotations

import sys


def main() -> int:
    """Names a Python package that is missing instead of showing a traceback."""
    try:
        from .cli import main as run

        return run()
    except ModuleNotFoundError as error:
        print(
            f'wspcheck: the Python package "{error.name}" is missing: '
            f"start runners/run, which installs it, or install python3-{error.name}",
            file=sys.stderr,
        )
        return 2


sys.exit(main())
