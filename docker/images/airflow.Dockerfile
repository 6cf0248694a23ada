# Airflow, with the environments of the commands that its tasks run: Spark's driver and Soda's gate.
FROM spark

USER root
COPY --from=soda-environment /opt/env/soda /opt/env/soda
COPY --from=airflow-environment /opt/env/airflow /opt/env/airflow
COPY --chmod=0755 docker/bin/airflow-init /usr/local/bin/
COPY soda soda
COPY dags dags
RUN chmod -R a+rX,go-w soda dags && python3 -m compileall -q --invalidation-mode unchecked-hash soda dags
ENV PATH=/opt/env/airflow/bin:${PATH}
USER listening
