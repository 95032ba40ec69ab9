"""SyncTV as Piccolo sees it. Loaded only to run migrations."""

from __future__ import annotations

from piccolo.conf.apps import AppConfig

from synctv.adapters.postgres.migration import APP_NAME, migrations_folder

APP_CONFIG = AppConfig(app_name=APP_NAME, migrations_folder_path=migrations_folder())
