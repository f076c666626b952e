# syntax=docker/dockerfile:1

# `docker build .` makes an image that runs the model on the processor, for x64 and arm64;
# `docker build --build-arg ACCELERATOR=cuda .` one for NVIDIA cards, x64 only, whose driver must
# know CUDA 13 (580 or newer). docs/operations.md says how to run each.
ARG ACCELERATOR=cpu

FROM node:24-bookworm-slim AS build
ARG ACCELERATOR
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
# llama.cpp comes for every kind of processor and card; all but one of them go again.
RUN npm run --silent build \
  && npm prune --omit=dev --no-audit --no-fund \
  && node scripts/prune-llama.mjs "$ACCELERATOR"

FROM node:24-bookworm-slim AS base-cpu

# The libraries that llama.cpp's CUDA build is linked to: libcudart.so.13 and libcublas.so.13.
FROM nvidia/cuda:13.0.1-runtime-ubuntu24.04 AS base-cuda
COPY --from=build /usr/local/bin/node /usr/local/bin/node

FROM base-${ACCELERATOR}
WORKDIR /app
ENV NODE_ENV=production DATA_DIR=/app/data
COPY package.json LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY migrations migrations
COPY models models
COPY scripts/size-worker-pool.cjs scripts/
# Numbers, as the two bases do not have the same users.
RUN mkdir data && chown 1000:1000 data
USER 1000:1000
VOLUME /app/data
STOPSIGNAL SIGTERM
# Unhealthy until it has connected; the first start also fetches the model.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30m --retries=2 \
  CMD ["node", "dist/health-check.js"]
ENTRYPOINT ["node", "--require", "./scripts/size-worker-pool.cjs", "--enable-source-maps", "dist/main.js"]
