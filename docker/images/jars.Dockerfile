# Build stage: the jars of Kafka, Connect, Debezium's connectors and PostgreSQL's JDBC driver, in /opt/jars.
FROM java

ARG DEBIAN_FRONTEND=noninteractive
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update -q && apt-get install -qy --no-install-recommends maven
COPY docker/bin/fetch-jars cdc_connectors/pom.xml cdc_connectors/jars.sha256 /tmp/
RUN --mount=type=cache,target=/root/.m2 /tmp/fetch-jars /tmp/pom.xml /opt/jars
