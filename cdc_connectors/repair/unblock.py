"""Bring the sink past changes that it cannot write: one that the replica refuses, or one that cannot be read.

The sink stops. The rows of all changes that it has not written are copied from main, by key: main's current row, or its absence. A row
that the replica refuses keeps its old state there, and becomes a dead letter. Then the sink goes on after these changes. So the other rows
and tables follow main again, and no change is lost: main's current row is the result of all of them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from itertools import islice

import psycopg

from cdc_connectors.command import log
from cdc_connectors.configs.render import SINK
from cdc_connectors.errors import RowRefused
from cdc_connectors.repair import dead_letters
from cdc_connectors.repair.by_key import copy_rows
from cdc_connectors.repair.chain import Chain
from cdc_connectors.repair.control import resume, set_sink_offsets, stop
from cdc_connectors.repair.copying import Report, common_tables, copy_tables, open_snapshot
from cdc_connectors.repair.dead_letters import DeadLetter
from cdc_connectors.repair.unread import Key, read_key_object, read_unread
from cdc_connectors.settings import APPLICATION
from cdc_connectors.tuning import BUCKETS
from cdc_connectors.verification.catch_up import SINK_GROUP, TOPIC_PREFIX
from cdc_connectors.verification.compare import differing_keys, open_for_comparison
from cdc_connectors.verification.tables import Table
from cdc_connectors.verification.topics import Offsets
from common.database import connect

LIMIT = 20_000  # changes of a topic, or keys of a table, at once. Bounds memory.
Keys = Mapping[str, Collection[Key]]


def unblock(chain: Chain, report: Report) -> dict[str, str]:
    """Copy the rows of all unread changes from main, and let the sink go on after them. Return a cause for each table with a refused row.

    Nothing changes if main and the replica have different tables or columns: then the migration of one of them is missing. Raises
    CdcError, Unavailable or psycopg.Error.
    """
    captured = common_tables(chain.main, chain.replica)
    stop(chain, SINK)
    ends = chain.topics.ends(TOPIC_PREFIX)
    causes: dict[str, str] = {}
    while first := _unread_offsets(chain, ends):
        unread = read_unread(chain.topics, first, ends, captured, LIMIT)
        for name, reason in unread.whole_tables.items():
            log.warning("copying a whole table", table=name, reason=reason)
        refused = copy_current(chain, captured, unread.keys, unread.whole_tables, report)
        copied = [each for each in dead_letters.read(chain.topics) if each.key in unread.keys.get(each.table, ())]
        dead_letters.write(chain.topics, added=refused, removed=copied)
        set_sink_offsets(chain.connect, unread.next_offsets)
        causes |= {each.table: each.cause for each in refused}
    resume(chain.connect)
    return causes


def _unread_offsets(chain: Chain, ends: Offsets) -> Offsets:
    """Return the sink's offset in each topic of which it has not written all changes before `ends`."""
    committed = chain.topics.committed(SINK_GROUP)
    return {each: committed[each] for each, end in ends.items() if committed.get(each, end) < end}


def repair(chain: Chain, letters: Collection[DeadLetter], report: Report) -> list[DeadLetter]:
    """Copy main's current rows of dead letters, and remove those that the replica takes. Return the others."""
    captured = common_tables(chain.main, chain.replica)
    keys: dict[str, list[Key]] = defaultdict(list)
    for each in letters:
        if each.table in captured:
            keys[each.table].append(each.key)
    stop(chain, SINK)  # It could write a newer row between the reading of main's row and the writing of it.
    refused = copy_current(chain, captured, keys, (), report)
    dead_letters.write(chain.topics, added=refused, removed=letters)
    resume(chain.connect)
    return refused


def copy_current(
    chain: Chain, captured: Mapping[str, Table], keys: Keys, whole_tables: Collection[str], report: Report
) -> list[DeadLetter]:
    """Copy main's current rows of the keys, and all rows of whole tables. Return what the replica refuses. The sink must be stopped."""
    refused: list[DeadLetter] = []
    with connect(chain.settings.sink_url, APPLICATION, autocommit=True) as replica:
        for name in sorted(whole_tables):
            refused += _copy_whole(chain, replica, captured[name], report)
        for name in sorted({*keys} - {*whole_tables}):
            refused += _copy_keys(chain, replica, captured[name], keys[name], report)
    return refused


def _copy_whole(chain: Chain, replica: psycopg.Connection, table: Table, report: Report) -> list[DeadLetter]:
    """Copy all rows of a table; if the replica refuses one of them, only those that differ, each for itself."""
    main_url, replica_url = (chain.settings.require(f"{name}_database_url") for name in ("main", "replica"))
    try:
        with open_snapshot(main_url) as snapshot:
            copy_tables(snapshot, replica, [table], report)
    except RowRefused:
        refused: list[DeadLetter] = []
        with open_for_comparison(main_url) as ours, open_for_comparison(replica_url) as theirs:
            found = differing_keys(ours, theirs, table, [*range(BUCKETS)])
            while keys := [read_key_object(key, table) for key, _ in islice(found, LIMIT)]:
                refused += _copy_keys(chain, replica, table, keys, report)
        return refused
    return []


def _copy_keys(
    chain: Chain, replica: psycopg.Connection, table: Table, keys: Collection[Key], report: Report
) -> list[DeadLetter]:
    causes = copy_rows(chain.main, replica, table, keys)
    report(table.full_name, len(keys) - len(causes))
    return [DeadLetter(table.full_name, key, cause) for key, cause in causes.items()]
