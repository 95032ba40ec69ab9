#!/bin/sh
# Writes the TypeScript of the realtime contract from ../proto. Needs the development tools of the server
# (grpcio-tools brings protoc); PYTHON names another interpreter that has them. An argument names another folder to write to.
set -eu
cd "$(dirname "$0")/.."
exec "${PYTHON:-../.venv/bin/python}" -m grpc_tools.protoc -I ../proto \
  --plugin=protoc-gen-es=node_modules/.bin/protoc-gen-es \
  --es_out="${1:-src/lib/realtime/generated}" \
  --es_opt=target=ts,import_extension=none \
  synctv/v1/realtime.proto
