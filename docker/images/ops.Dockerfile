# The operations jobs: apply migrations, register and watch the connectors, compare the replica with main.
FROM python

COPY --from=cdc-environment /opt/env/cdc /opt/env/cdc
COPY --chmod=0755 docker/bin/health /usr/local/bin/
COPY common common
COPY sql sql
COPY cdc_connectors cdc_connectors
RUN chmod -R a+rX,go-w . && python3 -m compileall -q --invalidation-mode unchecked-hash .
ENV PATH=/opt/env/cdc/bin:${PATH}
USER listening
