"""Finding a table's transformation by its name, and its inputs by the names of its parameters."""

import inspect
import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.errors import NoTransformation

# As many rows as plays, and long ones: few read them, and what these make of them is kept in memory.
WIDE = ("fct_play",)
ROWS_TO_BROADCAST = 500_000  # at most: some 50 MB of the columns that a join reads
PACKAGE = "spark_scripts.transformations"


def kept(frame: DataFrame) -> DataFrame:
    """The same rows, computed once: in memory, and on disk where that is short."""
    return frame.persist(StorageLevel.MEMORY_AND_DISK)


def cut(frame: DataFrame) -> DataFrame:
    """The same rows, computed once and without their past: each plan over kept frames holds all of theirs, and theirs of others.

    For what is small beside the plays. Few rows go whole to every executor that joins them, so that the plays need not move.
    Rows that a lost executor takes with it are not computed again: the load fails.
    """
    rows = frame.localCheckpoint(eager=False)
    return F.broadcast(rows) if rows.count() <= ROWS_TO_BROADCAST else rows


def transformation(table: str) -> Callable[..., DataFrame]:
    """The function that makes a table: `transformations/<table>.py`, same name."""
    try:
        module = import_module(f"{PACKAGE}.{table}")
    except ModuleNotFoundError as error:
        raise NoTransformation(
            f"Main has a table {table}, but spark_scripts/transformations/{table}.py is missing."
        ) from error
    function: Callable[..., DataFrame] = getattr(module, table)
    return function


def inputs_of(table: str) -> list[str]:
    """What a table is made from."""
    return list(inspect.signature(transformation(table)).parameters)


def named_as_input() -> frozenset[str]:
    """Everything that some transformation is made from."""
    tables = [module.name for module in pkgutil.iter_modules(import_module(PACKAGE).__path__) if not module.ispkg]
    return frozenset(name for table in tables for name in inputs_of(table))


class Lineage:
    """Makes tables from inputs and from each other; those that others are made from are computed once.

    The rest are only written: to keep them too would push plays, which every mart reads, out of memory.
    """

    def __init__(self, inputs: Mapping[str, Callable[[], DataFrame]]) -> None:
        self._inputs = inputs
        self._shared = named_as_input()
        self._made: dict[str, DataFrame] = {}

    def __getitem__(self, name: str) -> DataFrame:
        if name not in self._made:
            self._made[name] = self._inputs[name]() if name in self._inputs else self._transform(name)
        return self._made[name]

    def _transform(self, table: str) -> DataFrame:
        made = transformation(table)(**{name: self[name] for name in inputs_of(table)})
        if table not in self._shared:
            return made
        return made.persist(StorageLevel.DISK_ONLY) if table in WIDE else cut(made)
