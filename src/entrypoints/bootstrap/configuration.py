"""Reads the settings: defaults, then a file, then the environment, then the command line, later ones winning.

Whatever is wrong in any of them is reported together, each with its path, where it was given and what is allowed.
Values of secrets are never repeated.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from synctv.entrypoints.bootstrap.options import FILE_SUFFIX, PREFIX, Option, options
from synctv.entrypoints.bootstrap.settings import Settings, StorageKind

CONFIG_VARIABLE = "SYNCTV_CONFIG"
TEST_PREFIX = "SYNCTV_TEST_"
FILE_NAMES = ("synctv.toml", "synctv.yaml", "synctv.yml")
MAX_SECRET_BYTES = 64 * 1024

OPTIONS: Mapping[str, Option] = {found.path: found for found in options(Settings)}
SECRET_FILES: Mapping[str, Option] = {path + FILE_SUFFIX: found for path, found in OPTIONS.items() if found.secret}
VARIABLES: Mapping[str, str] = {PREFIX + path.replace(".", "__").upper(): path for path in (*OPTIONS, *SECRET_FILES)}


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One thing that is wrong: the path of the option, where it was given, and what is allowed."""

    path: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} ({self.where}): {self.message}" if self.where else f"{self.path}: {self.message}"


class SettingsRefused(Exception):
    """The server can't start with these settings. `str(error)` names every problem, one a line."""

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings, the file they were read from, and for each path that is not a default where it was given."""

    settings: Settings
    file: Path | None
    origins: Mapping[str, str]


@dataclass(slots=True)
class _Layer:
    """The options that one source gives, by path, each with where exactly it was given."""

    values: dict[str, object] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)

    def put(self, path: str, value: object, where: str) -> None:
        self.values[path] = value
        self.where[path] = where


def load(
    command_line: Mapping[str, object] | None = None,
    *,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Configuration:
    """The settings in force. `command_line` has values by path, and None for what was not given.

    Raises `SettingsRefused` with everything that is wrong.
    """
    environ = os.environ if environ is None else environ
    problems: list[SettingProblem] = []
    arguments = _from_command_line(command_line or {})
    environment = _from_environment(environ, problems)
    default_folder = _default_folder(environ)
    folder = arguments.values.get("data_dir") or environment.values.get("data_dir") or default_folder
    file = _file(config or _given(environ, CONFIG_VARIABLE), Path(str(folder)).expanduser())
    in_file = _from_file(file, problems) if file else _Layer()
    layers = [arguments, environment, in_file]
    for layer in layers:
        _read_secret_files(layer, problems)
    defaults = _Layer({"data_dir": default_folder})
    settings = _validated([*layers, defaults], problems)
    if settings is None or problems:
        raise SettingsRefused(sorted(problems, key=lambda problem: (problem.path, problem.where)))
    origins = {path: where for layer in reversed(layers) for path, where in layer.where.items()}
    if settings.storage.kind is StorageKind.POSTGRES:
        origins.setdefault("storage.kind", "because database.url is set")
    return Configuration(settings, file, origins)


def _given(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def _default_folder(environ: Mapping[str, str]) -> Path:
    data = environ.get("XDG_DATA_HOME", "")
    parent = Path(data) if data.startswith("/") else Path("~/.local/share")
    return parent / "synctv"


def _file(given: Path | None, folder: Path) -> Path | None:
    """The file to read. One that was named is read whether it is there or not, so that its absence is reported."""
    if given is not None:
        return given.expanduser().absolute()
    candidates = (place / name for place in (folder, Path.cwd()) for name in FILE_NAMES)
    return next((path.absolute() for path in candidates if path.is_file()), None)


def _from_command_line(values: Mapping[str, object]) -> _Layer:
    layer = _Layer()
    for path, value in values.items():
        if value is not None:
            layer.put(path, value, "command line")
    return layer


def _from_environment(environ: Mapping[str, str], problems: list[SettingProblem]) -> _Layer:
    """What the environment gives. An empty variable counts as absent, as compose files leave them."""
    layer = _Layer()
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name == CONFIG_VARIABLE or name.startswith(TEST_PREFIX):
            continue
        path = VARIABLES.get(name)
        if path is None:
            problems.append(SettingProblem(name, "environment", _unknown(name, VARIABLES)))
        elif environ[name]:
            layer.put(path, environ[name], f"environment {name}")
    return layer


def _from_file(file: Path, problems: list[SettingProblem]) -> _Layer:
    layer = _Layer()
    try:
        content = _parsed(file)
    except OSError as error:
        problems.append(SettingProblem(str(file), "", f"The file can't be read: {error.strerror}."))
    except (tomllib.TOMLDecodeError, yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        problems.append(SettingProblem(str(file), "", f"The file can't be understood: {_one_line(error)}"))
    else:
        known = (*OPTIONS, *SECRET_FILES)
        for path, value in _flat(content):
            if path in known:
                layer.put(path, value, str(file))
            else:
                problems.append(SettingProblem(path, str(file), _misplaced(path, known)))
    return layer


def _parsed(file: Path) -> Mapping[str, Any]:
    text = file.read_text("utf-8")
    content = tomllib.loads(text) if file.suffix == ".toml" else yaml.safe_load(text)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ValueError("options are expected at its top, such as `http:`.")
    return content


def _flat(content: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Values by path; a table stays whole where an option or nothing is known."""
    for key, value in content.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and _is_section(path):
            yield from _flat(value, f"{path}.")
        else:
            yield path, value


