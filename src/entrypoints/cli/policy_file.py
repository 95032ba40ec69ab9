"""Reading the rules on accounts from a file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from synctv.entrypoints.cli.exits import Exit, fail
from synctv.entrypoints.cli.policy_document import DocumentRefused, Values, values_in
from synctv.entrypoints.cli.reading import text_in

MAX_BYTES = 1 << 20


class FileFormat(StrEnum):
    """The forms of a document. Whoever reads YAML reads JSON, too."""

    JSON = "json"
    YAML = "yaml"


def read_values(file: Path) -> Values:
    """The rules in the file. Ends the command with everything that is wrong in it."""
    import yaml

    text = text_in(file, MAX_BYTES)
    try:
        return values_in(yaml.safe_load(text))
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        fail(f"The file {file}{line} is neither YAML nor JSON: {error.problem}.", Exit.USAGE)
    except (yaml.YAMLError, RecursionError):
        fail(f"The file {file} is neither YAML nor JSON.", Exit.USAGE)
    except DocumentRefused as error:
        listed = "\n".join(f"  {problem}" for problem in error.problems)
        fail(f"The file {file} does not hold the rules. Begin with `synctv sign-up export`.\n{listed}", Exit.USAGE)
