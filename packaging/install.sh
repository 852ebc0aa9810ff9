#!/usr/bin/env bash
# 安装梧桐：不需要网络。 Install Wutong; no network is needed.
#   ./install.sh [目录 FOLDER]      默认 default: /opt/wutong
# 每个版本装在 FOLDER/releases/版本 中，FOLDER/current 指向所用版本；再次运行即升级，改回链接即退回。
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-/opt/wutong}
fail() { echo "安装中止 stopped: $*" >&2; exit 1; }

[ -r "$here/BUNDLE" ] || fail "BUNDLE is missing: unpack the whole archive"
# shellcheck source=/dev/null
. "$here/BUNDLE" # version, python, machine
[ "$(uname -m)" = "$machine" ] || fail "this bundle is for $machine, the machine is $(uname -m)"
python_here=$(command -v "python$python" || true)
[ -n "$python_here" ] || fail "python$python is needed (the bundle was made for it), with its venv module"
"$python_here" -c 'import venv, ensurepip' 2>/dev/null || fail "python$python lacks its venv module (Debian: python$python-venv)"
(cd "$here" && sha256sum --quiet --check SHA256SUMS) || fail "a file is not what was packed; copy the archive again"

release=$target/releases/$version
rm -rf "$release.new"
mkdir -p "$target/releases"
"$python_here" -m venv "$release.new"
pip=("$release.new/bin/python" -m pip --disable-pip-version-check --no-cache-dir install --quiet --no-index --find-links "$here/wheels")
"${pip[@]}" --require-hashes -r "$here/requirements.txt"
"${pip[@]}" --no-deps "$here"/wheels/wutong-*.whl
cp -r "$here/systemd" "$here/guide" "$release.new/"
# A venv knows its own path: put it in place, and let the programs in bin know.
rm -rf "$release"
mv "$release.new" "$release"
grep -rIl --exclude-dir=lib "$release.new" "$release/bin" | xargs -r sed -i "s|$release\.new|$release|g"
ln -sfn "releases/$version" "$target/current.new"
mv -T "$target/current.new" "$target/current"
"$target/current/bin/wutong" --help >/dev/null || fail "the installed program does not start"

cat <<END
已安装 installed: 梧桐 Wutong $version → $target/current
下一步 next (管理员手册 $target/current/guide/zh/administrator.md):
  1. 写设置 write the settings, e.g. /etc/wutong.env (600)
  2. wutong 服务 services: cp $target/current/systemd/* /etc/systemd/system/
  3. 建库 database: set -a; . /etc/wutong.env; $target/current/bin/django-admin migrate; … collectstatic --noinput; … found_office
  4. 检查 check: $target/current/bin/wutong doctor
END
