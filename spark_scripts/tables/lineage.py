"""Find a table's transformation by the table's name, and its inputs by the names of the transformation's parameters."""

import inspect
import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.errors import NoTransformation
from spark_scripts.tuning import ROWS_TO_BROADCAST

# As many rows as plays, and wide ones. Few tables read them, so memory is better used for the columns that marts read.
DISK_ONLY_TABLES = ("fct_play",)
PACKAGE = "spark_scripts.transformations"


def cached(frame: DataFrame) -> DataFrame:
    """Return the same rows, computed once and kept in memory, or on disk where memory is short."""
    return frame.persist(StorageLevel.MEMORY_AND_DISK)


def checkpointed(frame: DataFrame) -> DataFrame:
    """Return the same rows, computed once and without the plan that made them, to be broadcast if they are few.

    For tables that are small compared with the plays. A plan over cached frames contains the plans of all of them, so plans would
    grow with every table; a checkpoint ends that. If an executor is lost with its rows, they are not recomputed: the load fails.
    """
    rows = frame.localCheckpoint(eager=False)
    return F.broadcast(rows) if rows.count() <= ROWS_TO_BROADCAST else rows


def transformation(table: str) -> Callable[..., DataFrame]:
    """Return the function that computes a table: the one in `transformations/<table>.py` with the table's name."""
    try:
        module = import_module(f"{PACKAGE}.{table}")
    except ModuleNotFoundError as error:
        raise NoTransformation(
            f"Main has a table {table}, but spark_scripts/transformations/{table}.py is missing. Add it."
        ) from error
    function: Callable[..., DataFrame] = getattr(module, table)
    return function


def input_names(table: str) -> list[str]:
    """Return the names of a transformation's parameters."""
    return list(inspect.signature(transformation(table)).parameters)


def all_input_names() -> frozenset[str]:
    """Return the names that any transformation has as a parameter."""
    modules = pkgutil.iter_modules(import_module(PACKAGE).__path__)
    tables = [module.name for module in modules if not module.ispkg]
    return frozenset(name for table in tables for name in input_names(table))


class Lineage:
    """Computes tables from inputs and from each other. `lineage[name]` returns the frame of a table or an input.

    Frames that other tables read are computed once. The rest are only written: caching them too would push out of memory the plays,
    which every mart reads.
    """

    def __init__(self, inputs: Mapping[str, Callable[[], DataFrame]]) -> None:
        self._inputs = inputs
        self._shared = all_input_names()
        self._frames: dict[str, DataFrame] = {}

    def __getitem__(self, name: str) -> DataFrame:
        if name not in self._frames:
            self._frames[name] = self._inputs[name]() if name in self._inputs else self._transform(name)
        return self._frames[name]

    def _transform(self, table: str) -> DataFrame:
        frame = transformation(table)(**{name: self[name] for name in input_names(table)})
        if table not in self._shared:
            return frame
        return frame.persist(StorageLevel.DISK_ONLY) if table in DISK_ONLY_TABLES else checkpointed(frame)
