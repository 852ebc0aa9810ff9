#!/usr/bin/env bash
# `make bundle-try`: install the bundle and serve from it with the network cut off (Linux, as root: a network namespace that has only loopback).
set -euo pipefail
cd "$(dirname "$0")/.."
archive=$(ls -t var/bundle/wutong-*.tar.gz 2>/dev/null | head -1 || true)
[ -n "$archive" ] || { echo "没有离线安装包，请先运行 make bundle  no bundle in var/bundle: run make bundle first" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -C "$work" -xzf "$archive"
export WORK=$work
unshare --net -- bash -euo pipefail <<'INSIDE'
ip link set lo up
if timeout 3 bash -c 'exec 3<>/dev/tcp/1.1.1.1/80' 2>/dev/null; then echo "the network is not cut off" >&2; exit 1; fi
bundle=$(echo "$WORK"/wutong-*)
"$bundle/install.sh" "$WORK/opt" | head -1
"$bundle/install.sh" "$WORK/opt" | head -1 # again: an upgrade in place
bin=$WORK/opt/current/bin
for name in $(env | sed -n 's/^\(WUTONG_[A-Z_]*\)=.*/\1/p') PYTHONPATH; do unset "$name"; done
export WUTONG_DATA=$WORK/data WUTONG_SECRET_KEY=$("$bin/python" -c 'import secrets; print(secrets.token_urlsafe(50))')
export WUTONG_PLAIN_HTTP=1 DJANGO_SETTINGS_MODULE=wutong.web.settings
mkdir -m 750 "$WUTONG_DATA"
cd "$WORK"
"$bin/wutong" audit key | head -1
"$bin/django-admin" migrate --verbosity 0
"$bin/django-admin" collectstatic --noinput --verbosity 0
"$bin/django-admin" found_office --name 青桐市 --kind city --adcode 990100 > /dev/null
"$bin/wutong" backup --keep 2 | head -1
"$bin/wutong" doctor --lang en || true
"$bin/gunicorn" wutong.web.wsgi:application --bind 127.0.0.1:8765 --workers 1 --threads 4 --log-level warning &
server=$!
trap 'kill $server' EXIT
for _ in $(seq 60); do curl -fsS http://127.0.0.1:8765/health/ready 2>/dev/null && break; sleep 0.5; done
echo
page=$(curl -fsS http://127.0.0.1:8765/login/)
[[ $page == *梧桐* ]] || { echo "no log-in page" >&2; exit 1; }
for address in $(grep -oE '(href|src)="/static/[^"]+"' <<< "$page" | cut -d'"' -f2 | sort -u); do
  curl -fsS -o /dev/null -w "%{http_code} %{url}\n" "http://127.0.0.1:8765$address"
done
echo "installed and served with the network cut off"
INSIDE
