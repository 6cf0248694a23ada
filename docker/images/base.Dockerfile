# Base of every image: Debian, the user that runs the services, and the folders that this user may write.
FROM debian:trixie-slim

# apt keeps downloaded packages in a cache mount, which is not part of the image. docker-clean would empty this cache.
RUN rm -f /etc/apt/apt.conf.d/docker-clean \
 && groupadd --gid 10001 listening \
 && useradd --uid 10001 --gid listening --home-dir /var/lib/listening --no-create-home --shell /usr/sbin/nologin listening \
 && cd /var/lib && install -d -o listening -g listening listening \
 && cd listening && install -d -o listening -g listening data connect uploads files airflow logs spark tmp
ENV LANG=C.UTF-8
# Only the user of the container can read what it writes.
ENTRYPOINT ["sh", "-c", "umask 077 && exec \"$@\"", "sh"]
WORKDIR /app
