#!/usr/bin/env bash
# Builds the image, and checks that its programs run in it and that they do not run as root.
set -euo pipefail
cd "$(dirname "$0")/../.."
image=call-ledger:${GITHUB_SHA:-local}

docker build --tag "$image" .
docker run --rm "$image" node dist/ops/ops.mjs --help >/dev/null
user=$(docker run --rm "$image" id -u)
if [ "$user" -eq 0 ]; then
  echo "the image runs as root" >&2
  exit 1
fi
docker image ls "$image"
