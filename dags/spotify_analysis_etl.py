"""### After every promotion, and daily: compute and publish `core` and the marts

| task | does | fails when |
|---|---|---|
| `begin` | creates the load and selects the listeners whose data changed; if there are none, the other tasks are skipped | a database is unavailable |
| `transform` | Spark computes the candidates of these listeners for `core` and `mart`, in one submit | Spark failed |
| `gate` | Soda checks the candidates | a check failed; the log names the check and the rows |
| `publish` | writes the changed rows in one transaction; rejects the load and records why if the gate refused it | the load was rejected, or a verification found wrong rows |

**Every night** the daily run also verifies a tenth of the listeners, so that each is verified once in ten days. It recomputes
them although their data has not changed. Rows that differ from the published ones are written to `audit.difference` and
corrected, and the run fails: the log of `publish` names listener and table.

**Rebuild** (`make rebuild`): trigger the DAG with `{"rebuild": true}`, and `"listener": "ana"` for one listener, to recompute
everything. The result is the same as that of the incremental loads. A changed definition needs no rebuild: the next run
recomputes every listener.

A published load, incremental or a rebuild, updates the asset `published_load`, which starts `replica_verification`.
"""

import json
import logging
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Param, TaskGroup, TriggerRule, chain, dag, task
from airflow.sdk.exceptions import AirflowFailException
from commands import IN_PROJECT, run
from notices import run_failed
from pipeline_assets import PUBLISHED_LOAD, RAW_PLAY
from pipeline_settings import ProcessSettings, task_settings

from common.exit_codes import ExitCode

BEGIN_TIMEOUT = timedelta(minutes=10)
TRANSFORM_TIMEOUT = timedelta(hours=6)
GATE_TIMEOUT = timedelta(hours=1)
PUBLISH_TIMEOUT = timedelta(hours=2)
RETRY_WITH_BACKOFF: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
}
LOAD_ID = "{{ ti.xcom_pull(task_ids='begin')['load_id'] }}"

log = logging.getLogger(__name__)


@task.short_circuit(execution_timeout=BEGIN_TIMEOUT, **RETRY_WITH_BACKOFF)
def begin(
    run_id: str | None = None, params: dict[str, Any] | None = None, dag_run: Any = None
) -> dict[str, int] | None:
    """Create the load and select changed listeners; if there are none, skip the other tasks. A retry gets the same load."""
    done = _spark_command("begin", "--run-id", str(run_id), *_selection_arguments(params or {}, dag_run))
    load: dict[str, int] = json.loads(done)
    if not load["listeners"]:
        log.info("Load %(load_id)s: no listener changed since the last load.", load)
        return None
    log.info("Load %(load_id)s selects %(listeners)s listeners.", load)
    return load


@task(
    outlets=[PUBLISHED_LOAD],
    trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
    execution_timeout=PUBLISH_TIMEOUT,
    **RETRY_WITH_BACKOFF,
)
def publish(ti: Any = None) -> None:
    """Publish the load in one transaction, which is safe to retry. If the gate refused it, reject it and record why."""
    load_id = ti.xcom_pull(task_ids="begin")["load_id"]
    log.info("Published: %s", _spark_command("publish", "--load-id", str(load_id)))


def _selection_arguments(params: dict[str, Any], dag_run: Any) -> list[str]:
    """Return the options of `begin` that select listeners in addition to the changed ones.

    A trigger can ask for a rebuild or a verification; the scheduled nightly run verifies a tenth of the listeners.
    """
    if params.get("rebuild"):
        return ["--rebuild", *(["--listener", params["listener"]] if params.get("listener") else [])]
    is_nightly = dag_run is not None and str(dag_run.run_type) == "scheduled"
    day = params.get("verify_on") or (dag_run.run_after.date().isoformat() if is_nightly else None)
    return ["--verify-on", day] if day else []


def _spark_command(name: str, *arguments: str) -> str:
    """Run a command of the load in Spark's environment and return its last line. Only an unavailable database is retried."""
    settings = task_settings(ProcessSettings)
    done = run([settings.spark_python, "-m", f"spark_scripts.{name}", *arguments], settings)
    if done.exit_code == ExitCode.COULD_NOT_RUN:
        raise RuntimeError(f"The command {name} could not run: {done.output}")
    if done.exit_code != ExitCode.DONE:
        raise AirflowFailException(f"The command {name} failed. See the lines above. {done.output}")
    return str(done.output)


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("30 4 * * *", timezone="UTC", run_immediately=timedelta()),
        assets=[RAW_PLAY],
    ),
    catchup=False,
    max_active_runs=1,
    params={
        "rebuild": Param(False, type="boolean", description="Recompute every listener, not only the changed ones."),
        "listener": Param(None, type=["null", "string"], description="With rebuild: recompute only this listener."),
        "verify_on": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Verify the tenth of the listeners that is due on that day.",
        ),
    },
    doc_md=__doc__,
    description="Computes, checks and publishes core and the marts.",
    on_failure_callback=run_failed,
    tags=["main"],
)
def spotify_analysis_etl() -> None:
    load = begin()
    with TaskGroup("candidate", prefix_group_id=False, tooltip="Unpublished rows: computed, then checked."):
        transform = BashOperator(
            task_id="transform",
            doc_md="Compute the candidates of the load's listeners in one submit.",
            bash_command=f'{IN_PROJECT} env SERVICE_NAME=spark-driver PYSPARK_PYTHON="$SPARK_PYTHON" "$SPARK_SUBMIT" --properties-file spark_scripts/load.conf spark_scripts/etl.py --load-id {LOAD_ID}',
            retries=0,
            execution_timeout=TRANSFORM_TIMEOUT,
        )
        gate = BashOperator(
            task_id="gate",
            doc_md="Run Soda's checks on the candidates. A failed check is not retried.",
            bash_command=f'{IN_PROJECT} "$SODA_PYTHON" soda/gate.py load {LOAD_ID}',
            retries=0,
            execution_timeout=GATE_TIMEOUT,
        )
    published = publish()
    chain(load, transform, gate, published)
    # publish needs one successful direct upstream task: it runs after a failed gate, but not after a failed transform.
    chain(transform, published)


spotify_analysis_etl()
