# Build stage: Python with uv, which installs the environments.
FROM python

ARG DEBIAN_FRONTEND=noninteractive
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update -q && apt-get install -qy --no-install-recommends python3-venv
# Compile bytecode now. Python does not compare it with the source at run time, because the files of an image do not change.
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 PYC_INVALIDATION_MODE=UNCHECKED_HASH
COPY runtime/uv.txt /tmp/
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv /opt/uv && /opt/uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r /tmp/uv.txt
