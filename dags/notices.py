"""A word to the operator when a run has failed: a webhook, if NOTIFY_URL names one."""

import logging
import os

import requests
from airflow.sdk import Context

TIMEOUT = 10  # seconds

log = logging.getLogger(__name__)


def run_failed(context: Context) -> None:
    """Post which run failed. A webhook that does not answer never makes anything worse; its address is a secret."""
    url = os.environ.get("NOTIFY_URL")
    if not url:
        return
    dag, run_id, reason = context["dag"].dag_id, context["run_id"], context.get("reason") or "task_failure"
    notice = {
        "text": f"{dag} failed ({reason}) in its run {run_id}: see the run's tasks in Airflow.",
        "dag_id": dag,
        "run_id": run_id,
        "reason": reason,
    }
    try:
        requests.post(url, json=notice, timeout=TIMEOUT).raise_for_status()
    except requests.RequestException as error:
        log.warning("The notice about the failed run could not be sent (%s).", type(error).__name__)
