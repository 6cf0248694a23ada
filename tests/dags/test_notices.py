"""A failed run sends the notices that the operator has set up; a notice that cannot be sent is only logged."""

from types import SimpleNamespace

import pytest

CONTEXT = {"dag": SimpleNamespace(dag_id="spotify_analysis_etl"), "run_id": "scheduled__1", "reason": "timed_out"}


@pytest.fixture
def run_failed():
    from notices import run_failed

    return run_failed


def test_failed_run_sends_webhook_and_mail(run_failed, endpoint, mailbox):
    run_failed(CONTEXT)

    text = "spotify_analysis_etl failed (timed_out) in run scheduled__1. See the run's tasks in Airflow."
    assert endpoint.notices == [
        {"text": text, "dag_id": "spotify_analysis_etl", "run_id": "scheduled__1", "reason": "timed_out"}
    ]
    [mail] = mailbox
    assert (mail["To"], mail["Subject"]) == ("ana@example.org", "spotify_analysis_etl failed")
    [body] = mail.get_payload()
    assert text.replace("'", "&#x27;") in body.get_payload(decode=True).decode()


def test_no_notice_is_sent_without_settings(run_failed, endpoint, mailbox, monkeypatch):
    monkeypatch.delenv("NOTIFY_URL")
    monkeypatch.setenv("NOTIFY_EMAIL", "")

    run_failed(CONTEXT)

    assert endpoint.notices == mailbox == []


@pytest.mark.parametrize("server", ["", "smtp://127.0.0.1:1?disable_ssl=true"])
def test_failed_notice_does_not_stop_other_and_logs_no_address(
    run_failed, endpoint, mailbox, monkeypatch, caplog, server
):
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", server)
    monkeypatch.setenv("NOTIFY_URL", "http://127.0.0.1:1/secret")

    run_failed(CONTEXT)

    assert [record.message.split(" (")[0] for record in caplog.records if record.name == "notices"] == [
        f"The notice to {setting} about the failed run could not be sent" for setting in ("NOTIFY_URL", "NOTIFY_EMAIL")
    ]
    assert "secret" not in caplog.text and "ana@example.org" not in caplog.text
