# What every container runs on: Debian, the user the services run as, the folders that user may write.
FROM debian:trixie-slim

# The packages that apt fetches are kept in a cache mount, and so out of the images; this file would delete them there.
RUN rm -f /etc/apt/apt.conf.d/docker-clean \
 && groupadd --gid 10001 listening \
 && useradd --uid 10001 --gid listening --home-dir /var/lib/listening --no-create-home --shell /usr/sbin/nologin listening \
 && cd /var/lib && install -d -o listening -g listening listening \
 && cd listening && install -d -o listening -g listening data connect uploads airflow logs spark tmp
ENV LANG=C.UTF-8
WORKDIR /app
