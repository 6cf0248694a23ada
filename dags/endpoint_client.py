"""HTTP client for the Flask endpoint, as the operator. Calls have a timeout and are retried while it is unavailable."""

from typing import Any

import requests
from pipeline_settings import EndpointSettings
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from common.waiting import WaitTimeout, wait_until

CONNECT_TIMEOUT, READ_TIMEOUT = 5, 60  # seconds
PROMOTION_TIMEOUT = 900  # seconds; a promotion reconciles all rows of a listener
POLL_INTERVAL = 1.0  # seconds between two requests for a job's status
UNAVAILABLE_STATUSES = (502, 503, 504)
# Waits 0, 1, 2, 4, 8 and 16 seconds; a restart of the endpoint takes less. Every call is safe to repeat: a queued sync is
# not queued twice, and promoting a promoted batch is a no-op.
RETRY = Retry(
    total=6, backoff_factor=0.5, status_forcelist=UNAVAILABLE_STATUSES, allowed_methods=None, raise_on_status=False
)


class EndpointUnavailable(Exception):
    """The endpoint did not answer, or answered that it is unavailable. A later retry may succeed."""


class EndpointRefused(Exception):
    """The endpoint refused the request, or the job failed. A retry does not help."""


class EndpointClient:
    """Client of `flask_endpoint` that signs in with the operator's key."""

    def __init__(self, settings: EndpointSettings) -> None:
        self._url = settings.flask_url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {settings.operator_key.get_secret_value()}"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=RETRY))

    def start_sync(self) -> int:
        """Start a sync of every listener. Return the id of its job."""
        return int(self._call("POST", "/v1/sync")["job_id"])

    def wait_for_job(self, job_id: int, timeout: float) -> dict[str, Any]:
        """Poll the job until it has finished and return its result. `timeout` is in seconds.

        Raises EndpointRefused when the job failed or was cancelled, and EndpointUnavailable after the timeout.
        """

        def finished_job() -> dict[str, Any] | None:
            job = self._call("GET", f"/v1/jobs/{job_id}")
            return job if job["status"] in ("succeeded", "failed", "cancelled") else None

        try:
            job = wait_until(finished_job, f"job {job_id} of the endpoint", timeout, interval=POLL_INTERVAL)
        except WaitTimeout:
            raise EndpointUnavailable(
                f"Job {job_id} of the endpoint did not finish within {timeout:.0f} s. See the endpoint's log."
            ) from None
        if job["status"] == "cancelled":
            raise EndpointRefused(f"Job {job_id} of the endpoint was cancelled.")
        if job["status"] == "failed":
            reason = (job["result"] or {}).get("error", "see the endpoint's log.")
            raise EndpointRefused(f"Job {job_id} of the endpoint failed: {reason}")
        return dict(job["result"])

    def promote(self, batch_id: int) -> dict[str, Any]:
        """Promote a batch that passed the gate. Promoting a promoted batch is a no-op."""
        return self._call("POST", f"/v1/batches/{batch_id}/promote", read_timeout=PROMOTION_TIMEOUT)

    def _call(self, method: str, path: str, read_timeout: float = READ_TIMEOUT) -> dict[str, Any]:
        try:
            answer = self._session.request(method, self._url + path, timeout=(CONNECT_TIMEOUT, read_timeout))
        except requests.RequestException as error:
            reason = f"{method} {self._url}{path} got no answer ({type(error).__name__})"
            raise EndpointUnavailable(f"The endpoint is unavailable: {reason}. Check that flask is running.") from None
        if answer.status_code in UNAVAILABLE_STATUSES:
            raise EndpointUnavailable(
                f"The endpoint answered {method} {path} with {answer.status_code}: {_message(answer)}"
            )
        if not answer.ok:
            raise EndpointRefused(f"The endpoint refused {method} {path} ({answer.status_code}): {_message(answer)}")
        return dict(answer.json())


def _message(answer: requests.Response) -> str:
    """Return the message of the endpoint's error object, or the start of an answer of another form."""
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200] or "no message"
