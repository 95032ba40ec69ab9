"""Results: tables for people, JSON and YAML for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from synctv.entrypoints.cli.parameters import Output

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

Value = str | int | float | bool | Sequence[str] | Mapping[str, str] | None
Record = Mapping[str, Value]
"""One result by the names that scripts use: camelCase, times as RFC 3339, durations in seconds."""

_WIDTH_WITHOUT_TERMINAL = 200


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a record, with the heading that people see over it."""

    heading: str
    name: str
    right: bool = False


def show_list(
    records: Sequence[Record],
    columns: Sequence[Column],
    output: Output,
    *,
    next_cursor: str,
    total: int | None,
    more: str,
) -> None:
    """Prints one page of a list. `more` is the option that continues it; `total` is None where nobody counted."""
    if output is not Output.TABLE:
        show_document({"items": list(records), "nextCursor": next_cursor or None, "total": total}, output)
        return
    table = _table()
    for column in columns:
        table.add_column(column.heading, justify="right" if column.right else "left", overflow="fold")
    for record in records:
        table.add_row(*(_cell(record[column.name]) for column in columns))
    _print(table)
    shown = f"{len(records)} shown." if total is None else f"{len(records)} of {total}."
    typer.echo(f"{shown} Go on with {more} {next_cursor}" if next_cursor else shown)


def show_one(record: Record, columns: Sequence[Column], output: Output) -> None:
    """Prints one record: for people those of the named columns that have a value, for scripts all of it."""
    if output is not Output.TABLE:
        show_document(record, output)
        return
    table = _table(headings=False)
    for column in columns:
        if record[column.name] is not None:
            table.add_row(column.heading, _cell(record[column.name]))
    _print(table)


def rfc3339(micros: int) -> str:
    """An instant as people and scripts read it, to the second."""
    from synctv.domain.ids import Micros
    from synctv.entrypoints.views.times import instant

    return instant(Micros(micros)).strftime("%Y-%m-%dT%H:%M:%SZ")


def show_document(value: object, output: Output) -> None:
    """Prints what scripts read."""
    if output is Output.JSON:
        typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
        return
    import yaml

    typer.echo(yaml.safe_dump(value, allow_unicode=True, sort_keys=False).rstrip())


def _table(*, headings: bool = True) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(box=SIMPLE_HEAD if headings else None, show_header=headings, pad_edge=False)


def _cell(value: Value) -> Text:
    from rich.text import Text

    return Text(plain(_words(value)))


def plain(text: str) -> str:
    """The text without what could move the cursor or colour the screen: people choose names."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _words(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value)
        case Mapping():
            return ", ".join(f"{name} {entry}" for name, entry in value.items())
        case _:
            return ", ".join(value)


def _print(table: Table) -> None:
    from rich.console import Console

    width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
    Console(width=width, highlight=False).print(table)
