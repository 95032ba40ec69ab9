"""SyncTV as Piccolo sees it: its name and the folder of its migrations."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

APP_NAME = "synctv"


def migrations_folder() -> Path:
    """Inside the package where it is installed from a wheel, beside `src` in a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


APP_CONFIG = AppConfig(app_name=APP_NAME, migrations_folder_path=migrations_folder())
