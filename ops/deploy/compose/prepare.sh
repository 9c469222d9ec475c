#!/bin/sh
# Makes what compose.yaml needs and does not have yet: the root key, the database's password, a certificate, and .env.
# Run again, it changes nothing that is there.   Usage: ./prepare.sh HOST_NAME
set -eu
umask 077
cd "$(dirname "$0")"
name=${1:-}
if [ -z "$name" ]; then
  echo 'usage: ./prepare.sh HOST_NAME   (the name by which clients reach the gateway)' >&2
  exit 2
fi
case $name in *[!A-Za-z0-9.-]*) echo "\"$name\" is no host name" >&2; exit 2 ;; esac
random() { openssl rand "$1" | openssl base64 -A | tr '+/' '-_' | tr -d '='; }

mkdir -p secrets
if [ ! -e secrets/root_key ]; then
  random 32 > secrets/root_key
  echo 'made secrets/root_key: keep a copy apart from every backup; without it nothing in the database opens'
fi
if [ ! -e secrets/tls.crt ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -subj "/CN=$name" \
    -addext "subjectAltName=DNS:$name" -keyout secrets/tls.key -out secrets/tls.crt 2> /dev/null
  echo 'made a self-signed certificate in secrets/tls.crt and tls.key: put your own there'
fi
# The containers' users read these through a mount of the file; the folder keeps everybody else of this host out.
chmod 0444 secrets/root_key secrets/tls.crt secrets/tls.key

leaf=$(openssl x509 -in secrets/tls.crt -outform DER | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')
password=$(sed -n 's/^POSTGRES_PASSWORD=//p' .env 2> /dev/null || true)
cat > .env.part << EOF
POSTGRES_PASSWORD=${password:-$(random 24)}
SEALFAX_NAMES=$name
SEALFAX_TLS_LEAF=$leaf
EOF
mv .env.part .env
echo 'ready: docker compose up --detach; the first start shows its secrets once in: docker compose logs gateway'
