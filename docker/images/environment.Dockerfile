# Build stage: the environment /opt/env/NAME with the locked packages of COMPONENT/requirements.txt.
FROM builder

ARG NAME COMPONENT
COPY ${COMPONENT}/requirements.txt /tmp/
# uv leaves a world-writable lock file behind; remove it.
RUN --mount=type=cache,target=/root/.cache/uv \
    /opt/uv/bin/uv venv --quiet --python /usr/bin/python3 /opt/env/${NAME} \
 && /opt/uv/bin/uv pip install --quiet --python /opt/env/${NAME}/bin/python --require-hashes -r /tmp/requirements.txt \
 && rm /opt/env/${NAME}/.lock
