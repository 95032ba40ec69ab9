"""Every adapter passes the contract suite of its port.

`application/ports/rooms.py` has its suite in `tests/contracts/test_rooms.py`. An adapter that can be built alone is
named in that file or in a module of fixtures beside it, or the function that builds it is. A repository is reached only
through a transaction, so there the suite has to exist and the contract fixtures have to name the `Transactions` adapter
of the same technology.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache

from tests.architecture.exceptions import UNTESTED_ADAPTERS
from tests.architecture.sources import ROOT, Function, Source, base_names, check_exceptions, sources

PORTS = "src/application/ports"
CONTRACTS = "tests/contracts"


@dataclass(frozen=True, slots=True)
class Adapter:
    """One class of `src/adapters`, the port it implements, and the folder that names its technology.

    `known_as` holds its own name and those of the functions beside it that build it.
    """

    name: str
    known_as: frozenset[str]
    port: str
    module: str
    technology: str


@cache
def ports() -> dict[str, str]:
    """Each port, an abstract class of `application/ports`, with the name of its module."""
    found = {
        node.name: source.path.removesuffix(".py").rpartition("/")[2]
        for source in sources(PORTS)
        for node in source.classes()
        if "ABC" in base_names(node)
    }
    assert len(found) > 10, f"Only {len(found)} ports found: this rule looks in the wrong place."
    return found


def repositories() -> frozenset[str]:
    """The ports that are reached through a transaction: what the fields of `Transaction` are annotated with."""
    (transaction,) = [node for source in sources(PORTS) for node in source.classes() if node.name == "Transaction"]
    return frozenset(
        field.annotation.id
        for field in transaction.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.annotation, ast.Name)
    )


def adapters() -> list[Adapter]:
    """All adapters, those that inherit from another adapter too."""
    classes = [(node, source) for source in sources("src/adapters") for node in source.classes()]
    implemented = {name: name for name in ports()}
    found = []
    for _ in range(3):  # an adapter of an adapter of a port is as deep as it may get
        for node, source in classes:
            inherited = sorted(implemented[base] for base in base_names(node) if base in implemented)
            if inherited and node.name not in implemented:
                implemented[node.name] = inherited[0]
                known_as = builders(source, node.name) | {node.name}
                technology = source.path.split("/")[2]
                found += [Adapter(node.name, known_as, port, ports()[port], technology) for port in inherited]
    return found


def builders(source: Source, name: str) -> frozenset[str]:
    """The functions of the module that make an object of this class."""
    return frozenset(
        function.name
        for function in source.tree.body
        if isinstance(function, Function)
        and any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
            for node in ast.walk(function)
        )
    )


def fixtures() -> tuple[Source, ...]:
    """The modules of `tests/contracts` that build adapters for several suites, and hold no tests."""
    return tuple(source for source in sources(CONTRACTS) if "/test_" not in source.path)


def named_in(*files: Source) -> frozenset[str]:
    """The identifiers that these files use."""
    return frozenset[str]().union(*(source.names() for source in files))


def problem(adapter: Adapter, transactions: dict[str, frozenset[str]]) -> str | None:
    """What is missing for the adapter to be under contract."""
    path = f"{CONTRACTS}/test_{adapter.module}.py"
    suite = [source for source in sources(CONTRACTS) if source.path == path]
    if not suite:
        return f"{adapter.name}: the port {adapter.port} has no contract suite {path}."
    if adapter.known_as & named_in(*suite, *fixtures()):
        return None
    through_transaction = adapter.port in repositories() | {"Transaction"}
    if through_transaction and transactions.get(adapter.technology, frozenset()) & named_in(*sources(CONTRACTS)):
        return None
    return f"{adapter.name}: {path} does not run on it; name it there or in a module of fixtures beside it."


def test_every_adapter_runs_the_contract_suite_of_its_port() -> None:
    everyone = adapters()
    assert len(everyone) > 10, f"Only {len(everyone)} adapters found: this rule looks in the wrong place."
    transactions = {adapter.technology: adapter.known_as for adapter in everyone if adapter.port == "Transactions"}
    found = {adapter.name: text for adapter in everyone if (text := problem(adapter, transactions))}
    check_exceptions(found, UNTESTED_ADAPTERS)


def test_every_port_has_an_adapter() -> None:
    shipped = {adapter.port for adapter in adapters()}
    missing = sorted(set(ports()) - shipped)
    assert not missing, f"No adapter at all implements: {', '.join(missing)}"


def test_every_suite_belongs_to_a_port() -> None:
    known = {f"test_{module}.py" for module in ports().values()}
    strangers = sorted(path.name for path in (ROOT / CONTRACTS).glob("test_*.py") if path.name not in known)
    assert not strangers, f"A contract suite is named after its port's module: {', '.join(strangers)}"


def test_adapters_are_called_technology_and_port() -> None:
    odd = [
        f"{adapter.name}({adapter.port})"
        for adapter in adapters()
        if adapter.name == adapter.port or not adapter.name.endswith(adapter.port)
    ]
    assert not odd, f"Name the technology, then the port: {', '.join(odd)}"
