"""The client of the endpoint, over real HTTP."""

import re

import pytest
from conftest import KEY, Endpoint
from endpoint_client import EndpointClient, EndpointRefused, EndpointUnavailable
from pipeline_settings import EndpointSettings, task_settings

from common.settings import load_settings


@pytest.fixture
def client(endpoint: Endpoint) -> EndpointClient:
    return EndpointClient(load_settings(EndpointSettings))


def test_sync_returns_batches_of_finished_job(client: EndpointClient, endpoint: Endpoint) -> None:
    endpoint.result = {"batches": [{"listener_id": "ana", "batch_id": 1, "rows": 2}], "failures": []}

    assert client.wait_for_job(client.start_sync(), timeout=10) == endpoint.result
    assert endpoint.calls == ["POST /v1/sync", "GET /v1/jobs/5"]


def test_failed_job_raises_message_of_endpoint(client: EndpointClient, endpoint: Endpoint) -> None:
    endpoint.status, endpoint.result = "failed", {"error": "Spotify is unavailable."}

    with pytest.raises(EndpointRefused, match="Job 5 of the endpoint failed: Spotify is unavailable"):
        client.wait_for_job(5, timeout=10)


def test_cancelled_job_is_named_as_cancelled(client: EndpointClient, endpoint: Endpoint) -> None:
    endpoint.status, endpoint.result = "cancelled", {"error": "The job was cancelled."}

    with pytest.raises(EndpointRefused, match=r"^Job 5 of the endpoint was cancelled\.$"):
        client.wait_for_job(5, timeout=10)


def test_unfinished_job_raises_after_timeout(client: EndpointClient, endpoint: Endpoint) -> None:
    endpoint.status = "running"

    with pytest.raises(EndpointUnavailable, match="Job 5 of the endpoint did not finish within 1 s"):
        client.wait_for_job(5, timeout=1)


def test_call_is_retried_while_endpoint_is_unavailable(client: EndpointClient, endpoint: Endpoint) -> None:
    endpoint.unavailable = 2

    assert client.start_sync() == 5


def test_refusal_is_not_retried_and_raises_message_of_endpoint(client: EndpointClient, endpoint: Endpoint) -> None:
    endpoint.refusals["POST /v1/batches/9/promote"] = (404, "There is no batch 9.")

    with pytest.raises(EndpointRefused, match=r"refused POST /v1/batches/9/promote \(404\): There is no batch 9."):
        client.promote(9)
    assert endpoint.calls == ["POST /v1/batches/9/promote"]


def test_error_for_wrong_key_does_not_contain_key(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_KEY", "wrong-key")

    with pytest.raises(EndpointRefused, match=r"\(401\): Sign in first.") as refused:
        EndpointClient(load_settings(EndpointSettings)).start_sync()
    assert "wrong-key" not in str(refused.value)


def test_missing_settings_are_named_without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    monkeypatch.delenv("OPERATOR_KEY", raising=False)
    monkeypatch.setenv("FLASK_URL", f"ftp://{KEY}")

    with pytest.raises(AirflowFailException) as failure:
        task_settings(EndpointSettings)
    assert re.fullmatch(
        r"Missing or unusable settings: FLASK_URL \(.+\), OPERATOR_KEY \(.+\)\. Set them in \.env\.", str(failure.value)
    )
    assert KEY not in str(failure.value)
