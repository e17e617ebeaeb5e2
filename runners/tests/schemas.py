"""The JSON schemas of reports/schema."""
from __future__ import annotations

import functools
import json
from typing import Any

import jsonschema

from wspcheck_runner import places


@functools.lru_cache(maxsize=None)
def _validator(name: str) -> Any:
    text = (places.SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.FormatChecker()
    )


def validate(name: str, data: Any) -> None:
    """Raises if the data are not as reports/schema/<name>.schema.json says."""
    _validator(name).validate(data)
