"""Compare the published tables with the oracle."""

from tests.spark_scripts.support.databases import Databases
from tests.spark_scripts.support.oracle import PRIMARY_KEYS, World, expected

COMPARED_TABLES = 19  # 7 in core, 12 in mart. The oracle need not compute a metric that `make metric` adds.


def assert_published(databases: Databases, world: World) -> None:
    """Assert that main has exactly the rows that the oracle computes from the world."""
    tables = expected(world)
    assert len(tables) >= COMPARED_TABLES, sorted(tables)
    for table, rows in tables.items():
        found = databases.published(table, PRIMARY_KEYS[table])
        differing = {k: (found.get(k), rows.get(k)) for k in found.keys() | rows.keys()}
        differing = {k: pair for k, pair in differing.items() if pair[0] != pair[1]}
        assert not differing, f"{table}: {len(differing)} rows differ, one is {next(iter(differing.items()))}"
