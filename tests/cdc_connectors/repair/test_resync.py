"""The steps of a resync come in an order in which a kill after any of them leaves a fault, or nothing to do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import psycopg
import pytest

from cdc_connectors.connectors.rest import Connect
from cdc_connectors.errors import CdcError, ResyncRunning
from cdc_connectors.repair import chain as chains
from cdc_connectors.repair import dead_letters
from cdc_connectors.repair import resync as module
from cdc_connectors.repair.chain import Chain, only_repairer
from cdc_connectors.repair.copying import RECORD_TABLE, common_tables
from cdc_connectors.repair.dead_letters import DeadLetter
from cdc_connectors.repair.resync import resync, resync_table
from cdc_connectors.settings import Settings
from common.database import connect
from tests.cdc_connectors.conftest import SECRET, ScriptedConnect
from tests.cdc_connectors.repair.kafka_positions import Positions

STOPPED = {"connector": {"state": "STOPPED"}, "tasks": []}
NAMES = ("main-source", "replica-sink")


@pytest.fixture
def chain(
    monkeypatch: pytest.MonkeyPatch,
    settings: Callable[..., Settings],
    main: psycopg.Connection,
    main_url: str,
    replica_url: str,
    connect_server: ScriptedConnect,
) -> Iterator[Chain]:
    """Yield a chain between a migrated main and replica, of which the owners do the work of the roles."""
    connect_server.set_answers("GET", "/connectors?expand=status", (200, {name: {"status": STOPPED} for name in NAMES}))
    for name in NAMES:
        connect_server.set_answers("GET", f"/connectors/{name}/config", (200, {}))
        for action in ("stop", "resume"):
            connect_server.set_answers("PUT", f"/connectors/{name}/{action}", (202, {}))
        connect_server.set_answers("PATCH", f"/connectors/{name}/offsets", (200, {}))
    given = settings(MAIN_DATABASE_URL=main_url, REPLICA_DATABASE_URL=replica_url)
    kafka = Positions()
    monkeypatch.setattr(kafka, "create", lambda names: [*names], raising=False)
    with connect(replica_url, "test", autocommit=True) as replica:
        yield Chain(given, main, replica, Connect(connect_server.url, SECRET), kafka)  # type: ignore[arg-type]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, chain: Chain, connect_server: ScriptedConnect) -> list[str]:
    """Replace the parts that need other servers. Return the list to which the steps are added."""
    steps: list[str] = []

    def answer(
        method: str,
        path: str,
        body: object,
        real: Callable[[str, str, object], tuple[int, object]] = connect_server.answer,
    ) -> tuple[int, object]:
        if method in ("PUT", "PATCH"):
            steps.append(f"{method} {path.removeprefix('/connectors/')}")
        return real(method, path, body)

    @contextmanager
    def slot(_: object) -> Iterator[tuple[int, str]]:
        steps.append("new slot")
        yield 100, "snapshot"

    monkeypatch.setattr(connect_server, "answer", answer)
    monkeypatch.setattr(module, "new_slot", slot)
    monkeypatch.setattr(module, "open_snapshot", lambda *_: nullcontext(chain.main))
    monkeypatch.setattr(
        module, "copy_tables", lambda _, __, wanted, ___: steps.extend(each.full_name for each in wanted)
    )
    monkeypatch.setattr(module, "tidy", lambda *_: None)
    letters = [DeadLetter("mart.top_item", ("ana",), "refused"), DeadLetter("core.dim_album", ("a",), "refused")]
    monkeypatch.setattr(dead_letters, "read", lambda _: letters)
    monkeypatch.setattr(
        dead_letters,
        "write",
        lambda _, added, removed: steps.append(f"{len(added)} more, {len(removed)} fewer letters"),
    )
    main_url, replica_url = chain.settings.main_database_url, chain.settings.replica_database_url
    assert main_url and replica_url
    monkeypatch.setattr(type(chain.settings), "slot_url", main_url.get_secret_value())
    monkeypatch.setattr(type(chain.settings), "sink_url", replica_url.get_secret_value())
    return steps


def test_record_is_copied_after_everything_that_a_later_start_relies_on(chain: Chain, steps: list[str]) -> None:
    resync(chain, lambda *_: None)
    data = [name for name in common_tables(chain.main, chain.replica) if name != RECORD_TABLE]
    assert steps == [
        "PUT main-source/stop",
        "PUT replica-sink/stop",
        "new slot",
        "PUT main-source/stop",
        "PATCH main-source/offsets",
        *data,
        "0 more, 2 fewer letters",
        "PUT replica-sink/stop",
        "PATCH replica-sink/offsets",
        RECORD_TABLE,
        "PUT replica-sink/resume",
        "PUT main-source/resume",
    ]


def test_main_has_a_new_record_before_the_slot_is_replaced(
    monkeypatch: pytest.MonkeyPatch, chain: Chain, steps: list[str]
) -> None:
    found = []

    @contextmanager
    def slot(_: object) -> Iterator[tuple[int, str]]:
        found.append(chain.main.execute("SELECT kafka_cluster_id FROM cdc.resync").fetchall())
        raise CdcError("killed")
        yield

    monkeypatch.setattr(module, "new_slot", slot)
    with pytest.raises(CdcError, match="killed"):
        resync(chain, lambda *_: None)
    assert found == [[("cluster",)]]


def test_unknown_table_is_refused_with_the_names_of_all(chain: Chain, steps: list[str]) -> None:
    with pytest.raises(CdcError, match=r"no captured table mart\.nothing\. The tables are: audit\.check_result, "):
        resync_table(chain, "mart.nothing", lambda *_: None)
    assert steps == []


def test_one_table_is_not_copied_while_changes_are_lost(
    monkeypatch: pytest.MonkeyPatch, chain: Chain, steps: list[str]
) -> None:
    monkeypatch.setattr(chains, "find_fault", lambda *_: "Kafka lost its data.")
    with pytest.raises(CdcError, match=r"^Kafka lost its data\. So all tables must be copied"):
        resync_table(chain, "core.dim_album", lambda *_: None)
    assert steps == []


def test_one_table_is_copied_while_only_the_sink_is_stopped(
    monkeypatch: pytest.MonkeyPatch, chain: Chain, steps: list[str]
) -> None:
    monkeypatch.setattr(chains, "find_fault", lambda *_: None)
    resync_table(chain, "core.dim_album", lambda *_: None)
    assert steps[:3] == ["PUT replica-sink/stop", "core.dim_album", "0 more, 1 fewer letters"]


def test_only_one_process_repairs(chain: Chain, main_url: str) -> None:
    with connect(main_url, "test", autocommit=True) as other:
        second = Chain(chain.settings, other, chain.replica, chain.connect, chain.topics)
        with only_repairer(chain), pytest.raises(ResyncRunning), only_repairer(second):
            pass
        with only_repairer(second):
            pass
