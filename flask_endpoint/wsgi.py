"""The WSGI application: `gunicorn --config flask_endpoint/gunicorn.conf.py flask_endpoint.wsgi:app`."""

from flask_endpoint.app import create_app

app = create_app()
