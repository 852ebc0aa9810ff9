# What a person types. `make` alone prints this list.
# Everything is set up inside the clone: .venv, node_modules, var. A second call of any target is quick.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
PY := $(BIN)/python
RULES := $(wildcard src/wutong/web/*/rules.py src/wutong/web/*/rules/*.py src/wutong/web/*/actions.py src/wutong/web/*/actions/*.py)
ASSETS := $(wildcard package.json)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header
CATALOGUES := $(wildcard src/wutong/web/locale/*/LC_MESSAGES/*.po src/wutong/web/*/locale/*/LC_MESSAGES/*.po)
COMPILED := $(CATALOGUES:.po=.mo)
VENDOR := src/wutong/web/static/vendor
ICONS := $(VENDOR)/icons.svg
VENDORED := $(addprefix $(VENDOR)/,tabler.min.css tabler.min.js htmx.min.js echarts.min.js tabler-icons.LICENSE \
  echarts.LICENSE echarts.NOTICE) $(ICONS)
ADDRESS ?= $(or $(WUTONG_HOST),127.0.0.1):$(or $(WUTONG_PORT),8000)

# Without gettext of the system. pybabel's own command refuses a plural that names more than its singular.
define COMPILE
import sys
from pathlib import Path
from babel.messages import mofile, pofile
for path in map(Path, sys.argv[1:]):
    with path.open("rb") as source, path.with_suffix(".mo").open("wb") as target:
        mofile.write_mo(target, pofile.read_po(source))
endef
export COMPILE

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup run test check fix bench mutate bundle bundle-try image lock system-deps clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

# ── set-up ────────────────────────────────────────────────────────────────────────────────────────────────────────────
setup: .venv/.installed $(if $(ASSETS),$(VENDORED)) $(COMPILED) ## set up .venv, node_modules and message catalogues

.venv/.python:
	@for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then echo 'Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3-venv)' >&2; exit 1; fi; \
	echo "making .venv with $$($$found --version)"; \
	$$found -m venv .venv
	@touch $@

.venv/.required: .venv/.python requirements/dev.txt
	@echo "安装 Python 组件，首次约需几分钟 installing Python packages into .venv, some minutes the first time …"
	$(PY) -m pip install --quiet --no-compile --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.installed: .venv/.required pyproject.toml
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@

node_modules/.installed: package.json package-lock.json .npmrc
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo 'Node 20 or newer is needed' >&2; exit 1; }
	@echo "取得网页组件 fetching what the pages load with npm …"
	npm ci --no-progress --loglevel=error
	@touch $@

# What is made is itself the target, so that a file thrown away is made again. The icons are written last; one build makes them all.
$(ICONS): node_modules/.installed src/wutong/web/assets.mjs
	npm run build --silent

$(filter-out $(ICONS),$(VENDORED)): | $(ICONS)
	@test -e $@ || npm run build --silent

$(COMPILED): %.mo: %.po | .venv/.installed
	@$(PY) -W error -c "$$COMPILE" $<

# ── use ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
run: setup ## make the demo and serve it (FIRMS=path: a real registry; REGION=code: for whom)
	$(BIN)/wutong demo $(if $(FIRMS),--firms "$(FIRMS)") $(if $(REGION),--region "$(REGION)") --serve $(ADDRESS)

# ── proof ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
test: setup ## every test, on SQLite and, where a server is installed, on PostgreSQL; says what it skipped
	$(PY) tests/suite.py

# Checks read no data of the office: a key and a folder of their own.
CHECKING := WUTONG_SECRET_KEY=only-for-checks WUTONG_DATA=var/check WUTONG_WAREHOUSE=var/check/warehouse WUTONG_DATABASE_URL=

check: setup ## style, types, import contracts, rulebook, migrations, generated documents
	@$(MAKE) --no-print-directory -j2 check-rooms check-engine check-style check-office

.PHONY: check-style check-engine check-rooms check-office
check-style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

check-engine:
	$(BIN)/mypy -p wutong.engine -p wutong.rulebook

check-rooms:
	MYPYPATH=src:tests $(CHECKING) $(BIN)/mypy --cache-dir .mypy_cache/rooms --config-file mypy-rooms.toml $(RULES) benchmarks/*.py

check-office:
	$(CHECKING) $(BIN)/wutong check
	$(CHECKING) $(BIN)/django-admin makemigrations --check --dry-run --settings wutong.web.settings
	$(CHECKING) $(BIN)/django-admin check --fail-level WARNING --settings wutong.web.settings
	$(PY) docs/generate.py --check

fix: setup ## put style in order and make the generated documents again
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(PY) docs/generate.py

bench: setup ## every measurement of benchmarks/ (FIRMS=path: a real registry), JSON to var/benchmarks
	@mkdir -p var/benchmarks
	@for file in benchmarks/*.py; do \
	  name=$$(basename "$$file" .py); echo "── $$name"; \
	  $(PY) "$$file" "$(or $(FIRMS),../shared/data/firms.parquet)" | tee "var/benchmarks/$$name.json"; \
	done

mutate: setup ## worth of the tests: share of planted changes in rules, formulas and scoring that a test notices
	$(PY) tests/mutation.py

# ── to an office without network ──────────────────────────────────────────────────────────────────────────────────────
bundle: setup ## one archive that installs without network: var/bundle/
	packaging/bundle.sh

bundle-try: ## install the bundle and serve from it with the network cut off (Linux, root)
	packaging/try.sh

image: bundle ## a container image from the bundle (needs docker)
	docker build --build-arg PYTHON=$$($(PY) -c 'import sys; print("%d.%d" % sys.version_info[:2])') --tag wutong:latest .

# ── house-keeping ─────────────────────────────────────────────────────────────────────────────────────────────────────
lock: setup ## compile requirements/*.txt again from pyproject.toml (UPGRADE=1: newest versions)
	$(PY) -m pip install --quiet --require-hashes -r requirements/lock.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements/base.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) --extra dev pyproject.toml -o requirements/dev.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/lock.in -o requirements/lock.txt

SYSTEM_PACKAGES := chromium chromium-driver fonts-noto-cjk libreoffice-calc-nogui postgresql

system-deps: ## Debian: a browser, Chinese fonts, LibreOffice Calc and PostgreSQL for the tests
	@missing=(); \
	for package in $(SYSTEM_PACKAGES); do \
	  [ "$$(dpkg-query -W -f='$${db:Status-Status}' "$$package" 2>/dev/null || true)" = installed ] || missing+=("$$package"); \
	done; \
	if [ $${#missing[@]} = 0 ]; then echo 'system packages: all present'; exit 0; fi; \
	as_root=(); [ "$$(id -u)" = 0 ] || as_root=(sudo); \
	"$${as_root[@]}" apt-get update -qq; \
	"$${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${missing[@]}"

clean: ## throw away what setup made; var/ (data) stays
	rm -rf .venv node_modules mutants build src/*.egg-info
