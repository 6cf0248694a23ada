from tests.flask_endpoint.reconciliation.listening import *  # noqa: F403
from tests.flask_endpoint.source_database import *  # noqa: F403
