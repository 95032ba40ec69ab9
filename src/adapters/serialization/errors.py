"""What can be wrong with data that is to become a domain value."""

from __future__ import annotations


class DecodeError(ValueError):
    """The data is not what it should be. `path` leads to the place (`motion.position`), and is empty for the whole."""

    def __init__(self, problem: str, path: str = "") -> None:
        self.problem = problem
        self.path = path
        super().__init__(f"{path}: {problem}" if path else problem)

    def inside(self, name: str) -> DecodeError:
        """The same error, seen from the value that holds the wrong one under `name`."""
        return type(self)(self.problem, f"{name}.{self.path}" if self.path else name)


class UnknownType(DecodeError):
    """The data names a type that this version does not know: a newer one wrote it."""
