# Build stage: the jars of Kafka, Connect, Debezium's connectors and PostgreSQL's JDBC driver, in /opt/jars.
FROM java

ARG DEBIAN_FRONTEND=noninteractive
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update -q && apt-get install -qy --no-install-recommends maven
COPY cdc_connectors/pom.xml /tmp/
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B -q -f /tmp/pom.xml process-resources -Dout=/opt/jars && rm -r /opt/jars/.unpacked
