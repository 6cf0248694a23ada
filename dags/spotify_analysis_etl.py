"""### After every promotion, and daily: from `source.raw` to published answers

| task | does | red when |
|---|---|---|
| `begin` | numbers the load, looks which listeners changed since the last one; none: the rest is skipped | a database is away |
| `transform` | Spark computes these listeners' candidates for `core` and `mart`, in one submit | Spark failed |
| `gate` | Soda checks the candidates | a check failed: its log names check and rows |
| `publish` | writes the difference in one transaction; what the gate refused it refuses, and records why | it was refused, or a verification found rows that were wrong |

**Every night** the daily run also verifies a tenth of the listeners, each one's turn once in ten days: it recomputes them though
nothing of theirs changed. Rows that come out otherwise than published are written to `audit.difference`, mended, and turn the run
red: the log of `publish` names listener and table.

**Rebuild** (`make rebuild`): trigger it with `{"rebuild": true}`, and `"listener": "ana"` for one, to compute everything anew.
The result is the same: a definition that changed is computed for everybody by the next run, without being told.
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
from pipeline_assets import RAW_PLAY
from pipeline_settings import ProcessSettings, load_settings

BEGIN_TIMEOUT = timedelta(minutes=10)
TRANSFORM_TIMEOUT = timedelta(hours=6)
GATE_TIMEOUT = timedelta(hours=1)
PUBLISH_TIMEOUT = timedelta(hours=2)
AGAIN: dict[str, Any] = {"retries": 2, "retry_delay": timedelta(seconds=20), "retry_exponential_backoff": True}
LOAD_ID = "{{ ti.xcom_pull(task_ids='begin')['load_id'] }}"
COULD_NOT_RUN = 3  # exit code of begin and publish (common/exit_codes.py); a retry may succeed

log = logging.getLogger(__name__)


@task.short_circuit(execution_timeout=BEGIN_TIMEOUT, **AGAIN)
def begin(
    run_id: str | None = None, params: dict[str, Any] | None = None, dag_run: Any = None
) -> dict[str, int] | None:
    """Number the load and look what changed; nothing: what follows is skipped. A retry gets the same load."""
    done = _spark_command("begin", "--run-id", str(run_id), *_wish(params or {}, dag_run))
    load: dict[str, int] = json.loads(done)
    if not load["listeners"]:
        log.info("Load %(load_id)s: nothing changed since the last one.", load)
        return None
    log.info("Load %(load_id)s touches %(listeners)s listeners.", load)
    return load


@task(trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS, execution_timeout=PUBLISH_TIMEOUT, **AGAIN)
def publish(ti: Any = None) -> None:
    """One transaction, which a second try repeats harmlessly. After a refusal by the gate it refuses in turn, and records why."""
    load_id = ti.xcom_pull(task_ids="begin")["load_id"]
    log.info("Published: %s", _spark_command("publish", "--load-id", str(load_id)))


def _wish(params: dict[str, Any], dag_run: Any) -> list[str]:
    """Whom the load takes beside those who changed: whom the trigger names, and nightly a tenth."""
    if params.get("rebuild"):
        return ["--rebuild", *(["--listener", params["listener"]] if params.get("listener") else [])]
    is_nightly = dag_run is not None and str(dag_run.run_type) == "scheduled"
    day = params.get("verify_on") or (dag_run.run_after.date().isoformat() if is_nightly else None)
    return ["--verify-on", day] if day else []


def _spark_command(name: str, *arguments: str) -> str:
    """Run a command of the load in Spark's environment: the last line it printed. Only a database that is away is tried again."""
    settings = load_settings(ProcessSettings)
    done = run([settings.spark_python, "-m", f"spark_scripts.{name}", *arguments], settings)
    if done.exit_code == COULD_NOT_RUN:
        raise RuntimeError(f"The load could not {name}: {done.output}")
    if done.exit_code != 0:
        raise AirflowFailException(f"The load did not {name} in order; the lines above say why. {done.output}")
    return str(done.output)


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("30 4 * * *", timezone="UTC", run_immediately=timedelta()),
        assets=[RAW_PLAY],
    ),
    catchup=False,
    max_active_runs=1,
    params={
        "rebuild": Param(False, type="boolean", description="Compute every listener anew, not only the changed."),
        "listener": Param(None, type=["null", "string"], description="With rebuild: only this one."),
        "verify_on": Param(
            None, type=["null", "string"], format="date", description="Verify the tenth whose turn it is that day."
        ),
    },
    doc_md=__doc__,
    description="Computes, gates and publishes core and the marts.",
    on_failure_callback=run_failed,
    tags=["main"],
)
def spotify_analysis_etl() -> None:
    begun = begin()
    with TaskGroup("candidate", prefix_group_id=False, tooltip="What is not yet published: computed, then checked."):
        transform = BashOperator(
            task_id="transform",
            doc_md="One submit computes every candidate of the load's listeners.",
            bash_command=f'{IN_PROJECT} env SERVICE_NAME=spark-driver PYSPARK_PYTHON="$SPARK_PYTHON" "$SPARK_SUBMIT" --properties-file spark_scripts/load.conf spark_scripts/etl.py --load-id {LOAD_ID}',
            retries=0,
            execution_timeout=TRANSFORM_TIMEOUT,
        )
        gate = BashOperator(
            task_id="gate",
            doc_md="Soda's checks of the candidates. A check that failed is no matter of another try.",
            bash_command=f'{IN_PROJECT} "$SODA_PYTHON" soda/gate.py load {LOAD_ID}',
            retries=0,
            execution_timeout=GATE_TIMEOUT,
        )
    published = publish()
    chain(begun, transform, gate, published)
    chain(
        transform, published
    )  # Its rule asks for one success above it: a refusal is recorded, a failed transform is not.


spotify_analysis_etl()
