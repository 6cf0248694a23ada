from tests.flask_endpoint.imports.commands import export, query, run, url  # noqa: F401
from tests.flask_endpoint.source_database import *  # noqa: F403
