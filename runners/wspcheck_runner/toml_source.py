"""TOML files read strictly: a mistake is named with file, line and key."""
from __future__ import annotations

import datetime
import re
import tomllib
from pathlib import Path
from typing import Any, Iterator, Mapping, NoReturn, Optional, Sequence, TypeVar, Union

from .errors import SetupError, near
from .places import for_reader

Kind = TypeVar("Kind")

_KIND_NAMES: Mapping[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    datetime.date: "a date such as 2027-12-31",
}


class Document:
    """A parsed TOML file that still knows on which lines its keys stand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._text = path.read_text(encoding="utf-8")
            self.data = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise SetupError(f"{for_reader(path)}: not valid TOML: {error}") from None
        except UnicodeDecodeError:
            raise SetupError(f"{for_reader(path)}: not a text file") from None
        except OSError as error:
            raise SetupError(f"{for_reader(path)}: {error.strerror}") from None

    def root(self) -> Table:
        """The keys outside of any table."""
        return Table(self, self.data, None)

    def tables(self, name: str) -> Iterator[Table]:
        """Every `[[name]]`, in order."""
        found = self.data.get(name, [])
        if not isinstance(found, list) or not all(isinstance(t, dict) for t in found):
            raise SetupError(f"{for_reader(self.path)}: {name} is written [[{name}]]")
        for index, table in enumerate(found):
            yield Table(self, table, name, index)

    def line_of(self, table: Optional[str], index: int, key: Optional[str]) -> int:
        """The line of a key of the index-th `[[table]]`, or of `[table]`; that of the
        table's header, or of `table = {...}`, if the key is not written as
        `key = value`; 0 if there is neither."""
        current, seen, header = None, -1, 0
        for number, line in enumerate(self._text.splitlines(), 1):
            opening = re.match(r"\s*\[\[?\s*([\w.\-]+)\s*\]\]?", line)
            if opening:
                current = opening.group(1)
                if current == table:
                    seen += 1
                    header = number if seen == index else header
            elif current == table and (table is None or seen == index):
                if key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                    return number
            elif current is None and table and re.match(rf"\s*{table}\s*[=.]", line):
                header = header or number
        return header


class Table:
    """One table of a document, whose keys are asked for one by one; what nobody asked
    for is a mistake."""

    def __init__(
        self,
        document: Document,
        data: Mapping[str, Any],
        name: Optional[str],
        index: Optional[int] = None,
    ) -> None:
        self._document = document
        self._data = data
        self._name = name
        self._index = index
        self._asked: set[str] = set()

    @property
    def line(self) -> int:
        """The line of the table's header."""
        return self._line_of(None)

    def complain(self, key: Optional[str], what: str) -> NoReturn:
        """Refuses the file because of this key (or of the table as a whole)."""
        line = self._line_of(key)
        place = for_reader(self._document.path) + (f":{line}" if line else "")
        raise SetupError(f"{place}: {self._called()}{what}")

    def _line_of(self, key: Optional[str]) -> int:
        return self._document.line_of(self._name, self._index or 0, key)

    def _called(self) -> str:
        """What a complaint begins with."""
        if self._name is None:
            return ""
        if self._index is None:
            return f"[{self._name}]: "
        return f"[[{self._name}]] number {self._index + 1}: "

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        self._asked.add(key)
        return key in self._data

    def text(self, key: str, default: Optional[str] = None) -> str:
        """A text that is not empty; required where there is no default."""
        value = self._value(key, str, default)
        if not value and value != default:
            self.complain(key, f'"{key}" is empty')
        return value

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        """One of the texts."""
        value = self.text(key, default)
        if value != default and value not in allowed:
            hint = near(value, allowed)
            known = ", ".join(allowed)
            self.complain(key, f'"{key}": unknown "{value}"{hint} (known: {known})')
        return value

    def number(self, key: str, default: Optional[int] = None) -> int:
        """A whole number that is not negative."""
        value = self._value(key, int, default)
        if isinstance(value, bool) or value < 0:
            self.complain(key, f'"{key}" is not a whole number')
        return value

    def quantity(self, key: str, least: float, most: float) -> float:
        """A number that is written, whole or not, within these bounds."""
        value = self._data[key]
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not least <= value <= most:
            self.complain(key, f'"{key}" is not a number from {least:g} to {most:g}')
        return float(value)

    def truth(self, key: str) -> bool:
        """true or false."""
        return self._value(key, bool, None)

    def date(self, key: str) -> datetime.date:
        """A date."""
        return self._value(key, datetime.date, None)

    def texts(self, key: str, default: Optional[list[str]] = None) -> list[str]:
        """A list of texts."""
        value = self._value(key, list, default)
        if not all(isinstance(one, str) for one in value):
            self.complain(key, f'"{key}" is not a list of texts in quotes')
        return value

    def records(self, key: str) -> list[Mapping[str, Any]]:
        """A list of inline tables; none if the key is not written."""
        value = self._value(key, list, [])
        if not all(isinstance(one, dict) for one in value):
            self.complain(key, f'"{key}" is not a list of tables in braces')
        return value

    def variables(self, key: str) -> dict[str, str]:
        """A table of texts under any names; none if it is not written."""
        value = self._value(key, dict, {})
        for name, one in value.items():
            if not isinstance(one, str):
                self.complain(key, f'"{key}": "{name}" is not a text in quotes')
        return value

    def table(self, key: str) -> Table:
        """The table `[key]`; an empty one if it is not written."""
        return Table(self._document, self._value(key, dict, {}), key)

    def text_or_texts(self, key: str) -> list[str]:
        """A text, taken as a list of one, or a list of texts."""
        if isinstance(self._data.get(key), str):
            return [self.text(key)]
        return self.texts(key)

    def constant(self, key: str, names: Mapping[str, int]) -> int:
        """The value behind a name of Winsock's; numbers are taken as they are."""
        value: Union[str, int, None] = self._data.get(key)
        if isinstance(value, int):
            return self.number(key)
        return self.resolve(key, self.text(key), names)

    def resolve(self, key: str, name: str, names: Mapping[str, int]) -> int:
        """The value of one name that stands at `key`."""
        if name not in names:
            self.complain(key, f'"{key}": unknown name "{name}"{near(name, names)}')
        return names[name]

    def finish(self) -> None:
        """To be called after the last question: refuses what was not asked for."""
        for key in self._data:
            if key not in self._asked:
                self.complain(key, f'unknown key "{key}"{near(key, self._asked)}')

    def expect_tables(self, *names: str) -> None:
        """These keys are read elsewhere, as tables."""
        self._asked.update(names)

    def _value(self, key: str, kind: type[Kind], default: Optional[Kind]) -> Kind:
        self._asked.add(key)
        if key not in self._data:
            if default is None:
                self.complain(None, f'the key "{key}" is missing')
            return default
        value = self._data[key]
        if not isinstance(value, kind):
            self.complain(key, f'"{key}" is not {_KIND_NAMES[kind]}')
        return value
