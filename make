#!/bin/sh
# make -- `./make TARGET` is `make TARGET`, also where make is not installed yet.
set -e
cd "$(dirname "$0")"
command -v make >/dev/null || tools/packages.sh make
exec make "$@"
