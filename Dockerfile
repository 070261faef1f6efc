# Sevgate in a container: what `npm pack` makes, on a Node without shell and npm. docs/install/server.md says how to use it,
# docs/decisions/0047-an-image-without-a-shell.md why it is so, and scripts/try-image.sh tries all that it promises.
#
#   docker build -t sevgate .
#   docker buildx build --platform linux/amd64,linux/arm64 -t REGISTRY/sevgate --push .
#
# Both bases can be others: one with npm and tar to build, one with Node 24.15 or newer to run.
ARG BUILD_BASE=docker.io/library/node:24-trixie-slim
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot

# No native code: what one machine builds runs on every other.
FROM --platform=$BUILDPLATFORM ${BUILD_BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# Exactly what the package contains. /data may be written by whoever the container runs as: a
# new volume takes that over (A-135).
RUN npm pack --silent --pack-destination /tmp \
  && mkdir -p /image/app /image/data \
  && tar -xzf /tmp/sevgate-*.tgz -C /image/app --strip-components=1 --no-same-owner \
  && chmod -R a+rX,go-w /image/app \
  && chmod 1777 /image/data

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Sevgate" \
  org.opencontainers.image.description="A GitHub App that turns labeled issues into incidents and keeps them open until the team has learned something." \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# Both folders at once: one that is copied by its own name loses the rights it has.
COPY --from=build /image/ /
# Distroless has its Node in /nodejs (A-134), others in /usr/local.
ENV PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin \
  NODE_ENV=production \
  DATA_DIR=/data \
  LOG_FORMAT=json
# A number, so that Kubernetes can see that it is not root. Any other will do as well.
USER 65532:65532
# A .env in here is read, which `setup` writes to where it is started.
WORKDIR /data
VOLUME ["/data"]
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s --retries=3 \
  CMD ["node", "/app/bin/sevgate.js", "healthcheck"]
ENTRYPOINT ["node", "--max-semi-space-size=2", "/app/bin/sevgate.js"]
CMD ["start"]
