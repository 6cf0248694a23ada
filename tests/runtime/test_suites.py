"""The suites of `make test`."""

from runtime.testing.suites import all_suites


def test_no_two_type_suites_share_a_cache() -> None:
    type_suites = [suite for suite in all_suites() if suite.name.startswith("types ")]
    assert len(type_suites) > 1
    caches = {suite.command[suite.command.index("--cache-dir") + 1] for suite in type_suites}
    assert len(caches) == len(type_suites)
