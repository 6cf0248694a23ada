# Airflow, with the environments of the commands that its tasks run: Spark's driver, Soda's gate, the verification of the replica.
FROM spark

USER root
COPY --from=soda-environment /opt/env/soda /opt/env/soda
COPY --from=cdc-environment /opt/env/cdc /opt/env/cdc
COPY --from=airflow-environment /opt/env/airflow /opt/env/airflow
COPY --chmod=0755 docker/bin/airflow-init /usr/local/bin/
COPY soda soda
COPY cdc_connectors cdc_connectors
COPY dags dags
RUN chmod -R a+rX,go-w soda cdc_connectors dags \
 && python3 -m compileall -q --invalidation-mode unchecked-hash soda cdc_connectors dags
ENV PATH=/opt/env/airflow/bin:${PATH}
USER listening
