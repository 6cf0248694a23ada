"""A failed run is told wherever the operator wants to hear of it, and a notice that cannot be sent harms nothing."""

from types import SimpleNamespace

import pytest

CONTEXT = {"dag": SimpleNamespace(dag_id="spotify_analysis_etl"), "run_id": "scheduled__1", "reason": "timed_out"}


@pytest.fixture
def run_failed():
    from notices import run_failed

    return run_failed


def test_it_is_posted_and_mailed(run_failed, endpoint, mailbox):
    run_failed(CONTEXT)

    text = "spotify_analysis_etl failed (timed_out) in its run scheduled__1: see the run's tasks in Airflow."
    assert endpoint.notices == [
        {"text": text, "dag_id": "spotify_analysis_etl", "run_id": "scheduled__1", "reason": "timed_out"}
    ]
    [mail] = mailbox
    assert (mail["To"], mail["Subject"]) == ("ana@example.org", "spotify_analysis_etl failed")
    [body] = mail.get_payload()
    assert text.replace("'", "&#x27;") in body.get_payload(decode=True).decode()


def test_nobody_who_wants_no_notice_gets_one(run_failed, endpoint, mailbox, monkeypatch):
    monkeypatch.delenv("NOTIFY_URL")
    monkeypatch.setenv("NOTIFY_EMAIL", "")

    run_failed(CONTEXT)

    assert endpoint.notices == mailbox == []


@pytest.mark.parametrize("server", ["", "smtp://127.0.0.1:1?disable_ssl=true"])
def test_one_that_cannot_be_sent_keeps_no_other_back_and_names_no_address(
    run_failed, endpoint, mailbox, monkeypatch, caplog, server
):
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", server)
    monkeypatch.setenv("NOTIFY_URL", "http://127.0.0.1:1/secret")

    run_failed(CONTEXT)

    assert [record.message.split(" (")[0] for record in caplog.records if record.name == "notices"] == [
        f"The notice of {setting} about the failed run could not be sent" for setting in ("NOTIFY_URL", "NOTIFY_EMAIL")
    ]
    assert "secret" not in caplog.text and "ana@example.org" not in caplog.text
