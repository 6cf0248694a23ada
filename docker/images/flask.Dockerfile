# The endpoint, its worker, the gate for imports, and the simulated Spotify.
FROM python

COPY --from=soda-environment /opt/env/soda /opt/env/soda
COPY --from=flask-environment /opt/env/flask /opt/env/flask
COPY --chmod=0755 docker/bin/health /usr/local/bin/
COPY common common
COPY soda soda
COPY simulated_spotify simulated_spotify
COPY flask_endpoint flask_endpoint
RUN chmod -R a+rX,go-w . && python3 -m compileall -q --invalidation-mode unchecked-hash .
ENV PATH=/opt/env/flask/bin:${PATH}
USER listening
