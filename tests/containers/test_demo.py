"""The demo in containers ends with the figures of the local runtime."""

import pytest
from conftest import containers, docker, runtime, succeed, tables


def test_both_runtimes_end_with_the_same_table(local, demo):
    assert demo.closing_table == local.closing_table


def test_every_row_of_every_table_is_the_same(local, demo):
    assert demo.tables == local.tables
    assert all(rows for rows, _ in demo.tables.values())


def test_the_replica_holds_the_same_rows(demo, ask):
    assert tables(ask, "replica") == demo.tables
    succeed("docker", "verify-replica")


def test_every_service_is_healthy_and_told_so(demo):
    told = succeed("docker", "status")
    assert "healthy" in told and "unhealthy" not in told and "published" in told


def test_nothing_is_published_beyond_loopback(demo):
    addresses = {
        binding["HostIp"]
        for container in containers().values()
        for bindings in container["NetworkSettings"]["Ports"].values()
        for binding in bindings or ()
    }
    assert addresses == {"127.0.0.1"}


def test_no_process_in_a_container_is_roots(demo):
    for name, container in containers().items():
        if container["State"]["Running"]:
            users = {line.split()[0] for line in docker("top", container["Id"], "-o", "uid,pid").splitlines()[1:]}
            assert users == {"10001"}, name


def test_the_containers_share_no_folder_of_this_machine(demo):
    for name, container in containers().items():
        kinds = {mount["Type"] for mount in container["Mounts"] if "spotify_clock" not in mount["Destination"]}
        assert kinds <= {"volume"}, name


def test_a_second_demo_adds_nothing(demo, ask):
    assert succeed("docker", "demo")
    assert tables(ask) == demo.tables
    load = "SELECT rows_inserted + rows_updated + rows_deleted FROM audit.load ORDER BY load_id DESC LIMIT 1"
    assert ask("main", load) == [(0,)]


@pytest.mark.parametrize(("file", "said"), [("notes.txt", "notes.txt"), ("missing.zip", "missing.zip")])
def test_a_file_that_is_no_export_is_refused_by_name(demo, tmp_path, file, said):
    (tmp_path / "notes.txt").write_text("dear diary")
    done = runtime("docker", "import", "--listener", "nobody", "--files", str(tmp_path / file))
    assert done.returncode != 0 and said in done.stderr and "Traceback" not in done.stderr


def test_the_other_runtime_is_refused_while_this_one_runs(demo):
    done = runtime("local", "up")
    assert done.returncode == 1
    assert "The docker runtime runs" in done.stderr and "RUNTIME=docker make down" in done.stderr
