"""Write DataFrames into PostgreSQL with COPY. Each partition is one COPY in one transaction, run by its executor."""

import re
from collections.abc import Callable, Iterator, Sequence

from pyspark.errors import PythonException
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, StringType

from common.database_options import connection_options
from common.texts import LONGEST_TEXT
from spark_scripts.database.connection import APPLICATION_NAME
from spark_scripts.errors import CopyFailed
from spark_scripts.tuning import LINES_PER_WRITE

LONGEST_LIST = 50  # texts; Spotify gives an artist some ten genres
# PostgreSQL's CSV format: an unquoted empty field is null, "" is an empty text, and a quote is escaped by doubling it.
CSV_OPTIONS = {
    "escape": '"',
    "nullValue": "",
    "emptyValue": '""',
    "ignoreLeadingWhiteSpace": "false",
    "ignoreTrailingWhiteSpace": "false",
}


def copy_rows(frame: DataFrame, url: str, table: str, columns: Sequence[str]) -> None:
    """Append the named columns of a frame's rows to a table.

    If Spark retries a partition that has already committed, its rows are in the table twice. Raises CopyFailed.
    """
    types = {field.name: field.dataType for field in frame.schema}
    lines = frame.select(F.to_csv(F.struct(*[_as_text(name, types[name]) for name in columns]), CSV_OPTIONS))
    try:
        lines.foreachPartition(_copy_function(url, f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)"))
    except PythonException as error:
        raise CopyFailed(f"Cannot write {table} ({_executor_error(error)}).") from None


def _as_text(name: str, kind: DataType) -> Column:
    """Return a column in PostgreSQL's text notation. Timestamps are in the session's time zone, which is UTC."""
    if isinstance(kind, ArrayType):
        quoted = F.transform(
            F.slice(name, 1, LONGEST_LIST),
            lambda item: F.concat(F.lit('"'), F.regexp_replace(_cut(item), r'(["\\])', r"\\$1"), F.lit('"')),
        )
        return F.concat(F.lit("{"), F.array_join(quoted, ","), F.lit("}")).alias(name)
    text = F.col(name).cast("string")
    return (_cut(text) if isinstance(kind, StringType) else text).alias(name)


def _cut(text: Column) -> Column:
    return F.substring(text, 1, LONGEST_TEXT)


def _executor_error(error: PythonException) -> str:
    """Return the last exception in the executor's traceback, which is the text of `error`."""
    exceptions: list[str] = re.findall(r"^(?!DETAIL|CONTEXT|HINT|LINE)[\w.]+: .+$", str(error), re.MULTILINE)
    return exceptions[-1] if exceptions else "the executor's Python process failed"


def _copy_function(url: str, statement: str) -> Callable[[Iterator[Row]], None]:
    """Return the function that copies one partition. Spark pickles it by value, so it must not refer to this package."""
    lines_per_write, options = LINES_PER_WRITE, connection_options(url, APPLICATION_NAME)

    def copy_partition(lines: Iterator[Row]) -> None:
        import itertools

        import psycopg

        with psycopg.connect(url, **options) as connection, connection.cursor() as cursor:
            cursor.execute("SET TIME ZONE 'UTC'")
            with cursor.copy(statement) as copy:
                while block := "".join(f"{line}\n" for (line,) in itertools.islice(lines, lines_per_write)):
                    copy.write(block)

    return copy_partition
