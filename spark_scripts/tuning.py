"""Performance settings of a load, each with its reason and, where one was taken, its measurement.

Measurements are from two cores and plays made by `bench/plays.sql`. Several settings were introduced together; "with the
others" marks their common result: the transform of 1,000,000 plays fell from 247 to 181 seconds of CPU. The JVM options are in
`load.conf`, because spark-submit reads them before Python starts. Change a value here and run `make bench-transform`.
"""

# Reading from source

FETCH_SIZE = 10_000
"""Rows per round trip of the JDBC driver. By default the driver reads the whole result into memory."""

PREPARE_THRESHOLD = -1
"""pgjdbc's `prepareThreshold`. -1 transfers rows in binary from the first one; timestamps as text take twice as long to read."""

PLAYS_PER_READ = 100_000
"""Plays that one partition reads from source. A listener is never split, so one with more plays is one larger partition."""

LISTENERS_PER_READ = 1_000
"""Listeners that one partition reads. Bounds the length of the SQL condition when listeners have few plays."""

PLAYS_TO_SEARCH_FOR_IDS = 500_000
"""Most plays for which PostgreSQL lists the distinct ids. A larger load reads the catalog tables whole (with the others)."""

IDS_TO_LOOK_UP = 20_000
"""Most ids that a catalog lookup names. For more of them, reading the whole table is faster (with the others)."""

IDS_PER_READ = 5_000
"""Ids that one partition of a catalog lookup names."""

# Computing

ROWS_TO_BROADCAST = 500_000
"""Most rows of a table that joins broadcast: about 50 MB of the columns that a join reads. Plays then stay where they are; before,
a rebuild shuffled every play four times (with the others)."""

PLAYS_PER_PARTITION = 100_000
"""Average plays per shuffle partition. A listener's plays stay together, so marts grouped by listener need no further shuffle."""

MIN_PARTITIONS = 2
"""Shuffle partitions of a small load: one per core of the default `local[2]`. With Spark's default of 200, most tasks would be empty."""

MIN_PLAYS_FOR_CODEGEN = 100_000
"""Fewest plays for which Spark generates code for each plan. Below, generating and compiling takes longer than the computation."""

MAX_PLAN_STRING_LENGTH = 10_000
"""Characters of a plan's description (`spark.sql.maxPlanStringLength`). Adaptive execution describes every plan in its events; without
a limit those of a whole load fill the driver's heap."""

SPARK_SETTINGS: dict[str, bool | float | int | str | None] = {
    # Coalesces small shuffle partitions and picks join strategies from actual sizes.
    "spark.sql.adaptive.enabled": "true",
    # Distinct counts collect sets. Beyond this many groups (128 by default) Spark sorts all plays, which takes longer than keeping the sets.
    "spark.sql.objectHashAggregate.sortBased.fallbackThreshold": str(PLAYS_PER_PARTITION),
    # Compressing cached columns takes longer than the saved bytes are worth.
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
    "spark.sql.maxPlanStringLength": str(MAX_PLAN_STRING_LENGTH),
    # The driver's heap is small and no one looks at its UI.
    "spark.sql.ui.retainedExecutions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}

# Writing to main

LINES_PER_WRITE = 1_000
"""CSV lines that an executor's Python process joins into one write to COPY, and so keeps in memory. Copying 500,000 plays takes 2.6 s,
0.2 s of it in Python. With one line per write, Python takes 2.0 s; more than 1,000 lines gain nothing."""
