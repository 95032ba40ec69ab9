"""Where settings come from, which source wins, and what is said when they are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from synctv.entrypoints.bootstrap.configuration import Configuration, SettingsRefused, load
from synctv.entrypoints.bootstrap.settings import Settings, StorageKind

KEY = "Zq8vT2mN5xR9wB3kJ7hF4dL6pY1cG0sA"


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file of the current folder takes part."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


def loaded(
    environ: Mapping[str, str] | None = None,
    command_line: Mapping[str, object] | None = None,
    config: Path | None = None,
) -> Configuration:
    return load(command_line, config=config, environ={"XDG_DATA_HOME": "/nonexistent", **(environ or {})})


def settings(environ: Mapping[str, str] | None = None) -> Settings:
    return loaded(environ).settings


def problems(
    environ: Mapping[str, str] | None = None,
    command_line: Mapping[str, object] | None = None,
    config: Path | None = None,
) -> dict[str, str]:
    """What is reported, by path."""
    with pytest.raises(SettingsRefused) as caught:
        loaded(environ, command_line, config)
    return {problem.path: str(problem) for problem in caught.value.problems}


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_nothing_has_to_be_set() -> None:
    found = settings()
    assert found.storage.kind is StorageKind.EMBEDDED
    assert (found.http.port, found.realtime.port, found.metrics.port) == (8080, 8081, 9090)
    assert found.bootstrap.root_username == "root"


def test_the_data_folder_follows_the_xdg_rule() -> None:
    assert load(environ={"XDG_DATA_HOME": "/srv"}).settings.data_dir == Path("/srv/synctv")
    for relative_or_absent in ({"XDG_DATA_HOME": "data"}, {}):
        found = load(environ=relative_or_absent).settings
        assert found.data_dir == Path("~/.local/share/synctv").expanduser()


def test_later_sources_win(tmp_path: Path) -> None:
    file = written(tmp_path / "a.toml", "[http]\nport = 1\nhost = 'file'\n[realtime]\nport = 1\n[log]\nlevel = 'error'")
    environ = {"SYNCTV_HTTP__PORT": "2", "SYNCTV_REALTIME__PORT": "2"}
    found = loaded(environ, {"http.port": 3, "realtime.port": None}, file)
    assert (found.settings.http.port, found.settings.http.host, found.settings.realtime.port) == (3, "file", 2)
    assert found.settings.log.level == "error"
    assert found.origins == {
        "http.port": "command line",
        "http.host": str(file),
        "realtime.port": "environment SYNCTV_REALTIME__PORT",
        "log.level": str(file),
    }


@pytest.mark.parametrize(
    "name, text",
    [
        ("synctv.toml", "[http]\nport = 81\n[security.egress]\nallow = ['nas.lan']"),
        ("synctv.yaml", "http:\n  port: 81\nsecurity: {egress: {allow: [nas.lan]}}"),
        ("synctv.yml", "http: {port: '81'}\nsecurity:\n  egress:\n    allow: nas.lan"),
    ],
)
@pytest.mark.parametrize("place", ["data", "cwd"])
def test_a_settings_file_is_found_in_the_data_folder_and_in_the_current_one(
    tmp_path: Path, place: str, name: str, text: str
) -> None:
    file = written(tmp_path / place / name, text)
    found = loaded({"SYNCTV_DATA_DIR": str(tmp_path / "data")})
    assert found.file == file
    assert found.settings.http.port == 81
    assert found.settings.security.egress.allow == ("nas.lan",)


def test_a_named_file_is_the_only_one_that_is_read(tmp_path: Path) -> None:
    written(tmp_path / "cwd" / "synctv.toml", "[http]\nport = 1\nhost = 'here'")
    named = written(tmp_path / "named.toml", "[http]\nport = 2")
    for found in (loaded(config=named), loaded({"SYNCTV_CONFIG": str(named)})):
        assert (found.settings.http.port, found.settings.http.host) == (2, "0.0.0.0")


def test_lists_are_written_with_commas_in_the_environment() -> None:
    found = settings({"SYNCTV_SECURITY__EGRESS__ALLOW": "10.0.0.0/8, NAS.lan:8096,*.home , ::1"})
    assert found.security.egress.allow == ("10.0.0.0/8", "nas.lan:8096", "*.home", "::1")


def test_an_empty_variable_counts_as_absent() -> None:
    assert settings({"SYNCTV_REDIS__URL": "", "SYNCTV_HTTP__PORT": ""}).redis.url is None


def test_variables_of_others_and_of_tests_are_left_alone() -> None:
    assert settings({"SYNCTV_TEST_DATABASE_URL": "x", "PORT": "x", "SYNCTVX": "x"}) == settings()


def test_a_database_url_means_postgres_unless_something_else_is_said() -> None:
    url = {"SYNCTV_DATABASE__URL": "postgresql://app:pw@db/synctv"}
    assert settings(url).storage.kind is StorageKind.POSTGRES
    assert settings({**url, "SYNCTV_STORAGE__KIND": "memory"}).storage.kind is StorageKind.MEMORY


def test_postgres_needs_a_database_url() -> None:
    assert "postgresql://" in problems({"SYNCTV_STORAGE__KIND": "postgres"})["database.url"]


@pytest.mark.parametrize("text", ["correct horse", "  correct horse\n\n"])
def test_a_secret_may_be_a_file(tmp_path: Path, text: str) -> None:
    file = written(tmp_path / "password", text)
    in_file = written(tmp_path / "a.toml", f"[bootstrap]\nroot_password_file = '{file}'")
    for found in (loaded({"SYNCTV_BOOTSTRAP__ROOT_PASSWORD_FILE": str(file)}), loaded(config=in_file)):
        password = found.settings.bootstrap.root_password
        assert password is not None
        assert password.get_secret_value() == "correct horse"
        assert str(file) in found.origins["bootstrap.root_password"]


def test_a_file_of_keys_has_one_a_line(tmp_path: Path) -> None:
    file = written(tmp_path / "keys", f"{KEY}\n{KEY[::-1]}\n")
    found = settings({"SYNCTV_KEYS__TOKENS_FILE": str(file)})
    assert [key.get_secret_value() for key in found.keys.tokens] == [KEY, KEY[::-1]]


def test_a_secret_given_twice_or_in_a_missing_file_is_reported(tmp_path: Path) -> None:
    found = problems(
        {
            "SYNCTV_REDIS__URL": "redis://cache",
            "SYNCTV_REDIS__URL_FILE": str(tmp_path / "none"),
            "SYNCTV_DATABASE__URL_FILE": str(tmp_path / "none"),
        }
    )
    assert "twice" in found["redis.url"]
    assert str(tmp_path / "none") in found["database.url_file"]


def test_everything_wrong_is_reported_together_with_its_place_and_what_is_allowed(tmp_path: Path) -> None:
    file = written(tmp_path / "a.toml", "colour = 'red'\n[htpp]\nport = 1\n[log]\nlevel = 'loud'\n[realtime]\nprot = 1")
    found = problems({"SYNCTV_HTTP__PORT": "eighty", "SYNCTV_REALTIME__PROT": "1"}, {"realtime.port": 65_536}, file)
    assert "a whole number from 0 to 65,535" in found["http.port"]
    assert "environment SYNCTV_HTTP__PORT" in found["http.port"]
    assert "command line" in found["realtime.port"]
    assert "one of debug, info, warning, error" in found["log.level"]
    assert str(file) in found["log.level"]
    assert "SYNCTV_REALTIME__PORT" in found["SYNCTV_REALTIME__PROT"]
    assert "realtime.port" in found["realtime.prot"]
    assert {"colour", "htpp"} < found.keys()


SECRETS = {
    "SYNCTV_DATABASE__URL": "mysql://app:hunter2hunter2@db",
    "SYNCTV_REDIS__URL": "hunter2hunter2",
    "SYNCTV_BOOTSTRAP__ROOT_PASSWORD": "hunter2",
    "SYNCTV_KEYS__TOKENS": f"hunter2hunter2,{KEY}",
    "SYNCTV_METRICS__TOKEN": "hunter2",
}


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_wrong_secret_is_reported_and_never_repeated(name: str) -> None:
    with pytest.raises(SettingsRefused) as caught:
        loaded({name: SECRETS[name]})
    assert name in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "path, value",
    [
        ("http.public_url", "example.org"),
        ("http.public_url", "ftp://example.org"),
        ("http.public_url", "https://"),
        ("http.public_url", "https://example.org:99999"),
        ("http.public_url", "https://example.org/watch"),
        ("http.public_url", "https://example.org/?a=b"),
        ("http.public_url", "https://example.org#top"),
        ("realtime.public_url", "https://example.org"),
        ("http.trusted_proxies", "proxy.example.org"),
        ("security.egress.allow", "http://nas.lan"),
        ("security.egress.allow", "10.0.0.1/8"),
        ("security.egress.allow", "nas lan"),
        ("passwords.memory_kib", "7"),
        ("server.drain_seconds", "nan"),
        ("server.drain_seconds", "-1"),
        ("http.docs", "perhaps"),
        ("bootstrap.root_username", "a"),
        ("storage.kind", "disk"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(path: str, value: str) -> None:
    found = problems(command_line={path: value})
    assert list(found) == [path]
    assert "Allowed: " in found[path]


def test_options_that_contradict_each_other_are_named() -> None:
    found = problems({"SYNCTV_PASSWORDS__LANES": "4", "SYNCTV_PASSWORDS__MEMORY_KIB": "8"})
    assert "`passwords.memory_kib` must be at least 8" in found["passwords"]


@pytest.mark.parametrize(
    "name, text, said",
    [
        ("a.toml", "http = ", "understood"),
        ("a.yaml", "http: [", "understood"),
        ("a.yaml", "- http", "options are expected"),
        ("a.toml", "http = 80", "group of options: host, port"),
        ("a.toml", "[http.port]\nx = 1", "a whole number"),
    ],
)
def test_a_file_that_makes_no_sense_is_reported(tmp_path: Path, name: str, text: str, said: str) -> None:
    found = problems(config=written(tmp_path / name, text))
    assert said in " ".join(found.values())


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    assert "can't be read" in problems(config=missing)[str(missing)]


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    assert loaded(config=written(tmp_path / "a.yaml", "# nothing\n")).origins == {}


def test_settings_never_change_and_never_show_a_secret() -> None:
    found = settings({"SYNCTV_DATABASE__URL": "postgresql://app:hunter2@db/synctv"})
    assert "hunter2" not in repr(found)
    assert "hunter2" not in found.model_dump_json()
    with pytest.raises(ValueError, match="frozen"):
        found.http.__setattr__("port", 1)
