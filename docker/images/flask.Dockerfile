# The endpoint with its worker and the gate that imports pass, and the simulated Spotify.
FROM python

COPY --from=soda-environment /opt/env/soda /opt/env/soda
COPY --from=flask-environment /opt/env/flask /opt/env/flask
COPY --chmod=0755 docker/bin/health /usr/local/bin/
COPY runtime/__init__.py runtime/
COPY runtime/service_log runtime/service_log
COPY common common
COPY soda soda
COPY runtime/spotify runtime/spotify
COPY flask_endpoint flask_endpoint
RUN chmod -R a+rX,go-w . && python3 -m compileall -q --invalidation-mode unchecked-hash .
ENV PATH=/opt/env/flask/bin:${PATH}
USER listening
