from tests.flask_endpoint.web_stack import *  # noqa: F403
