"""Piccolo's configuration, under the names that it looks for. Loaded only to run migrations."""

from __future__ import annotations

from piccolo.conf.apps import AppRegistry

from synctv.adapters.postgres.engine import DB

__all__ = ["APP_REGISTRY", "DB"]

APP_REGISTRY = AppRegistry(apps=["synctv.adapters.postgres.piccolo_app"])
