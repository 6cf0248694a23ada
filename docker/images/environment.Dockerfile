# One component's locked packages, in an environment of their own: /opt/env/NAME from COMPONENT/requirements.txt.
FROM builder

ARG NAME COMPONENT
COPY ${COMPONENT}/requirements.txt /tmp/
# uv's lock, which it leaves behind, everyone may write.
RUN --mount=type=cache,target=/root/.cache/uv \
    /opt/uv/bin/uv venv --quiet --python /usr/bin/python3 /opt/env/${NAME} \
 && /opt/uv/bin/uv pip install --quiet --python /opt/env/${NAME}/bin/python --require-hashes -r /tmp/requirements.txt \
 && rm /opt/env/${NAME}/.lock
