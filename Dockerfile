# One build stage, two targets: `docker build --target gateway .` and `docker build --target config-agent .`
# The same steps as `make build`; the programs link the distribution's OpenSSL.
FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends cmake pkg-config libssl-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin gatewright-gateway --bin gatewright-agent --bin gatewright

FROM debian:bookworm-slim AS base
RUN apt-get update && apt-get install -y --no-install-recommends libssl3 ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/gatewright --create-home gatewright \
    && install -d -o gatewright -g gatewright -m 0750 /run/gatewright /etc/gatewright/config
USER 10001:10001
WORKDIR /var/lib/gatewright

FROM base AS config-agent
COPY --from=build /src/target/release/gatewright-agent /src/target/release/gatewright /usr/bin/
VOLUME ["/run/gatewright", "/var/lib/gatewright"]
ENTRYPOINT ["/usr/bin/gatewright-agent"]
CMD ["run", "--folder", "/etc/gatewright/config", "--socket", "/run/gatewright/feed.sock", "--backup", "/var/lib/gatewright/agent"]

FROM base AS gateway
COPY --from=build /src/target/release/gatewright-gateway /usr/bin/
VOLUME ["/run/gatewright", "/var/lib/gatewright"]
EXPOSE 8080 8081
ENTRYPOINT ["/usr/bin/gatewright-gateway"]
CMD ["--socket", "/run/gatewright/feed.sock", "--listen", "0.0.0.0:8080", "--admin", "0.0.0.0:8081", "--backup", "/var/lib/gatewright/gateway"]
