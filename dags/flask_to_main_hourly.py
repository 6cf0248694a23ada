"""### Every hour: load new plays from Spotify into `source.raw`

| task | does | fails when |
|---|---|---|
| `sync` | asks the endpoint to poll every listener and waits for the job | the endpoint is unavailable, or the job failed |
| `gate` | runs Soda's checks on each landed batch | a batch was refused, or the gate could not run |
| `promote` | asks the endpoint to promote each batch that passed, and triggers `spotify_analysis_etl` | the endpoint is unavailable |
| `report` | lists the problems of single listeners and batches | there is a problem |

A refused batch stays in `landing` and is checked again every hour. The run fails until the cause is fixed or an operator
refuses the batch for good (`POST /v1/batches/{id}/refuse` with a reason). Its rows are kept; `/reopen` restores the batch.

A failure of one listener does not stop the others: their plays are promoted and analyzed, and the run fails at its end.
A run without new plays also triggers `spotify_analysis_etl`, because files may have been imported in the meantime.
"""

import json
import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, TaskGroup, TriggerRule, chain, dag, task
from airflow.sdk.exceptions import AirflowFailException
from commands import run
from endpoint_client import EndpointClient, EndpointRefused, EndpointUnavailable
from notices import run_failed
from pipeline_assets import RAW_PLAY
from pipeline_settings import EndpointSettings, ProcessSettings, task_settings

from common.gate_verdict import read_gate_verdict

SYNC_TIMEOUT = timedelta(minutes=45)
GATE_TIMEOUT = timedelta(minutes=30)
PROMOTE_TIMEOUT = timedelta(hours=1)
RETRY_WITH_BACKOFF: dict[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
}
REFUSED_BATCH_ADVICE = "Fix the cause, or refuse it for good with POST /v1/batches/{}/refuse of the endpoint."

log = logging.getLogger(__name__)


@task(execution_timeout=SYNC_TIMEOUT + timedelta(minutes=5), **RETRY_WITH_BACKOFF)
def sync() -> dict[str, Any]:
    """Poll every listener. Return all polled batches that await promotion, also those of earlier runs."""
    endpoint = EndpointClient(task_settings(EndpointSettings))
    try:
        result = endpoint.wait_for_job(endpoint.start_sync(), SYNC_TIMEOUT.total_seconds())
    except EndpointRefused as error:
        raise AirflowFailException(str(error)) from None
    for batch in result["batches"]:
        log.info("%(listener_id)s: %(rows)s rows landed as batch %(batch_id)s", batch)
    for failure in result["failures"]:
        log.error("%(listener_id)s failed: %(error)s", failure)
    for waiting in result.get("reconnect", []):
        log.warning("%(listener_id)s was not polled: %(error)s", waiting)
    for ending in result.get("ending", []):
        log.warning("%(listener_id)s must reconnect Spotify by %(consent_ends_at)s, when the consent expires", ending)
    return result


@task(retries=0, execution_timeout=GATE_TIMEOUT)
def gate(synced: dict[str, Any], ti: Any = None) -> None:
    """Check each landed batch. Push the ids of passed and refused batches to XCom, also when the task fails."""
    batches = [str(batch["batch_id"]) for batch in synced["batches"]]
    verdict: dict[str, list[int]] = {"passed": [], "refused": []}
    if batches:
        settings = task_settings(ProcessSettings)
        done = run([settings.soda_python, "soda/gate.py", "batch", *batches], settings)
        found = read_gate_verdict(done.exit_code, done.output)
        if found is None:
            raise AirflowFailException(f"The gate could not run (exit code {done.exit_code}): {done.output}")
        verdict = found
    ti.xcom_push(key="verdict", value=verdict)
    if verdict["refused"]:
        raise AirflowFailException(f"The gate refused batches {verdict['refused']}. The log above names the rows.")


@task(
    outlets=[RAW_PLAY],
    trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
    execution_timeout=PROMOTE_TIMEOUT,
    **RETRY_WITH_BACKOFF,
)
def promote(synced: dict[str, Any], ti: Any = None) -> list[str]:
    """Promote the batches that passed the gate. Return one sentence for each problem of this run."""
    verdict = ti.xcom_pull(task_ids="gate", key="verdict")
    if verdict is None:
        raise AirflowFailException("The gate did not run, so nothing is promoted. See the log of the task gate.")
    listeners = {batch["batch_id"]: batch["listener_id"] for batch in synced["batches"]}
    problems = [f"{failure['listener_id']}: {failure['error']}" for failure in synced["failures"]]
    problems += [
        f"{listeners[batch]}: the gate refused batch {batch}. {REFUSED_BATCH_ADVICE.format(batch)}"
        for batch in verdict["refused"]
    ]
    endpoint = EndpointClient(task_settings(EndpointSettings))
    unavailable: list[EndpointUnavailable] = []
    for batch in verdict["passed"]:
        try:
            log.info("%s: batch %s promoted: %s", listeners[batch], batch, json.dumps(endpoint.promote(batch)))
        except (EndpointRefused, EndpointUnavailable) as error:
            log.error("%s: batch %s was not promoted: %s", listeners[batch], batch, error)
            problems.append(f"{listeners[batch]}: batch {batch} was not promoted: {error}")
            unavailable += [error] if isinstance(error, EndpointUnavailable) else []
    if unavailable and ti.try_number <= ti.max_tries:
        raise unavailable[0]  # The retry promotes every batch again; for promoted ones that is a no-op.
    return problems


@task(retries=0)
def report(problems: list[str]) -> None:
    """Fail the run if there was a problem, and list all problems."""
    if problems:
        raise AirflowFailException("Some listeners or batches failed; the others were processed. " + " ".join(problems))
    log.info("Every listener was polled and every batch was promoted.")


@dag(
    schedule=CronTriggerTimetable("0 * * * *", timezone="UTC", run_immediately=timedelta()),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    description="Polls every listener, then checks and promotes new plays.",
    on_failure_callback=run_failed,
    tags=["source"],
)
def flask_to_main_hourly() -> None:
    # Calling a task returns an XComArg, but its parameters are annotated with the type of the value. `Any` satisfies both.
    synced: Any
    promoted: Any
    with TaskGroup("landing", prefix_group_id=False, tooltip="Batches as received from Spotify, and their checks."):
        synced = sync()
        gated = gate(synced)
    with TaskGroup("raw", prefix_group_id=False, tooltip="Accepted plays, and the problems of this run."):
        promoted = promote(synced)
        chain(gated, promoted)
        report(promoted)


flask_to_main_hourly()