def _is_section(path: str) -> bool:
    return any(known.startswith(f"{path}.") for known in OPTIONS)


def _read_secret_files(layer: _Layer, problems: list[SettingProblem]) -> None:
    """Replaces each `…_file` by the content of that file, without the white space around it."""
    for path in [path for path in layer.values if path in SECRET_FILES]:
        target, where = SECRET_FILES[path].path, layer.where.pop(path)
        file = Path(str(layer.values.pop(path))).expanduser()
        if target in layer.values:
            problems.append(SettingProblem(target, where, f"It is given twice. Remove it or `{path}`."))
            continue
        try:
            with file.open("rb") as opened:
                layer.put(target, opened.read(MAX_SECRET_BYTES).decode().strip(), f"{where}: {file}")
        except OSError as error:
            problems.append(SettingProblem(path, where, f"The file {file} can't be read: {error.strerror}."))
        except UnicodeDecodeError:
            problems.append(SettingProblem(path, where, f"The file {file} is no text."))


def _validated(layers: Sequence[_Layer], problems: list[SettingProblem]) -> Settings | None:
    """The settings that the layers give, earlier ones winning; None with `problems` added when they are wrong."""
    values: dict[str, object] = {}
    where: dict[str, str] = {}
    for layer in reversed(layers):
        values |= layer.values
        where |= layer.where
    try:
        settings = Settings.model_validate(_nested(values))
    except ValidationError as error:
        problems.extend(_problem(details, where) for details in error.errors(include_input=False, include_url=False))
        return None
    if settings.storage.kind is StorageKind.POSTGRES and settings.database.url is None:
        message = "It must be set for `storage.kind` postgres: postgresql://user:password@host:port/database."
        problems.append(SettingProblem("database.url", "", message))
    return settings


def _nested(values: Mapping[str, object]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *sections, name = path.split(".")
        place = tree
        for step in sections:
            place = place.setdefault(step, {})
        place[name] = value
    return tree


def _problem(details: Mapping[str, Any], where: Mapping[str, str]) -> SettingProblem:
    path = _option_at(details["loc"])
    known = OPTIONS.get(path)
    reason = str(details["ctx"]["error"]) if details["type"] == "value_error" else ""
    allowed = f"Allowed: {known.allowed}." if known else ""
    return SettingProblem(path, where.get(path, ""), f"{reason} {allowed}".strip())


def _option_at(location: Sequence[int | str]) -> str:
    """The path of the option at or above a place in the model: the third entry of a list is not an option."""
    path = ".".join(map(str, location))
    while path not in OPTIONS and "." in path and not _is_section(path):
        path = path.rpartition(".")[0]
    return path


def _unknown(name: str, known: Mapping[str, object] | Sequence[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f"There is no such option. Did you mean {close[0]}?" if close else "There is no such option."


def _misplaced(path: str, known: Sequence[str]) -> str:
    if _is_section(path):
        inside = ", ".join(name.removeprefix(f"{path}.") for name in OPTIONS if name.startswith(f"{path}."))
        return f"This is a group of options: {inside}."
    return _unknown(path, known)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
