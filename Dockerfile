# `make image`: an image from the bundle that `make bundle` made, so that building it needs no network but for the base image.
ARG PYTHON=3.11
FROM python:${PYTHON}-slim-bookworm
RUN --mount=type=bind,source=var/bundle,target=/bundle \
    set -eu; \
    folder=$(mktemp -d); \
    tar -C "$folder" -xzf "$(ls -t /bundle/wutong-*.tar.gz | head -1)"; \
    ln -s "$(command -v python3)" "/usr/bin/python${PYTHON_VERSION%.*}"; \
    "$folder"/wutong-*/install.sh /opt/wutong; \
    rm -rf "$folder"
RUN useradd --system --uid 10001 --home-dir /srv/wutong --create-home wutong
ENV PATH=/opt/wutong/current/bin:$PATH WUTONG_DATA=/srv/wutong DJANGO_SETTINGS_MODULE=wutong.web.settings PYTHONUNBUFFERED=1
USER wutong
WORKDIR /srv/wutong
VOLUME /srv/wutong
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
CMD ["gunicorn", "wutong.web.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-class", "gthread", "--threads", "8", "--keep-alive", "30"]
