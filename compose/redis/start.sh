#!/bin/sh
# Start Redis with what must not stand in a file of the repository or in the process list.
#
# REDIS_PASSWORD   needed: of the user `default`, who may do everything; letters and digits, as it is also part of
#                  an address
# REDIS_WORKER_PASSWORD, REDIS_BEAT_PASSWORD, REDIS_CONSOLE_PASSWORD, REDIS_FETCH_PASSWORD, REDIS_FLOWER_PASSWORD
#                  of the users of these names; a user without a password is not made
# REDIS_MAXMEMORY  such as 1gb
# REDIS_TLS        folder with server.crt, server.key and ca.crt: also listen with TLS, on 6380
# REDIS_DATA       folder of the append-only file; default /data
# REDIS_RUNTIME    folder that the finished configuration is written to; default /run/redis
# Arguments go to redis-server and are stronger than the file.
set -eu
umask 077

: "${REDIS_PASSWORD:?is not set}"
for name in REDIS_PASSWORD REDIS_WORKER_PASSWORD REDIS_BEAT_PASSWORD REDIS_CONSOLE_PASSWORD REDIS_FETCH_PASSWORD \
    REDIS_FLOWER_PASSWORD; do
    eval "password=\${$name:-}"
    case $password in
    *[!A-Za-z0-9]*)
        echo "$name: letters and digits only (openssl rand -hex 32)" >&2
        exit 2
        ;;
    esac
done

# What Celery works with: queues and what is taken from them, who listens to what, results, answers to questions.
queues="~control ~control:* ~fetch ~fetch:*"
celery="~unacked* ~_kombu.* ~celery-* ~celeryev.* ~*.celery.pidbox* &*"
# No administration, nothing that halts or empties the server, no code but scripts.
rights="+@all -@admin -@dangerous -@scripting +eval +evalsha +script|load +script|exists"

# Print one line of the ACL file: user NAME PASSWORD RIGHTS…
user() {
    [ -n "$2" ] || return 0
    name=$1 password=$2
    shift 2
    echo "user $name on >$password $*"
}

here=$(dirname "$0")
runtime=${REDIS_RUNTIME:-/run/redis}
conf=$runtime/redis.conf
{
    user default "$REDIS_PASSWORD" "~*" "&*" "+@all"
    user worker "${REDIS_WORKER_PASSWORD:-}" "~sb:*" "$queues" "$celery" "$rights" "+info"
    user beat "${REDIS_BEAT_PASSWORD:-}" "~sb:*" "$queues" "$celery" "$rights" "+info"
    user console "${REDIS_CONSOLE_PASSWORD:-}" "~sb:*" "$queues" "$celery" "$rights" "+info"
    # A further machine: the runs that it fetches for, and what the fleet knows of shops. It cannot look around.
    user fetch "${REDIS_FETCH_PASSWORD:-}" "~sb:run:*" "~sb:active" "~sb:untold" "~sb:job:*:published" "~sb:aside" "~sb:pace:*" "~sb:cond:*" \
        "~sb:robots:*" "$queues" "$celery" "$rights" "-scan -randomkey -dbsize"
    # Watches: sees how long queues are and what workers tell; asks them, and reads nothing of a run.
    user flower "${REDIS_FLOWER_PASSWORD:-}" "%R~control* %R~fetch*" "$celery" "$rights" \
        "-scan -randomkey -dbsize"
} >"$runtime/users.acl"
{
    cat "$here/redis.conf"
    echo "dir ${REDIS_DATA:-/data}"
    echo "aclfile $runtime/users.acl"
    echo "maxmemory ${REDIS_MAXMEMORY:-1gb}"
    if [ -n "${REDIS_TLS:-}" ]; then
        echo "tls-port 6380"
        echo "tls-cert-file $REDIS_TLS/server.crt"
        echo "tls-key-file $REDIS_TLS/server.key"
        echo "tls-ca-cert-file $REDIS_TLS/ca.crt"
        echo "tls-auth-clients no"  # the password tells who may come in
    fi
} >"$conf"

unset password REDIS_PASSWORD REDISCLI_AUTH REDIS_WORKER_PASSWORD REDIS_BEAT_PASSWORD REDIS_CONSOLE_PASSWORD \
    REDIS_FETCH_PASSWORD REDIS_FLOWER_PASSWORD
exec redis-server "$conf" "$@"
