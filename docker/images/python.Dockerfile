# Shared stage: Debian's Python 3.13, without pip. Images copy complete environments from the stage `environment`.
FROM base

ARG DEBIAN_FRONTEND=noninteractive
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update -q && apt-get install -qy --no-install-recommends python3
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
