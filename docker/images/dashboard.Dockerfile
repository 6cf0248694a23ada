# The dashboard. npm builds it in the first stage; the image contains only node and the built application.
FROM node AS build

WORKDIR /app/dashboard
COPY dashboard/package.json dashboard/package-lock.json dashboard/.npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --loglevel=error
# The build generates TypeScript types from the table definitions.
COPY sql/main /app/sql/main
COPY dashboard ./
RUN npm run build && chmod -R a+rX,go-w .next/standalone

FROM base

COPY --chmod=0755 docker/bin/health /usr/local/bin/
COPY --from=node /opt/node/bin/node /usr/local/bin/
COPY --from=build /app/dashboard/.next/standalone dashboard/.next/standalone
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1
USER listening
