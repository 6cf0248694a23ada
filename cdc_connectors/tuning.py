"""Performance settings of change data capture in Python, each with its reason and, if there is one, its measured gain.

Measured on two busy cores. Settings without a measurement bound memory or the length of a statement. The settings of the broker,
the worker and both connectors are in `configs/`; README.md gives their reasons. The heaps are KAFKA_HEAP and CONNECT_HEAP in .env.
"""

# Java services

SERVICE_FLAGS = ("-XX:+UseSerialGC",)
"""Flags of the broker and the worker. The serial collector has no threads of its own that compete for two cores. Its gain is not memory:
an idle broker with a heap of 256 MB takes 362 MB with it and 323 MB with G1, at the same CPU time."""

CONNECT_FLAGS = (*SERVICE_FLAGS, "-XX:NewRatio=1")
"""Flags of the worker. Almost all of its objects are messages that live for milliseconds. With half of the heap for young objects instead of
a third it stops for fewer collections: 3,799 instead of 3,392 rows/s in the same memory, in one run of each."""

SHORT_LIVED_FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Flags of a JVM that runs for seconds. Formatting Kafka's storage takes 2.0 s of CPU and 101 MB with them, 3.2 s and 138 MB without."""

FORMAT_HEAP = "64m"
"""Heap of the JVM that formats Kafka's storage."""

MALLOC_ARENAS = 2
"""glibc's MALLOC_ARENA_MAX. Each arena may keep 64 MB that the JVM no longer uses; two are enough for its few native allocations. Bounds
memory after days of work; an idle broker takes the same memory without it."""

# Comparing main with the replica

BUCKETS = 1024
"""Buckets into which the rows of a table are divided. Only the keys of differing buckets are read, so more buckets mean fewer keys to
read, and more rows in the first query's result."""

FETCH_SIZE = 2000
"""Keys per round trip when differing buckets are read. Bounds memory."""

SMALL_TABLE = 4 << 20
"""Bytes up to which a verification of changed rows compares all rows of a table without an index by listener. 4 MiB are about 50,000 rows,
of which hashing takes about a second on a busy core."""

MAX_CHANGED_SHARE = 1 / 3
"""Share of the listeners above which a verification of changed rows compares all rows. The rows of a listener are spread over a table,
so those of a third of the listeners are on nearly every page, and reading the whole table in order costs little more. It proves more."""
