"""Make the replica follow main again: resume what was stopped, or copy everything again if changes are missing."""

from cdc_connectors.command import log
from cdc_connectors.connectors.rest import STOPPED
from cdc_connectors.errors import ResyncNeeded
from cdc_connectors.repair.backlog import is_copy_faster
from cdc_connectors.repair.chain import Chain, only_repairer
from cdc_connectors.repair.control import resume
from cdc_connectors.repair.resync import read_new_topics, resync
from cdc_connectors.repair.unblock import unblock
from cdc_connectors.verification.catch_up import write_marker

AUTO = "auto"
COMMAND = "Run make resync-replica."
FAR_BEHIND = "The replica is so far behind main that copying it is faster."


def ensure_following(chain: Chain, *, is_blocked: bool = False) -> None:
    """Resync if changes are missing, or too many to read; else resume stopped connectors, let the sink read new topics, and write a marker.

    `is_blocked` means that the sink fails again and again: then it is brought past the changes that it cannot write. Raises
    ResyncRunning if another process repairs the replica, and ResyncNeeded if CDC_REPAIR is manual, except for a replica that was
    never filled.
    """
    with only_repairer(chain):
        fault = chain.fault()
        is_auto = chain.settings.cdc_repair == AUTO
        if fault is None and is_blocked:
            _unblock(chain)
        elif fault is None and is_auto and is_copy_faster(chain):
            _copy(chain, FAR_BEHIND)
        elif fault is None:
            _resume(chain)
        elif is_auto or not chain.is_filled():
            _copy(chain, fault)
        else:
            raise ResyncNeeded(f"{fault} {COMMAND}")


def _copy(chain: Chain, reason: str) -> None:
    log.warning(reason, repair="copying main to the replica")
    resync(chain, lambda table, rows: log.info("copied", table=table, rows=rows))
    log.info("the replica follows main again")


def _unblock(chain: Chain) -> None:
    if chain.settings.cdc_repair != AUTO:
        raise ResyncNeeded("The sink cannot write a change (make logs S=connect). Run make dead-letters REPAIR=1.")
    log.warning("copying rows that the sink cannot write")
    for table, reason in unblock(chain, lambda table, rows: log.info("copied", table=table, rows=rows)).items():
        log.error(f"The replica refuses rows of {table}: {reason}. Run make dead-letters.")


def _resume(chain: Chain) -> None:
    if any(status.state == STOPPED for status in chain.connect.statuses().values()):
        log.warning("resuming stopped connectors")
        resume(chain.connect)
    if topics := read_new_topics(chain):
        log.info("the sink reads new topics", topics=topics)
    write_marker(chain.main)
