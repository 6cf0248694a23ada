# Shared stage: Python and Java 21. JAVA_HOME is a link, because the name of Debian's folder contains the architecture.
FROM python

ARG DEBIAN_FRONTEND=noninteractive
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update -q && apt-get install -qy --no-install-recommends openjdk-21-jre-headless \
 && ln -s /usr/lib/jvm/java-21-openjdk-* /opt/java
ENV JAVA_HOME=/opt/java
