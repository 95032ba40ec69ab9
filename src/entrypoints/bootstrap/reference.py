"""What is said about the settings: the reference page, and the values in force. Secrets are never shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from synctv.entrypoints.bootstrap.configuration import Configuration
from synctv.entrypoints.bootstrap.options import Option, options, plain, section_of
from synctv.entrypoints.bootstrap.settings import Settings

_INTRODUCTION = """\
# Settings

<!-- Generated from the model by `synctv config docs`. Edit src/entrypoints/bootstrap/settings.py instead. -->

Nothing has to be set. What is set may be given in four places; a later one wins over an earlier one:

1. the defaults below;
2. a file: the one named by `--config` or `SYNCTV_CONFIG`, else `synctv.toml`, `synctv.yaml` or `synctv.yml` in the
   data folder, else the same in the current folder;
3. the environment: the option `http.port` is `SYNCTV_HTTP__PORT`; an empty variable counts as absent, and lists are
   written with commas;
4. the command line: see `synctv serve --help`.

Options marked *secret* may be kept in a file of their own: `SYNCTV_DATABASE__URL_FILE`, or `url_file` in the section
`database` of the settings file, names a file that holds nothing but the value. No command ever prints them.

Unknown names and values that are not allowed are all reported together, before anything starts. `synctv config check`
does only that, and `synctv config show` prints what is in force and where it was given.

```toml
# synctv.toml
[http]
port = 80

[security.egress]
allow = ["nas.lan:8096"]
```
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One option as it is in force. `value` is a placeholder for a secret, `origin` is empty for a default."""

    path: str
    value: str
    origin: str


def in_force(configuration: Configuration) -> list[Shown]:
    """Every option, in the order of the reference page."""
    return [
        Shown(found.path, _shown(found, configuration.settings), configuration.origins.get(found.path, ""))
        for found in options(Settings)
    ]


def page() -> str:
    """The reference page, in Markdown."""
    return "\n".join([_INTRODUCTION, *_group("The server's files", "", Settings), *_sections(Settings, "")])


def _shown(found: Option, settings: BaseModel) -> str:
    value: object = settings
    for step in found.path.split("."):
        value = getattr(value, step)
    if value is None or value == ():
        return "not set"
    return "set, not shown" if found.secret else plain(value)


def _sections(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = section_of(field)
        if inner is not None:
            path = f"{prefix}{name}"
            yield from _group(f"`{path}`", f"{path}.", inner)
            yield from _sections(inner, f"{path}.")


def _group(title: str, prefix: str, model: type[BaseModel]) -> Iterator[str]:
    own = [Option(prefix + name, field) for name, field in model.model_fields.items() if section_of(field) is None]
    if not own:
        return
    yield f"## {title}\n"
    if prefix:
        yield f"{(model.__doc__ or '').strip()}\n"
    yield "| option | allowed | default | what it is |"
    yield "|---|---|---|---|"
    yield from map(_row, own)
    yield ""


def _row(found: Option) -> str:
    name = f"`{found.path}`<br>`{found.variable}`" + ("<br>*secret*" if found.secret else "")
    default = found.default if found.default in ("none", "") or "`" in found.default else f"`{found.default}`"
    cells = (name, found.allowed, default, found.field.description or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
