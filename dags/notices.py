"""A word to the operator when a run has failed: a webhook, if NOTIFY_URL names one, and an e-mail, if NOTIFY_EMAIL does."""

import html
import logging
import os
from collections.abc import Callable
from typing import Any

import requests
from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException

TIMEOUT = 10  # seconds
Notice = dict[str, Any]

log = logging.getLogger(__name__)


def run_failed(context: Context) -> None:
    """Say which run failed. A notice that cannot be sent never makes anything worse; where it goes is a secret."""
    dag, run_id, reason = context["dag"].dag_id, context["run_id"], context.get("reason") or "task_failure"
    notice = {
        "text": f"{dag} failed ({reason}) in its run {run_id}: see the run's tasks in Airflow.",
        "dag_id": dag,
        "run_id": run_id,
        "reason": reason,
    }
    _send_if_wanted(_post, "NOTIFY_URL", notice)
    _send_if_wanted(_mail, "NOTIFY_EMAIL", notice)


def _send_if_wanted(send: Callable[[str, Notice], None], setting: str, notice: Notice) -> None:
    to = os.environ.get(setting)
    if not to:
        return
    try:
        send(to, notice)
    except (AirflowException, OSError, ValueError) as error:  # What requests and smtplib raise are OSErrors.
        log.warning("The notice of %s about the failed run could not be sent (%s).", setting, type(error).__name__)


def _post(url: str, notice: Notice) -> None:
    requests.post(url, json=notice, timeout=TIMEOUT).raise_for_status()


def _mail(address: str, notice: Notice) -> None:
    """Through the mail server of SMTP_URL, in the name that it knows us by."""
    with SmtpHook() as server:
        sender = server.from_email or server.smtp_user or address
        subject = f"{notice['dag_id']} failed"
        server.send_email_smtp(to=address, from_email=sender, subject=subject, html_content=html.escape(notice["text"]))
