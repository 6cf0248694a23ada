"""Writing DataFrames into PostgreSQL by COPY, the fastest way in. Each partition is one COPY, and one transaction, of the executor that has it."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pyspark.errors import PythonException
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType

from spark_scripts.database.connection import CONNECTION
from spark_scripts.errors import CopyFailed

LINES_A_READ = 1_000  # lines that an executor's Python holds at once
# CSV as PostgreSQL reads it: null is nothing at all, an empty text is "", a quote is doubled.
CSV = {
    "escape": '"',
    "nullValue": "",
    "emptyValue": '""',
    "ignoreLeadingWhiteSpace": "false",
    "ignoreTrailingWhiteSpace": "false",
}


def copy_in(frame: DataFrame, url: str, table: str, columns: Sequence[str]) -> None:
    """Append these columns of the rows to a table. A partition that is tried again after it has committed is there twice."""
    types = {field.name: field.dataType for field in frame.schema}
    lines = frame.select(F.to_csv(F.struct(*[_as_text(name, types[name]) for name in columns]), CSV))
    try:
        lines.foreachPartition(_copier(url, f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)"))
    except PythonException as error:
        raise CopyFailed(f"{table} could not be written ({_last_word(error)}).") from None


def _as_text(name: str, kind: DataType) -> Column:
    """A column in PostgreSQL's notation. Instants are in the session's time zone, UTC."""
    if isinstance(kind, ArrayType):
        quoted = F.transform(
            name, lambda item: F.concat(F.lit('"'), F.regexp_replace(item, r'(["\\])', r"\\$1"), F.lit('"'))
        )
        return F.concat(F.lit("{"), F.array_join(quoted, ","), F.lit("}")).alias(name)
    return F.col(name).cast("string").alias(name)


def _last_word(error: PythonException) -> str:
    """What an executor's Python raised: the end of the traceback that the message is."""
    raised: list[str] = re.findall(r"^(?!DETAIL|CONTEXT|HINT|LINE)[\w.]+: .+$", str(error), re.MULTILINE)
    return raised[-1] if raised else "an executor's Python failed"


def _copier(url: str, statement: str) -> Callable[[Iterator[Row]], None]:
    """What an executor does with its lines. It travels by value, so it names nothing of this package."""
    lines_a_read, options = LINES_A_READ, CONNECTION

    def copy(lines: Iterator[Row]) -> None:
        import contextlib
        import itertools

        import psycopg2

        class File:
            def read(self, _size: int) -> str:
                return "".join(f"{line}\n" for (line,) in itertools.islice(lines, lines_a_read))

        with (
            contextlib.closing(psycopg2.connect(url, **options)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SET TIME ZONE 'UTC'")
            file: Any = File()
            cursor.copy_expert(statement, file)

    return copy
