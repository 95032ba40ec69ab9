"""Whether containers can be started here."""

from __future__ import annotations

import gc
import warnings
from functools import cache

import docker  # type: ignore[import-untyped]
from docker.errors import DockerException  # type: ignore[import-untyped]
from requests.exceptions import RequestException


@cache
def docker_answers() -> bool:
    """Ask the Docker daemon of the environment; no answer within 5 s counts as none."""
    with warnings.catch_warnings():
        # The client forgets its socket when nobody listens; it is collected here, where that may be overlooked.
        warnings.simplefilter("ignore", ResourceWarning)
        answers = _ping()
        gc.collect()
    return answers


def _ping() -> bool:
    try:
        client = docker.from_env(timeout=5)
    except DockerException:
        return False
    try:
        return bool(client.ping())
    except (DockerException, RequestException):
        return False
    finally:
        client.close()
