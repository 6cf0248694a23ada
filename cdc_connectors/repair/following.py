"""Make the replica follow main again: resume what was stopped, or copy everything again if changes are missing."""

from cdc_connectors.command import log
from cdc_connectors.connectors.rest import STOPPED
from cdc_connectors.errors import ResyncNeeded
from cdc_connectors.repair.resync import Chain, Report, read_new_topics, resume, resync
from cdc_connectors.verification.catch_up import write_marker

AUTO = "auto"
COMMAND = "Run make resync-replica."


def ensure_following(chain: Chain, report: Report) -> None:
    """Resync if changes are missing; else resume stopped connectors, let the sink read new topics, and write a marker.

    The caller is the only repairer. Raises ResyncNeeded if CDC_REPAIR is manual, except for a replica that was never filled.
    """
    fault = chain.fault()
    if fault is None:
        if any(status.state == STOPPED for status in chain.connect.statuses().values()):
            log.warning("resuming stopped connectors")
            resume(chain.connect)
        if topics := read_new_topics(chain):
            log.info("the sink reads new topics", topics=topics)
        write_marker(chain.main)
    elif chain.settings.cdc_repair == AUTO or not chain.is_filled():
        log.warning(fault, repair="copying main to the replica")
        resync(chain, report)
        log.info("the replica follows main again")
    else:
        raise ResyncNeeded(f"{fault} {COMMAND}")
