# The Kafka broker, and Kafka Connect with Debezium's connectors. The command of the service selects one of them.
FROM java

COPY --from=jars /opt/jars/lib /opt/jars/lib
COPY --from=jars /opt/jars/plugins /opt/jars/plugins
COPY --from=cdc-environment /opt/env/cdc /opt/env/cdc
COPY --chmod=0755 docker/bin/health /usr/local/bin/
COPY common common
COPY cdc_connectors cdc_connectors
RUN chmod -R a+rX,go-w . && python3 -m compileall -q --invalidation-mode unchecked-hash .
ENV PATH=/opt/env/cdc/bin:${PATH}
USER listening
