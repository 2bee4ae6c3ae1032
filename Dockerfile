# Two stages: compiler and headers stay in the first, the second has the driver's library only.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends default-libmysqlclient-dev gcc pkg-config \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt /src/
COPY requirements/base.txt requirements/mysql.txt /src/requirements/
RUN pip install --no-cache-dir --require-hashes -r /src/requirements.txt

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libmariadb3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /home/portal portal \
    && install -d -o portal -g portal /srv/portal /srv/portal/var /srv/portal/var/media
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=globalselling.settings.production
WORKDIR /srv/portal
COPY --chown=portal:portal . .
USER portal
# Values only for this one command: it reads the settings but opens no connection.
RUN SECRET_KEY=build PERSONAL_DATA_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    DATABASE_URL=sqlite:///:memory: CELERY_BROKER_URL=memory:// \
    ALLOWED_HOSTS=localhost PORTAL_URL=https://localhost \
    python manage.py collectstatic --noinput
VOLUME /srv/portal/var/media
EXPOSE 8000
# As the proxy in front would ask: over TLS, for the portal's own host.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0], 'X-Forwarded-Proto': 'https'}), timeout=4)"]
CMD ["granian", "--interface", "asginl", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--respawn-failed-workers", "globalselling.asgi:application"]
