"""Settings of the job queue and its worker, each with its reason."""

from datetime import timedelta

# Queues and slots. A job waits for a slot of its own queue only.

SYNC_QUEUE = "sync"
"""Queue of the sync. The pipeline starts one every hour and fails if it does not finish in time."""

HOUSEKEEPING_QUEUE = "housekeeping"
"""Queue of the periodic cleanups."""

LONG_QUEUE = "default"
"""Queue of imports, catalog files and enrichment, which can take hours. Earlier releases queued every job in `default`."""

SLOTS = {SYNC_QUEUE: 1, HOUSEKEEPING_QUEUE: 1, LONG_QUEUE: 3}
"""Jobs that each queue runs in parallel. One sync is enough, because a sync polls every listener. Three long jobs let two listeners
import while enrichment, which mostly waits for Spotify, runs."""

SPARE_THREADS = 4
"""Threads in addition to one per slot. asyncio resolves host names in the same threads: if jobs occupied them all, the worker could not
reconnect to the database."""

# Failures

MAX_RETRIES = 3
"""Retries of one job whose worker stopped or whose database connection was lost. Without a limit, a job that kills its worker would do
so forever."""

RETRY_DELAY = 15
"""Seconds until an import or a catalog file that lost its database connection is retried. A PostgreSQL restart takes less."""

WORKER_LOCK_TIMEOUT = timedelta(seconds=60)
"""Time that a starting worker waits for the previous one to release the worker lock. The previous one may be finishing a job."""

LOCK_CHECK_INTERVAL = 5
"""Seconds between two queries on the connection that holds the worker lock. A closed connection is noticed immediately; the query finds
one that was lost silently."""

HEARTBEAT_TIMEOUT = timedelta(seconds=30)
"""Age of the last heartbeat after which a worker counts as dead in health checks. A worker writes one every 10 seconds."""

# Storage

PROGRESS_INTERVAL = 0.5
"""Minimum seconds between two writes of a job's progress within one stage. The page reads it every second."""

JOB_RETENTION = timedelta(days=30)
"""Time for which a finished job, its result and an upload that no job deleted are kept."""
