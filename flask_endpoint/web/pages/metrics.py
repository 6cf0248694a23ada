"""Metrics for Prometheus. Each scrape reads them from the database, so that every process returns the same values."""

from collections.abc import Iterator

from apiflask import APIBlueprint
from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg import Connection

from flask_endpoint.spotify.token_store import CONSENT_ENDS_AT
from flask_endpoint.web.security import endpoint, operator_only

# Name, help, labels, and a query that returns the labels' values and the number.
METRICS = (
    (
        "listening_plays",
        "Number of plays.",
        ("listener_id",),
        "SELECT listener_id, play_count FROM raw.listener_play_count",
    ),
    (
        "listening_last_play_timestamp_seconds",
        "End of the latest play.",
        ("listener_id",),
        "SELECT listener_id, extract(epoch FROM p.ended_at) FROM raw.listener_play_count AS c "
        "CROSS JOIN LATERAL (SELECT max(ended_at) AS ended_at FROM raw.play WHERE listener_id = c.listener_id) AS p",
    ),
    (
        "listening_batches",
        "Number of polls and imports.",
        ("kind", "status"),
        "SELECT kind, status, count(*) FROM landing.batch GROUP BY 1, 2",
    ),
    (
        "listening_oldest_landed_batch_seconds",
        "Age of the oldest poll that waits for the gate; 0 when none waits.",
        (),
        "SELECT coalesce(extract(epoch FROM now() - min(landed_at)), 0) FROM landing.batch WHERE status = 'landed' AND kind = 'poll'",
    ),
    (
        "listening_possible_gaps",
        "Polls before which plays may be missing.",
        (),
        "SELECT count(*) FROM landing.batch WHERE has_gap",
    ),
    (
        "listening_consents",
        "Listeners by the state of their consent.",
        ("state",),
        "SELECT coalesce(t.status, 'none'), count(*) FROM raw.listener LEFT JOIN vault.token AS t USING (listener_id) GROUP BY 1",
    ),
    (
        "listening_consent_ends_timestamp_seconds",
        "End of a listener's consent.",
        ("listener_id",),
        f"SELECT t.listener_id, extract(epoch FROM {CONSENT_ENDS_AT}) FROM vault.token AS t WHERE t.status = 'connected'",
    ),
    (
        "listening_pause_ends_timestamp_seconds",
        "End of a pause that Spotify asked for.",
        ("subject",),
        "SELECT subject, extract(epoch FROM paused_until) FROM vault.pause WHERE paused_until > now()",
    ),
    (
        "listening_catalogue_calls",
        "Calls of Spotify's catalog in the last 24 hours.",
        (),
        "SELECT coalesce(sum(call_count), 0) FROM raw.catalog_calls WHERE minute > now() - interval '24 hours'",
    ),
    (
        "listening_jobs",
        "Jobs of the last 30 days.",
        ("task", "status"),
        "SELECT task_name, status::text, count(*) FROM jobs.procrastinate_jobs GROUP BY 1, 2",
    ),
)

blueprint = APIBlueprint("metrics", __name__, enable_openapi=False)


@blueprint.get("/metrics")
@blueprint.auth_required(operator_only)
def metrics() -> Response:
    """Return the metrics as text. They require the operator's key, because they name listeners."""
    registry = CollectorRegistry()
    with endpoint().pool.connection() as connection:
        registry.register(_Database(connection))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Database(Collector):
    """Collects METRICS from one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, description, labels, query in METRICS:
            family = GaugeMetricFamily(name, description, labels=labels)
            for *values, number in self._connection.execute(query):
                family.add_metric(values, float(number))
            yield family

    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing, so that registration does not read the database."""
        return []
