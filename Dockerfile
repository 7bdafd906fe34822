# The API and the command in one image. Build it from the checkout: docker build --tag skillgraph .
#
# The base is pinned by its whole tag. A deployment that must be able to build the same image again pins the digest as
# well: --build-arg BASE=python@sha256:…, and moves it when the base has security fixes (docs/operating.md).
ARG BASE=python:3.11.13-slim-bookworm


FROM ${BASE} AS build

WORKDIR /build

# what is not ours changes seldom, so it has layers of its own; nothing gets in whose hash the lock does not have
COPY requirements.lock ./
RUN pip wheel --no-cache-dir --disable-pip-version-check --no-deps --require-hashes --requirement requirements.lock --wheel-dir /wheels
RUN pip install --no-cache-dir --disable-pip-version-check --upgrade --no-index --find-links /wheels setuptools

COPY pyproject.toml README.md LICENSE NOTICE ./
COPY ontology ontology
COPY loaders loaders
COPY graph graph
COPY queries queries
COPY alerts alerts
COPY api api
COPY cli cli
RUN pip wheel --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir /wheels .

RUN python -m venv --without-pip /opt/skillgraph \
    && pip --python /opt/skillgraph/bin/python install --no-cache-dir --disable-pip-version-check \
        --no-index --find-links /wheels skillgraph


FROM ${BASE}

LABEL org.opencontainers.image.title="Skillgraph" \
      org.opencontainers.image.description="A knowledge graph of skills, roles and learners" \
      org.opencontainers.image.licenses="Apache-2.0"

# the user has no home, no shell and no right to write anywhere but in /data (and /tmp)
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin skillgraph \
    && install --directory --owner=skillgraph --group=skillgraph --mode=0700 /data

COPY --from=build /opt/skillgraph /opt/skillgraph

ENV PATH=/opt/skillgraph/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/data/compiled \
    SKILLGRAPH_HOME=/data \
    SKILLGRAPH_STORE=sqlite:/data/skillgraph.db

WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8000

# whether the process lives; whether it can answer (/readyz) is for whoever sends it requests
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]

ENTRYPOINT ["skillgraph"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
