"""### Every hour: what was played, from Spotify into `source.raw`

| task | does | red when |
|---|---|---|
| `sync` | asks the endpoint to poll every listener, waits for its job | the endpoint is away, or the job failed |
| `gate` | runs Soda's checks on each landed batch | a batch was refused, or the gate could not run |
| `promote` | has the endpoint accept each batch that passed, and says so to `spotify_analysis_etl` | the endpoint is away |
| `report` | names what went wrong for single listeners or batches | anything did |

A refused batch waits: it is checked again every hour, and the run is red until its cause is mended or an operator sets it aside
(`POST /v1/batches/{id}/refuse` with a reason; its rows are kept, and `/reopen` brings them back).

One listener's failure stops no other: the rest is promoted and analysed, and the run is red at its end. A run in which
nothing new was played wakes `spotify_analysis_etl` all the same: files may have been imported since.
"""

import json
import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, TaskGroup, TriggerRule, chain, dag, task
from airflow.sdk.exceptions import AirflowFailException
from commands import run
from endpoint_client import EndpointAway, EndpointClient, EndpointRefused
from gate_verdict import read_verdict
from notices import run_failed
from pipeline_assets import RAW_PLAY
from pipeline_settings import EndpointSettings, ProcessSettings, load_settings

SYNC_TIMEOUT = timedelta(minutes=45)
GATE_TIMEOUT = timedelta(minutes=30)
PROMOTE_TIMEOUT = timedelta(hours=1)
AGAIN: dict[str, Any] = {"retries": 3, "retry_delay": timedelta(seconds=20), "retry_exponential_backoff": True}
SET_ASIDE = "mend the cause, or set it aside with POST /v1/batches/{}/refuse of the endpoint."

log = logging.getLogger(__name__)


@task(execution_timeout=SYNC_TIMEOUT + timedelta(minutes=5), **AGAIN)
def sync() -> dict[str, Any]:
    """Poll every listener. The answer names every polled batch that waits, also those that an earlier run left."""
    endpoint = EndpointClient(load_settings(EndpointSettings))
    try:
        result = endpoint.wait_for_job(endpoint.start_sync(), SYNC_TIMEOUT.total_seconds())
    except EndpointRefused as error:
        raise AirflowFailException(str(error)) from None
    for batch in result["batches"]:
        log.info("%(listener_id)s: %(rows)s rows landed as batch %(batch_id)s", batch)
    for failure in result["failures"]:
        log.error("%(listener_id)s failed: %(error)s", failure)
    for waiting in result.get("reconnect", []):
        log.warning("%(listener_id)s was not asked for: %(error)s", waiting)
    for ending in result.get("ending", []):
        log.warning(
            "%(listener_id)s must connect Spotify again by %(consent_ends_at)s: consent lasts six months", ending
        )
    return result


@task(retries=0, execution_timeout=GATE_TIMEOUT)
def gate(synced: dict[str, Any], ti: Any = None) -> None:
    """Check each landed batch; which of them passed is said even when the task turns red."""
    batches = [str(batch["batch_id"]) for batch in synced["batches"]]
    verdict: dict[str, list[int]] = {"passed": [], "refused": []}
    if batches:
        settings = load_settings(ProcessSettings)
        done = run([settings.soda_python, "soda/gate.py", "batch", *batches], settings)
        verdict = read_verdict(done.exit_code, done.output)
    ti.xcom_push(key="verdict", value=verdict)
    if verdict["refused"]:
        raise AirflowFailException(f"The gate refused batches {verdict['refused']}: the log above names the rows.")


@task(outlets=[RAW_PLAY], trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS, execution_timeout=PROMOTE_TIMEOUT, **AGAIN)
def promote(synced: dict[str, Any], ti: Any = None) -> list[str]:
    """Promote what passed the gate; the answer is a sentence for everything that went wrong so far."""
    verdict = ti.xcom_pull(task_ids="gate", key="verdict")
    if verdict is None:
        raise AirflowFailException("The gate did not run: nothing may be promoted.")
    listeners = {batch["batch_id"]: batch["listener_id"] for batch in synced["batches"]}
    wrong = [f"{failure['listener_id']}: {failure['error']}" for failure in synced["failures"]]
    wrong += [
        f"{listeners[batch]}: the gate refused batch {batch}; {SET_ASIDE.format(batch)}" for batch in verdict["refused"]
    ]
    endpoint = EndpointClient(load_settings(EndpointSettings))
    away: list[EndpointAway] = []
    for batch in verdict["passed"]:
        try:
            log.info("%s: batch %s promoted: %s", listeners[batch], batch, json.dumps(endpoint.promote(batch)))
        except (EndpointRefused, EndpointAway) as error:
            log.error("%s: batch %s was not promoted: %s", listeners[batch], batch, error)
            wrong.append(f"{listeners[batch]}: batch {batch} was not promoted: {error}")
            away += [error] if isinstance(error, EndpointAway) else []
    if away and ti.try_number <= ti.max_tries:
        raise away[0]  # The next try promotes again what it can: harmless where it is done already.
    return wrong


@task(retries=0)
def report(wrong: list[str]) -> None:
    """Turn the run red when something went wrong, and say what."""
    if wrong:
        raise AirflowFailException("The others went on, but: " + " ".join(wrong))
    log.info("Every listener was polled, every batch promoted.")


@dag(
    schedule=CronTriggerTimetable("0 * * * *", timezone="UTC", run_immediately=timedelta()),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    description="Polls every listener, gates and promotes what was played.",
    on_failure_callback=run_failed,
    tags=["source"],
)
def flask_to_main_hourly() -> None:
    with TaskGroup("landing", prefix_group_id=False, tooltip="Batches as Spotify gave them: received, then checked."):
        synced = sync()
        gated = gate(synced)
    with TaskGroup("raw", prefix_group_id=False, tooltip="Plays that were accepted, and what went wrong on the way."):
        promoted = promote(synced)
        chain(gated, promoted)
        report(promoted)


flask_to_main_hourly()
