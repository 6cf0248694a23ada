"""A failed run sends the notices that the operator has set up; a notice that cannot be sent is only logged."""

from collections.abc import Callable
from email.message import Message
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Endpoint

CONTEXT = {"dag": SimpleNamespace(dag_id="spotify_analysis_etl"), "run_id": "scheduled__1", "reason": "timed_out"}


@pytest.fixture
def run_failed() -> Callable[[Any], None]:
    from notices import run_failed

    return run_failed


def test_failed_run_sends_webhook_and_mail(
    run_failed: Callable[[Any], None], endpoint: Endpoint, mailbox: list[Message]
) -> None:
    run_failed(CONTEXT)

    text = "spotify_analysis_etl failed (timed_out) in run scheduled__1. See the run's tasks in Airflow."
    assert endpoint.notices == [
        {"text": text, "dag_id": "spotify_analysis_etl", "run_id": "scheduled__1", "reason": "timed_out"}
    ]
    [mail] = mailbox
    assert (mail["To"], mail["Subject"]) == ("ana@example.org", "spotify_analysis_etl failed")
    [body] = [part for part in mail.walk() if not part.is_multipart()]
    content = body.get_payload(decode=True)
    assert isinstance(content, bytes) and text.replace("'", "&#x27;") in content.decode()


def test_no_notice_is_sent_without_settings(
    run_failed: Callable[[Any], None],
    endpoint: Endpoint,
    mailbox: list[Message],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NOTIFY_URL")
    monkeypatch.setenv("NOTIFY_EMAIL", "")

    run_failed(CONTEXT)

    assert endpoint.notices == [] and mailbox == []


@pytest.mark.parametrize("server", ["", "smtp://127.0.0.1:1?disable_ssl=true"])
def test_failed_notice_does_not_stop_other_and_logs_no_address(
    run_failed: Callable[[Any], None],
    endpoint: Endpoint,
    mailbox: list[Message],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    server: str,
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", server)
    monkeypatch.setenv("NOTIFY_URL", "http://127.0.0.1:1/secret")

    run_failed(CONTEXT)

    assert [record.message.split(" (")[0] for record in caplog.records if record.name == "notices"] == [
        f"The notice to {setting} about the failed run could not be sent" for setting in ("NOTIFY_URL", "NOTIFY_EMAIL")
    ]
    assert "secret" not in caplog.text and "ana@example.org" not in caplog.text
