#!/bin/bash
# Build the image without a Docker engine and run the services' own commands from it: `make image-test`.
#
# Needs root, Debian or Ubuntu, and four packages (it says so): buildah debootstrap redis-server curl.
# The base image is made by debootstrap, once; set MIRROR and SUITE for another Debian.
# Everything is made under build/image and taken away but the base and the wheels.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$PWD/build/image
suite=${SUITE:-bookworm}
lock=${LOCK:-requirements.lock}  # or requirements-all.lock
base=localhost/shelfbeat-base:$suite
image=localhost/shelfbeat:test
password=imagetest$RANDOM$RANDOM
redis_port=${REDIS_PORT:-16379}
flower_port=${FLOWER_PORT:-15555}
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot BUILDAH_FORMAT=docker

for program in buildah debootstrap redis-server curl; do
    command -v "$program" >/dev/null && continue
    echo "image-test needs $program: apt-get install buildah debootstrap redis-server curl" >&2
    exit 2
done
if [ "$(id -u)" != 0 ]; then
    echo "image-test needs root, for debootstrap and chroot" >&2
    exit 2
fi
mkdir -p "$work/wheels"

say() { printf '\n== %s\n' "$*"; }
fail() {
    echo "FAILED: $*" >&2
    tail -n 20 "$work"/*.log >&2
    exit 1
}

python=$PWD/${VENV:-.venv}/bin/python
containers=() pids=()
# Print the ids of the services' processes whose command contains the words, oldest first. They are known by
# this test's own password: they share the machine's process table, and their root is a mount of buildah's.
processes() {
    local process
    for process in /proc/[0-9]*; do
        grep -qsa -- "$password" "$process/environ" || continue
        if { tr '\0' ' ' <"$process/cmdline"; } 2>/dev/null | grep -q -- "^/opt/shelfbeat/venv/bin/.*$1"; then
            echo "${process#/proc/}"
        fi
    done | sort -n
}

clean_up() {
    # The services first: buildah ends with what it runs, and not the other way round.
    for signal in TERM KILL; do
        for pid in $(processes ''); do kill "-$signal" "$pid" 2>/dev/null || true; done
        for _ in $(seq 30); do [ -z "$(processes '')" ] || sleep 1; done
    done
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
    for container in "${containers[@]}"; do buildah rm "$container" >/dev/null 2>&1 || true; done
    buildah rmi "$image" >/dev/null 2>&1 || true
    rm -rf "$work/redis" "$work"/*.log
}
trap clean_up EXIT

if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
    say "base: $suite by debootstrap"
    rm -rf "$work/root"
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
        "$suite" "$work/root" ${MIRROR:+"$MIRROR"} >"$work/debootstrap.log" || fail debootstrap
    container=$(buildah from scratch)
    containers+=("$container")
    rm -rf "$work/root/var/cache/apt" "$work/root/var/lib/apt/lists"
    buildah add --quiet "$container" "$work/root" / >/dev/null
    buildah commit --quiet "$container" "$base" >/dev/null
    rm -rf "$work/root"
fi

say "wheels, by their hashes"
# Fetched by the base's own Python, since what is needed depends on its version; this machine's certificates
# and PIP_* settings are lent to it, and the image itself sees neither.
container=$(buildah from "$base")
containers+=("$container")
lent=()
for name in ${!PIP_@} ${!SSL_@} http_proxy https_proxy no_proxy; do
    [ -z "${!name:-}" ] || lent+=(--env "$name=${!name}")
done
buildah run "${lent[@]}" --volume /etc/ssl/certs:/etc/ssl/certs:ro --volume "$work/wheels:/wheels" \
    --volume "$PWD/$lock:/requirements.lock:ro" "$container" -- sh -c \
    'python3 -m venv /tmp/venv && /tmp/venv/bin/pip download -qq --only-binary :all: --require-hashes \
     --dest /wheels -r /requirements.lock' || fail "download of the wheels"

say "build"
buildah bud --quiet --layers=false --build-arg "BASE=$base" --build-arg "LOCK=$lock" \
    --build-arg 'PIP_OPTIONS=--no-index --find-links /wheels' --volume "$work/wheels:/wheels:ro" \
    --file compose/Dockerfile --tag "$image" . >"$work/build.log" 2>&1 || fail build
container=$(buildah from "$image")
containers+=("$container")
root=$(buildah mount "$container")
echo "image: $(du -sm "$root" | cut -f1) MB, of them /opt/shelfbeat $(du -sm "$root/opt/shelfbeat" | cut -f1) MB"

# Run a command in the image with the environment that docker-compose.yaml gives.
inside() {
    buildah run \
        --env "SHELFBEAT_REDIS_URL=redis://:$password@127.0.0.1:$redis_port/0" \
        --env "FLOWER_BASIC_AUTH=shelfbeat:$password" --env FLOWER_URL_PREFIX=flower \
        --env FLOWER_ADDRESS=127.0.0.1 --env "FLOWER_PORT=$flower_port" \
        "$container" -- "$@"
}

# Start a service by its own command in docker-compose.yaml, in the background.
serve() {
    local command
    command=$("$python" - "$1" <<'EOF'
import sys
from ruamel.yaml import YAML
with open("docker-compose.yaml") as file:
    print(YAML(typ="safe").load(file)["services"][sys.argv[1]]["command"])
EOF
)
    command=${command//\$\{SHELFBEAT_WORKER_PROCESSES:-2\}/2}
    # The command is split into its words.
    # shellcheck disable=SC2086
    inside $command >"$work/$1.log" 2>&1 &
    pids+=($!)
}

# Try a command for up to a minute.
eventually() {
    local until=$((SECONDS + 60))
    while [ $SECONDS -lt $until ]; do
        "$@" >"$work/try.log" 2>&1 && return
        sleep 1
    done
    fail "$*"
}

status() { curl --silent --output "$work/answer.log" --write-out '%{http_code}' "$@"; }
# Check that a command prints what is wanted: expect WHAT WANTED COMMAND…
expect() {
    local what=$1 wanted=$2 got
    shift 2
    got=$("$@")
    [ "$got" = "$wanted" ] || fail "$what: $got, not $wanted"
    echo "$what: ${wanted:-none}"
}

say "what is in the image"
expect "user id" 10001 inside id -u
expect "files of the service that it may change" "" inside sh -c 'find /opt/shelfbeat -writable -not -type l'
expect "pip" "" inside sh -c 'command -v pip pip3 || true'
inside celery --help >"$work/help.log" || fail "celery --help"
inside shelfbeat --help >"$work/help.log" || fail "shelfbeat --help"

say "a report from the image alone"
buildah run "$container" -- shelfbeat demo >"$work/demo.log" 2>&1 || fail "shelfbeat demo"
grep -a "^Morning" "$work/demo.log"

say "services, started before their Redis"
serve worker
serve beat
serve flower
sleep 5
mkdir -p "$work/redis"
REDIS_PASSWORD=$password REDIS_RUNTIME=$work/redis REDIS_DATA=$work/redis \
    sh compose/redis/start.sh --port "$redis_port" --bind 127.0.0.1 >"$work/redis.log" 2>&1 &
pids+=($!)
eventually inside celery -A worker.app inspect ping --timeout 5
echo "worker answers"
eventually inside python /opt/shelfbeat/compose/beat_health.py
echo "beat ticks"
flower=http://127.0.0.1:$flower_port/flower
eventually curl --silent --fail "$flower/healthcheck"
expect "Flower without login" 401 status "$flower/workers"
expect "its interface without login" 401 status "$flower/api/workers"
expect "Flower with login" 200 status --user "shelfbeat:$password" "$flower/workers"

say "stopping the worker"
main=$(processes 'worker.app worker' | head -n 1)
started=$SECONDS
kill -TERM "$main"
while kill -0 "$main" 2>/dev/null; do
    [ $((SECONDS - started)) -lt 60 ] || fail "the worker did not stop within docker-compose.yaml's stop_grace_period"
    sleep 0.5
done
echo "stopped after $((SECONDS - started)) s"
say "image-test passed"
