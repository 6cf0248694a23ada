"""The WSGI application: `gunicorn --config flask_endpoint/gunicorn.conf.py flask_endpoint.wsgi:app`."""

from flask_endpoint.app import create_app
from flask_endpoint.serving import with_timed_bodies

app = create_app()
app.wsgi_app = with_timed_bodies(app.wsgi_app)  # type: ignore[assignment, method-assign]
