"""Soda, imported with its telemetry off and its memory bounded. Nothing else here imports Soda.

Soda reads its settings when it is imported, and without `config.yml` it would report every scan to its maker.
"""

import logging
from pathlib import Path

from soda.common.config_helper import ConfigHelper

ConfigHelper.get_instance(str(Path(__file__).with_name("config.yml")))

from soda.execution.check.user_defined_failed_rows_expression_check import (  # noqa: E402
    UserDefinedFailedRowsExpressionCheck,
)
from soda.sampler.sample_context import SampleContext  # noqa: E402
from soda.sampler.sample_ref import SampleRef  # noqa: E402
from soda.sampler.sampler import Sampler  # noqa: E402
from soda.scan import Scan  # noqa: E402

__all__ = ["SAMPLE_ROWS", "SampleContext", "SampleRef", "Sampler", "Scan"]

SAMPLE_ROWS = 3  # failing rows named in a verdict

logging.getLogger("soda").setLevel(logging.CRITICAL)  # Its logs are read from the scan, and told in one sentence.

_every_failing_row = UserDefinedFailedRowsExpressionCheck.get_failed_rows_sql


def _some_failing_rows(check: UserDefinedFailedRowsExpressionCheck) -> str:
    """Soda has counted the rows before it asks for them, and would hold all of them in memory."""
    return f"{_every_failing_row(check)}\nLIMIT {SAMPLE_ROWS}"


UserDefinedFailedRowsExpressionCheck.get_failed_rows_sql = _some_failing_rows
