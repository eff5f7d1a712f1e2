FROM python:3.13-slim AS build
WORKDIR /easel
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY bot bot
COPY workflows workflows
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable .

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 easel && install -d -o easel -g easel /easel/out /easel/data
COPY --from=build /venv /venv
COPY --from=build --chown=easel /easel /easel
USER easel
WORKDIR /easel
# Jobs and pictures are kept in /easel/data, with a config.toml in /easel and without one: keep it on a volume.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 XDG_DATA_HOME=/easel/data
VOLUME /easel/data
EXPOSE 8080
# Mount your settings at /easel/config.toml. The console listens on loopback unless told otherwise: to reach it from
# outside the container, set EASEL_CONSOLE__HOST=0.0.0.0 and publish the port. A bot's token comes in EASEL_TELEGRAM__TOKEN
# (--env-file), or in a file that belongs to user 10001 and has mode 600. It stops cleanly on SIGTERM, and reads its
# settings again on SIGHUP: docker kill --signal HUP NAME.
ENTRYPOINT ["easel"]
CMD ["run"]
