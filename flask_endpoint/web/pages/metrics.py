"""What Prometheus scrapes: how the endpoint stands, read from its database at each scrape, so that every process says the same."""

from collections.abc import Iterator

from apiflask import APIBlueprint
from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg import Connection

from flask_endpoint.spotify.token_store import CONSENT_ENDS_AT
from flask_endpoint.web.security import endpoint, operator_only

# name, help, labels, and a query of the labels' values and the number.
METRICS = (
    ("listening_plays", "Plays held.", ("listener_id",), "SELECT listener_id, count(*) FROM raw.play GROUP BY 1"),
    (
        "listening_last_play_timestamp_seconds",
        "When the latest play ended.",
        ("listener_id",),
        "SELECT listener_id, extract(epoch FROM max(ended_at)) FROM raw.play GROUP BY 1",
    ),
    (
        "listening_batches",
        "Polls and imports.",
        ("kind", "status"),
        "SELECT kind, status, count(*) FROM landing.batch GROUP BY 1, 2",
    ),
    (
        "listening_oldest_landed_batch_seconds",
        "Age of the oldest poll that waits for the gate; 0 without one.",
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
        "When a consent ends.",
        ("listener_id",),
        f"SELECT t.listener_id, extract(epoch FROM {CONSENT_ENDS_AT}) FROM vault.token AS t WHERE t.status = 'connected'",
    ),
    (
        "listening_pause_ends_timestamp_seconds",
        "Until when Spotify asked not to be asked.",
        ("subject",),
        "SELECT subject, extract(epoch FROM paused_until) FROM vault.pause WHERE paused_until > now()",
    ),
    (
        "listening_catalogue_calls",
        "Questions to Spotify's catalogue in the last 24 hours.",
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
    """The metrics as text; with the operator's key, since they name listeners."""
    registry = CollectorRegistry()
    with endpoint().pool.connection() as connection:
        registry.register(_Database(connection))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Database(Collector):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, says, labels, query in METRICS:
            family = GaugeMetricFamily(name, says, labels=labels)
            for *values, number in self._connection.execute(query):
                family.add_metric(values, float(number))
            yield family

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked of the database at registration."""
        return []
