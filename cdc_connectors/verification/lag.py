"""Print how many seconds the replica is behind: `python -m cdc_connectors.verification.lag [--json]`.

Debezium updates the heartbeat row in main every 5 s. The lag is the age of that row in the replica, so a healthy, idle
replica shows between 0 and about 5 s.
"""

import json

import click

from cdc_connectors.command import command
from cdc_connectors.settings import APPLICATION, Settings
from common.database import connect
from common.settings import load_settings


def replication_lag(main_url: str, replica_url: str) -> float | None:
    """Return the seconds between main's clock and the replica's newest heartbeat; None before the first one."""
    with connect(replica_url, APPLICATION) as replica:
        beat = replica.execute("SELECT max(at) FROM cdc.heartbeat").fetchone()
    with connect(main_url, APPLICATION) as main:
        now = main.execute("SELECT now()").fetchone()
    if beat is None or now is None or beat[0] is None:
        return None
    return max(0.0, float((now[0] - beat[0]).total_seconds()))


@command
@click.option("--json", "is_json", is_flag=True, help="Print a JSON object.")
def main(is_json: bool) -> None:
    """Print how many seconds the replica is behind."""
    settings = load_settings(Settings)
    lag = replication_lag(settings.require("main_database_url"), settings.require("replica_database_url"))
    if is_json:
        click.echo(json.dumps({"lag_seconds": lag}))
    else:
        click.echo(
            "No heartbeat has reached the replica yet." if lag is None else f"The replica is {lag:.1f} s behind."
        )


if __name__ == "__main__":
    main()
