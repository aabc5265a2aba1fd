#!/bin/sh
# Start Redis with what must not stand in a file of the repository or in the process list.
#
# REDIS_PASSWORD   needed; letters and digits, as it is also part of an address
# REDIS_MAXMEMORY  such as 1gb
# REDIS_TLS        folder with server.crt, server.key and ca.crt: also listen with TLS, on 6380
# REDIS_DATA       folder of the append-only file; default /data
# REDIS_RUNTIME    folder that the finished configuration is written to; default /run/redis
# Arguments go to redis-server and are stronger than the file.
set -eu
umask 077

: "${REDIS_PASSWORD:?is not set}"
case $REDIS_PASSWORD in
*[!A-Za-z0-9]*)
    echo "REDIS_PASSWORD: letters and digits only (openssl rand -hex 32)" >&2
    exit 2
    ;;
esac

here=$(dirname "$0")
conf=${REDIS_RUNTIME:-/run/redis}/redis.conf
{
    cat "$here/redis.conf"
    echo "dir ${REDIS_DATA:-/data}"
    echo "requirepass $REDIS_PASSWORD"
    echo "maxmemory ${REDIS_MAXMEMORY:-1gb}"
    if [ -n "${REDIS_TLS:-}" ]; then
        echo "tls-port 6380"
        echo "tls-cert-file $REDIS_TLS/server.crt"
        echo "tls-key-file $REDIS_TLS/server.key"
        echo "tls-ca-cert-file $REDIS_TLS/ca.crt"
        echo "tls-auth-clients no"  # the password tells who may come in
    fi
} >"$conf"

unset REDIS_PASSWORD REDISCLI_AUTH
exec redis-server "$conf" "$@"
