"""How the DAG talks to the endpoint, over real HTTP."""

import pytest
from conftest import KEY
from endpoint_client import EndpointAway, EndpointClient, EndpointRefused
from pipeline_settings import EndpointSettings, load_settings


@pytest.fixture
def client(endpoint) -> EndpointClient:
    return EndpointClient(EndpointSettings())


def test_a_sync_is_started_waited_for_and_answered_with_its_batches(client, endpoint):
    endpoint.result = {"batches": [{"listener_id": "ana", "batch_id": 1, "rows": 2}], "failures": []}

    assert client.wait_for_job(client.start_sync(), timeout=10) == endpoint.result
    assert endpoint.asked == ["POST /v1/sync", "GET /v1/jobs/5"]


def test_a_failed_job_is_told_in_the_endpoints_words(client, endpoint):
    endpoint.status, endpoint.result = "failed", {"error": "Spotify is away."}

    with pytest.raises(EndpointRefused, match="Job 5 of the endpoint failed: Spotify is away"):
        client.wait_for_job(5, timeout=10)


def test_a_job_that_does_not_end_is_given_up(client, endpoint):
    endpoint.status = "running"

    with pytest.raises(EndpointAway, match="Job 5 of the endpoint was not over after 1 s"):
        client.wait_for_job(5, timeout=1)


def test_an_endpoint_that_is_away_for_a_moment_is_asked_again(client, endpoint):
    endpoint.unavailable = 2

    assert client.start_sync() == 5


def test_a_refusal_is_final_and_told_in_the_endpoints_words(client, endpoint):
    endpoint.refusals["POST /v1/batches/9/promote"] = (404, "There is no batch 9.")

    with pytest.raises(EndpointRefused, match=r"refused POST /v1/batches/9/promote \(404\): There is no batch 9."):
        client.promote(9)
    assert endpoint.asked == ["POST /v1/batches/9/promote"]


def test_a_wrong_key_is_told_without_the_key(endpoint, monkeypatch):
    monkeypatch.setenv("OPERATOR_KEY", "wrong-key")

    with pytest.raises(EndpointRefused, match=r"\(401\): Sign in first.") as refused:
        EndpointClient(EndpointSettings()).start_sync()
    assert "wrong-key" not in str(refused.value)


def test_a_missing_setting_is_named_and_no_value_shown(monkeypatch):
    from airflow.sdk.exceptions import AirflowFailException

    monkeypatch.delenv("OPERATOR_KEY", raising=False)
    monkeypatch.setenv("FLASK_URL", f"ftp://{KEY}")

    with pytest.raises(AirflowFailException) as failure:
        load_settings(EndpointSettings)
    assert str(failure.value) == "Missing or unreadable settings of the scheduler: FLASK_URL, OPERATOR_KEY."
