"""### After every promotion, and daily: from `source.raw` to published answers

| task | does | red when |
|---|---|---|
| `begin` | numbers the load, looks which listeners changed since the last one; none: the rest is skipped | a database is away |
| `transform` | Spark computes the changed listeners' candidates for `core` and `mart`, in one submit | Spark failed |
| `gate` | Soda checks the candidates | a check failed: its log names check and rows |
| `publish` | writes the difference in one transaction; what the gate refused it refuses, and records why | it was refused |

Trigger it with `{"rebuild": true}` to compute every listener anew: the result must be the same.
"""

import json
import logging
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Param, TriggerRule, dag, task
from commands import IN_PROJECT, run
from notices import run_failed
from pipeline_assets import RAW_PLAY
from pipeline_settings import ProcessSettings, load_settings

BEGIN_TIMEOUT = timedelta(minutes=10)
TRANSFORM_TIMEOUT = timedelta(hours=6)
GATE_TIMEOUT = timedelta(hours=1)
PUBLISH_TIMEOUT = timedelta(hours=2)
LOAD_ID = "{{ ti.xcom_pull(task_ids='begin')['load_id'] }}"

log = logging.getLogger(__name__)


@task.short_circuit(retries=2, retry_delay=timedelta(seconds=20), execution_timeout=BEGIN_TIMEOUT)
def begin(run_id: str | None = None, params: dict[str, Any] | None = None) -> dict[str, int] | None:
    """Number the load and look what changed; nothing: what follows is skipped. A retry gets the same load."""
    settings = load_settings(ProcessSettings)
    rebuild = ["--rebuild"] if (params or {}).get("rebuild") else []
    done = run([settings.spark_python, "-m", "spark_scripts.begin", "--run-id", str(run_id), *rebuild], settings)
    if done.exit_code != 0:
        raise RuntimeError(f"The load could not begin: {done.output}")
    load: dict[str, int] = json.loads(done.output)
    if not load["listeners"]:
        log.info("Load %(load_id)s: nothing changed since the last one.", load)
        return None
    log.info("Load %(load_id)s touches %(listeners)s listeners.", load)
    return load


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("30 4 * * *", timezone="UTC", run_immediately=timedelta()),
        assets=[RAW_PLAY],
    ),
    catchup=False,
    max_active_runs=1,
    params={"rebuild": Param(False, type="boolean", description="Compute every listener anew, not only the changed.")},
    doc_md=__doc__,
    description="Computes, gates and publishes core and the marts.",
    on_failure_callback=run_failed,
    tags=["main"],
)
def spotify_analysis_etl() -> None:
    transform = BashOperator(
        task_id="transform",
        doc_md="One submit computes every candidate of the changed listeners.",
        bash_command=f'{IN_PROJECT} env SERVICE_NAME=spark-driver PYSPARK_PYTHON="$SPARK_PYTHON" "$SPARK_SUBMIT" spark_scripts/etl.py --load-id {LOAD_ID}',
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
    publish = BashOperator(
        task_id="publish",
        doc_md="One transaction. It also runs after a refusal, refuses in turn, and records the load as rejected.",
        bash_command=f'{IN_PROJECT} "$SPARK_PYTHON" -m spark_scripts.publish --load-id {LOAD_ID}',
        trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
        retries=0,
        execution_timeout=PUBLISH_TIMEOUT,
    )
    begin() >> transform >> gate >> publish
    transform >> publish


spotify_analysis_etl()
