# The Spark master and workers, and the packages that a Spark driver needs.
FROM java

COPY --from=spark-environment /opt/env/spark /opt/env/spark
COPY --from=jars /opt/jars/spark /opt/jars/spark
COPY --chmod=0755 docker/bin/health docker/bin/json-lines docker/bin/spark-daemon /usr/local/bin/
COPY common common
COPY spark_scripts spark_scripts
RUN ln -s /opt/env/spark/lib/python3*/site-packages/pyspark /opt/spark \
 && chmod -R a+rX,go-w . && python3 -m compileall -q --invalidation-mode unchecked-hash .
ENV PATH=/opt/env/spark/bin:${PATH}
USER listening
