"""Deeply nested JSON is an error of the client."""

from flask.testing import FlaskClient


def test_deep_fault_plan_is_refused(client: FlaskClient) -> None:
    answer = client.put("/faults", data="[" * 200_000 + "]" * 200_000, content_type="application/json")
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (400, "The JSON is nested too deeply.")
