"""The endpoint over HTTP, as an operator: every call with a timeout, tried again while the endpoint is away."""

import time
from typing import Any

import requests
from pipeline_settings import EndpointSettings
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

CONNECT_TIMEOUT, READ_TIMEOUT = 5, 60  # seconds
PROMOTION_TIMEOUT = 900  # seconds: it reconciles all of a listener's rows
POLL_INTERVAL = 1.0  # seconds between two looks at a job
AWAY = (502, 503, 504)
# Waits 0, 1, 2, 4, 8, 16 seconds: an endpoint that is restarted is back before that. Asking twice is harmless everywhere:
# a sync that waits is not queued again, and a promoted batch stays as it is.
PATIENCE = Retry(total=6, backoff_factor=0.5, status_forcelist=AWAY, allowed_methods=None, raise_on_status=False)


class EndpointAway(Exception):
    """The endpoint did not answer, or said that it cannot now: worth another try later."""


class EndpointRefused(Exception):
    """The endpoint answered that it will not, or that it cannot: trying again changes nothing."""


class EndpointClient:
    """Calls `flask_endpoint` with the operator's key."""

    def __init__(self, settings: EndpointSettings) -> None:
        self._url = settings.flask_url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {settings.operator_key.get_secret_value()}"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=PATIENCE))

    def start_sync(self) -> int:
        """Ask for a sync of every listener; the answer is the job's number."""
        return int(self._call("POST", "/v1/sync")["job_id"])

    def wait_for_job(self, job_id: int, timeout: float) -> dict[str, Any]:
        """Look at the job until it is over; its result, if it succeeded."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            job = self._call("GET", f"/v1/jobs/{job_id}")
            if job["status"] == "succeeded":
                return dict(job["result"])
            if job["status"] == "failed":
                reason = (job["result"] or {}).get("error", "the endpoint's log says why.")
                raise EndpointRefused(f"Job {job_id} of the endpoint failed: {reason}")
            time.sleep(POLL_INTERVAL)
        raise EndpointAway(f"Job {job_id} of the endpoint was not over after {timeout:.0f} s: see the endpoint's log.")

    def promote(self, batch_id: int) -> dict[str, Any]:
        """Accept a batch that passed the gate. Asking twice is harmless."""
        return self._call("POST", f"/v1/batches/{batch_id}/promote", read_timeout=PROMOTION_TIMEOUT)

    def _call(self, method: str, path: str, read_timeout: float = READ_TIMEOUT) -> dict[str, Any]:
        try:
            answer = self._session.request(method, self._url + path, timeout=(CONNECT_TIMEOUT, read_timeout))
        except requests.RequestException as error:
            reason = f"{method} {self._url}{path} got no answer ({type(error).__name__})"
            raise EndpointAway(f"The endpoint is away: {reason}. Is it running?") from None
        if answer.status_code in AWAY:
            raise EndpointAway(f"The endpoint answered {method} {path} with {answer.status_code}: {_message(answer)}")
        if not answer.ok:
            raise EndpointRefused(f"The endpoint refused {method} {path} ({answer.status_code}): {_message(answer)}")
        return dict(answer.json())


def _message(answer: requests.Response) -> str:
    """The sentence in the endpoint's error shape, or the beginning of whatever came instead."""
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200] or "without a word"
