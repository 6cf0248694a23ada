# PostgreSQL 17 from Debian; one server per container.
FROM base

# Do not create a cluster when Debian's package is installed: the container creates it on its first start. The just-in-time
# compiler is left out: it is three times the size of PostgreSQL, and the binaries of the local runtime do not have it either.
ARG DEBIAN_FRONTEND=noninteractive
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    printf 'path-exclude=%s\n' '/usr/lib/*/libLLVM*' '/usr/lib/llvm-*' '/usr/lib/*/libz3.so*' '/usr/lib/postgresql/*/lib/bitcode/*' \
      '/usr/lib/postgresql/*/lib/llvmjit*' > /etc/dpkg/dpkg.cfg.d/no-jit \
 && apt-get update -q && apt-get install -qy --no-install-recommends postgresql-common \
 && sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
 && apt-get install -qy --no-install-recommends postgresql-17
ENV PATH=/usr/lib/postgresql/17/bin:${PATH}
COPY --chmod=0755 docker/bin/health docker/bin/json-lines docker/bin/postgres-server /usr/local/bin/
USER listening
