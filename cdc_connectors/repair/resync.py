"""Copy main to the replica again, and let it follow main from exactly that point: `python -m cdc_connectors.repair.resync [TABLE]`.

Without TABLE:
1. Stop both connectors. Every change that Kafka has is now older than step 2.
2. Replace the replication slot; its snapshot shows main at the slot's first position.
3. Set the source to that position.
4. Copy every table from the snapshot, each in one transaction.
5. Set the sink to the ends of all topics.
6. Copy `cdc.resync`, and let both connectors run.

`cdc.resync` in main gets a new id between steps 1 and 2. The replica gets it in step 6, so a resync that was killed before is seen as a
fault (`health.py`) and done again.

With TABLE only that table is copied, from a new snapshot, while the sink is stopped. The sink then repeats the changes since its
position, which end in the rows of the snapshot: it writes whole rows by key.

Exit codes: 0 copied, 2 usage error, 3 could not run.
"""

from uuid import uuid4

import click

from cdc_connectors.command import command
from cdc_connectors.configs.render import SINK, SOURCE
from cdc_connectors.errors import CdcError, ResyncRunning
from cdc_connectors.repair import dead_letters
from cdc_connectors.repair.chain import Chain, only_repairer, open_chain
from cdc_connectors.repair.control import resume, set_sink_offsets, set_source_offset, stop
from cdc_connectors.repair.copying import Report, common_tables, copy_tables, open_snapshot, tidy
from cdc_connectors.repair.slot import new_slot
from cdc_connectors.settings import APPLICATION, Settings
from cdc_connectors.verification.catch_up import SINK_GROUP, TOPIC_PREFIX
from common.database import connect
from common.settings import load_settings
from common.waiting import wait_until

OTHER_COPY_TIMEOUT = 1800.0  # seconds to wait for another process that copies, such as the watchdog
RECORD = """
    INSERT INTO cdc.resync (id, resync_id, kafka_cluster_id, started_at) VALUES (1, %(resync_id)s, %(cluster_id)s, now())
    ON CONFLICT (id) DO UPDATE
        SET resync_id = excluded.resync_id, kafka_cluster_id = excluded.kafka_cluster_id, started_at = excluded.started_at
"""


def resync(chain: Chain, report: Report) -> None:
    """Copy every table from the snapshot of a new slot, and let the connectors follow from there."""
    settings, main_url = chain.settings, chain.settings.require("main_database_url")
    captured = common_tables(chain.main, chain.replica)
    for name in (SOURCE, SINK):
        stop(chain, name)
    with connect(settings.slot_url, APPLICATION, autocommit=True) as owner:
        owner.execute(RECORD, {"resync_id": str(uuid4()), "cluster_id": chain.topics.cluster_id()})
    with new_slot(settings.slot_url) as (position, snapshot), open_snapshot(main_url, snapshot) as main:
        chain.topics.create(f"{TOPIC_PREFIX}{name}" for name in captured)
        set_source_offset(chain.connect, position)
        with connect(settings.sink_url, APPLICATION, autocommit=True) as replica:
            *data, record = captured.values()
            copy_tables(main, replica, data, report)
            dead_letters.write(chain.topics, added=(), removed=dead_letters.read(chain.topics))
            _set_sink_to_ends(chain)
            copy_tables(main, replica, [record], report)
    resume(chain.connect)
    with connect(settings.sink_url, APPLICATION, autocommit=True) as replica:
        tidy(replica, captured.values())


def resync_table(chain: Chain, name: str, report: Report) -> None:
    """Copy one table while the sink is stopped. Raises CdcError if main has no such table, or if a fault requires a copy of all tables."""
    captured = common_tables(chain.main, chain.replica)
    if name not in captured:
        raise CdcError(f"main has no captured table {name}. The tables are: {', '.join(captured)}.")
    if fault := chain.fault():
        raise CdcError(f"{fault} So all tables must be copied: run make resync-replica without TABLE.")
    stop(chain, SINK)
    with (
        open_snapshot(chain.settings.require("main_database_url")) as main,
        connect(chain.settings.sink_url, APPLICATION, autocommit=True) as replica,
    ):
        copy_tables(main, replica, [captured[name]], report)
        copied = [each for each in dead_letters.read(chain.topics) if each.table == name]
        dead_letters.write(chain.topics, added=(), removed=copied)
        resume(chain.connect)
        tidy(replica, [captured[name]])


def read_new_topics(chain: Chain) -> list[str]:
    """Let the sink read topics from their start that it has never read. Return their names.

    The sink reads no topic without an offset, because it would skip changes if Kafka had deleted the first ones.
    """
    committed = chain.topics.committed(SINK_GROUP)
    new = {each: 0 for each, start in chain.topics.starts(TOPIC_PREFIX).items() if each not in committed and start == 0}
    if new:
        stop(chain, SINK)
        set_sink_offsets(chain.connect, new)
        resume(chain.connect)
    return sorted(each.topic for each in new)


def _set_sink_to_ends(chain: Chain) -> None:
    """Set the sink to the ends of all topics: what they have is older than the copy."""
    ends = chain.topics.ends(TOPIC_PREFIX)
    set_sink_offsets(chain.connect, {each: ends.get(each, 0) for each in chain.topics.starts(TOPIC_PREFIX)})


@command
@click.argument("table", required=False, default="")
def main(table: str) -> None:
    """Copy main to the replica again, or only one table, such as mart.top_item."""
    with open_chain(load_settings(Settings)) as chain:
        wait_until(lambda: _copy(chain, table), "the end of another copy", OTHER_COPY_TIMEOUT, ignore=ResyncRunning)
    click.echo("The replica follows main from here on.")


def _copy(chain: Chain, table: str) -> bool:
    with only_repairer(chain):
        if table:
            resync_table(chain, table, _print)
        else:
            resync(chain, _print)
    return True


def _print(table: str, rows: int) -> None:
    click.echo(f"  {table}: {rows:,} rows")


if __name__ == "__main__":
    main()
