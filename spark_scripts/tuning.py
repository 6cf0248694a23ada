"""Performance settings of a load, each with its reason and its measured gain.

Measured on two cores with plays from `bench/plays.sql`. The settings marked "measured together" were introduced in one change, which
reduced the transform of 1,000,000 plays from 247 to 181 seconds of CPU. Settings without a measurement bound memory or the length of
a statement. The JVM options are in `load.conf`, because spark-submit reads them before Python starts. `make bench-transform` shows the
effect of a change.
"""

# Reading from source

FETCH_SIZE = 10_000
"""Rows per round trip of the JDBC driver. By default the driver reads the whole result into memory."""

PREPARE_THRESHOLD = -1
"""pgjdbc's `prepareThreshold`. -1 transfers rows in binary from the first one; timestamps as text take twice as long to read."""

PLAYS_PER_READ = 100_000
"""Plays that one partition reads from source. A listener is never split, so one with more plays is one larger partition."""

LISTENERS_PER_READ = 1_000
"""Listeners that one partition reads. Bounds the length of the SQL condition if listeners have few plays."""

PLAYS_TO_SEARCH_FOR_IDS = 500_000
"""Maximum number of plays among which PostgreSQL searches for distinct ids. A larger load reads catalog tables completely (measured
together)."""

IDS_TO_LOOK_UP = 20_000
"""Maximum number of ids in a catalog lookup. For more ids, the load reads the table completely (measured together)."""

IDS_PER_READ = 5_000
"""Ids that one partition of a catalog lookup reads. Bounds the length of the SQL condition."""

# Computing

ROWS_TO_BROADCAST = 500_000
"""Maximum number of rows of a table that joins broadcast, about 50 MB of the columns that a join reads. Plays need no shuffle for such a
join; before, a rebuild shuffled every play four times (measured together). At 20,000 plays it makes no difference."""

PLAYS_PER_PARTITION = 100_000
"""Average plays per shuffle partition. Bounds the memory of a task. A listener's plays stay in one partition."""

MIN_PARTITIONS = 2
"""Shuffle partitions of a small load, one per core of the default `local[2]`. With Spark's default of 200, a load of 20,000 plays takes
118 s instead of 21 s (93 s of CPU instead of 24 s)."""

MIN_PLAYS_FOR_CODEGEN = 100_000
"""Number of plays above which Spark generates Java code for each plan. With it, a load of 20,000 plays takes 30 s of CPU instead of 24 s."""

MAX_PLAN_STRING_LENGTH = 10_000
"""Characters of a plan's description (`spark.sql.maxPlanStringLength`). Adaptive execution describes every plan in its events; without
a limit, the descriptions of a whole load fill the driver's heap."""

SPARK_SETTINGS: dict[str, bool | float | int | str | None] = {
    # Coalesces small shuffle partitions and picks join strategies from actual sizes.
    "spark.sql.adaptive.enabled": "true",
    # Distinct counts collect sets. Above this number of groups (128 by default) Spark sorts all plays instead, which takes longer.
    "spark.sql.objectHashAggregate.sortBased.fallbackThreshold": str(PLAYS_PER_PARTITION),
    # Compressing cached columns takes longer than the saved bytes are worth.
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
    "spark.sql.maxPlanStringLength": str(MAX_PLAN_STRING_LENGTH),
    # The driver's heap is small, and nobody uses its UI.
    "spark.sql.ui.retainedExecutions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}

# Writing to main

LINES_PER_WRITE = 1_000
"""CSV lines that an executor's Python process joins into one write to COPY, and so keeps in memory. Copying 500,000 plays takes 2.6 s,
0.2 s of it in Python. With one line per write, Python takes 2.0 s; more than 1,000 lines gain nothing."""
