"""Who may include whom."""
from __future__ import annotations

from pathlib import Path

from lib import includes

from wspcheck_runner import places


def tree(root: Path, files: dict[str, str]) -> Path:
    """Writes these files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_the_project_keeps_its_borders() -> None:
    assert not list(includes.violations(places.REPOSITORY))
    assert not list(includes.build_crossings(places.REPOSITORY))


def test_own_and_shared_headers_may_be_included(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "conformance/harness/case.h": "",
            "conformance/cases/a.c": '#include "case.h"\n#include <winsock2.h>\n',
            "conformance/cases/b.c": '#include "../../fixtures/include/fault.h"\n',
            "fixtures/include/fault.h": "",
        },
    )
    assert not list(includes.violations(root))


def test_a_foreign_header_is_named_with_its_place(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "reference/endpoint.h": "",
            "conformance/a.c": '\n#include "../reference/endpoint.h"\n',
            "fixtures/bridge/b.c": '#include "fault.h"\n',
            "fixtures/include/fault.h": "",
        },
    )
    assert list(includes.violations(root)) == [
        "conformance/a.c:2: conformance includes ../reference/endpoint.h of reference",
        "fixtures/bridge/b.c:1: fixtures/bridge includes fault.h of fixtures/include",
    ]


def test_the_suite_is_not_built_with_the_reference(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "conformance/CMakeLists.txt": "# wspref is loaded, not linked\n"
            "target_link_libraries(wspcheck wspref)\n"
        },
    )
    (line,) = includes.build_crossings(root)
    assert line.startswith("conformance/CMakeLists.txt:2:")
