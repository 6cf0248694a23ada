"""The demo in containers has the same results as the local runtime."""

from pathlib import Path

import pytest

from common.exit_codes import ExitCode
from tests.containers.conftest import Ask, DemoResult, containers, docker, runtime, succeed, tables


def test_both_runtimes_print_same_table(local: DemoResult, demo: DemoResult) -> None:
    assert demo.closing_table == local.closing_table


def test_published_tables_are_equal_in_both_runtimes(local: DemoResult, demo: DemoResult) -> None:
    assert demo.tables == local.tables
    assert all(rows for rows, _ in demo.tables.values())


def test_replica_has_same_rows_as_main(demo: DemoResult, ask: Ask) -> None:
    assert tables(ask, "replica") == demo.tables
    succeed("docker", "verify-replica")


def test_status_reports_healthy_services(demo: DemoResult) -> None:
    output = succeed("docker", "status")
    assert "healthy" in output and "unhealthy" not in output and "published" in output


def test_ports_are_bound_to_loopback_only(demo: DemoResult) -> None:
    addresses = {
        binding["HostIp"]
        for container in containers().values()
        for bindings in container["NetworkSettings"]["Ports"].values()
        for binding in bindings or ()
    }
    assert addresses == {"127.0.0.1"}


def test_no_container_process_runs_as_root(demo: DemoResult) -> None:
    for name, container in containers().items():
        if container["State"]["Running"]:
            users = {line.split()[0] for line in docker("top", container["Id"], "-o", "uid,pid").splitlines()[1:]}
            assert users == {"10001"}, name


def test_containers_mount_no_host_folders(demo: DemoResult) -> None:
    for name, container in containers().items():
        kinds = {mount["Type"] for mount in container["Mounts"] if "spotify_clock" not in mount["Destination"]}
        assert kinds <= {"volume"}, name


def test_second_demo_writes_no_rows(demo: DemoResult, ask: Ask) -> None:
    assert succeed("docker", "demo")
    assert tables(ask) == demo.tables
    load = "SELECT rows_inserted + rows_updated + rows_deleted FROM audit.load ORDER BY load_id DESC LIMIT 1"
    assert ask("main", load) == [(0,)]


@pytest.mark.parametrize(("file", "expected_name"), [("notes.txt", "notes.txt"), ("missing.zip", "missing.zip")])
def test_import_names_file_that_is_not_an_export(
    demo: DemoResult, tmp_path: Path, file: str, expected_name: str
) -> None:
    (tmp_path / "notes.txt").write_text("dear diary")
    done = runtime("docker", "import", "--listener", "nobody", "--files", str(tmp_path / file))
    assert done.returncode != 0 and expected_name in done.stderr and "Traceback" not in done.stderr


def test_second_runtime_does_not_start_while_first_runs(demo: DemoResult) -> None:
    done = runtime("local", "up")
    assert done.returncode == ExitCode.COULD_NOT_RUN
    assert "The docker runtime runs" in done.stderr and "RUNTIME=docker make down" in done.stderr
