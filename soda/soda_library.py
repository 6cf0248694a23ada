"""Import Soda with telemetry off and limited memory use. No other module here imports Soda.

Soda reads its settings on import. Without `config.yml` it would send usage statistics for each scan to its vendor.
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

SAMPLE_ROWS = 3  # failing rows shown in a verdict

logging.getLogger("soda").setLevel(logging.CRITICAL)  # table_scan reads the errors from the scan and reports the first.

_query_of_all_failing_rows = UserDefinedFailedRowsExpressionCheck.get_failed_rows_sql


def _query_of_sample_rows(check: UserDefinedFailedRowsExpressionCheck) -> str:
    """Limit the query: Soda has already counted the rows, and would load all of them into memory."""
    return f"{_query_of_all_failing_rows(check)}\nLIMIT {SAMPLE_ROWS}"


UserDefinedFailedRowsExpressionCheck.get_failed_rows_sql = _query_of_sample_rows
