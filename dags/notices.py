"""Notify the operator of a failed run: by a webhook (NOTIFY_URL) and by e-mail (NOTIFY_EMAIL), each if it is set."""

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
    """Send a notice about the failed run. A notice that cannot be sent is logged, without its address, which is secret."""
    dag, run_id, reason = context["dag"].dag_id, context["run_id"], context.get("reason") or "task_failure"
    notice = {
        "text": f"{dag} failed ({reason}) in run {run_id}. See the run's tasks in Airflow.",
        "dag_id": dag,
        "run_id": run_id,
        "reason": reason,
    }
    _send_if_set(_post, "NOTIFY_URL", notice)
    _send_if_set(_mail, "NOTIFY_EMAIL", notice)


def _send_if_set(send: Callable[[str, Notice], None], setting: str, notice: Notice) -> None:
    to = os.environ.get(setting)
    if not to:
        return
    try:
        send(to, notice)
    except (AirflowException, OSError, ValueError) as error:  # requests and smtplib raise OSErrors.
        log.warning("The notice to %s about the failed run could not be sent (%s).", setting, type(error).__name__)


def _post(url: str, notice: Notice) -> None:
    requests.post(url, json=notice, timeout=TIMEOUT).raise_for_status()


def _mail(address: str, notice: Notice) -> None:
    """Send through the mail server of SMTP_URL; the sender is that server's account, or else the recipient."""
    with SmtpHook() as server:
        sender = server.from_email or server.smtp_user or address
        subject = f"{notice['dag_id']} failed"
        server.send_email_smtp(to=address, from_email=sender, subject=subject, html_content=html.escape(notice["text"]))
