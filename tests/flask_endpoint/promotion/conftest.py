from tests.flask_endpoint.promotion.listening import *  # noqa: F403
from tests.flask_endpoint.source_database import *  # noqa: F403
