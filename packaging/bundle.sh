#!/usr/bin/env bash
# `make bundle`: everything an installation needs, in one archive for this kind of machine and this Python: var/bundle/wutong-….tar.gz
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
version=$($python -c 'import tomllib, pathlib; print(tomllib.loads(pathlib.Path("pyproject.toml").read_text("utf-8"))["project"]["version"])')
tag=$($python -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')
machine=$(uname -m)
name=wutong-$version-python$tag-$machine
out=var/bundle
rm -rf "$out/$name"
mkdir -p "$out/$name/wheels"

$python -m pip download --quiet --require-hashes --only-binary=:all: --dest "$out/$name/wheels" -r requirements/base.txt
rm -rf build # what an older build left must not come along
$python -m pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir "$out/$name/wheels" .
cp packaging/install.sh requirements/base.txt LICENSE NOTICE README.md README.zh.md CHANGELOG.md "$out/$name/"
mv "$out/$name/base.txt" "$out/$name/requirements.txt"
cp -r packaging/systemd "$out/$name/systemd"
cp -r docs/guide "$out/$name/guide"
cp docs/settings.md "$out/$name/guide/"
printf 'version=%s\npython=%s\nmachine=%s\n' "$version" "$tag" "$machine" > "$out/$name/BUNDLE"
(cd "$out/$name" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum > SHA256SUMS)
tar -C "$out" --sort=name --owner=0 --group=0 -czf "$out/$name.tar.gz" "$name"
sha256sum "$out/$name.tar.gz"
du -h "$out/$name.tar.gz"
