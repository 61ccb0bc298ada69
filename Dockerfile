# restorekit as a command: docker build -t restorekit . (docs/install.md says how to run it)
FROM python:3.13-slim AS build
COPY . /source
ARG EXTRAS=""
RUN python -m venv /opt/restorekit && /opt/restorekit/bin/pip install --no-cache-dir "/source${EXTRAS}"

FROM python:3.13-slim
COPY --from=build /opt/restorekit /opt/restorekit
# Whoever is named by --user keeps a cache, too, which Docker would otherwise put into / where it cannot be written.
RUN useradd --create-home --uid 1000 restorekit && chmod 1777 /home/restorekit && mkdir -m 1777 /photos
ENV HOME=/home/restorekit
USER restorekit
WORKDIR /photos
ENTRYPOINT ["/opt/restorekit/bin/restorekit"]
CMD ["--help"]
