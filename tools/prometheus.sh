#!/usr/bin/env bash
# Prints the folder of prometheus and promtool, which try alert rules: from Debian's package, not
# installed.
set -euo pipefail

folder="$(cd "$(dirname "$0")/.." && pwd)/.cache/debian/prometheus"
if [ ! -x "$folder/usr/bin/prometheus" ]; then
  download="$(mktemp -d)"
  trap 'rm -rf "$download"' EXIT
  chmod 755 "$download"
  cd "$download"
  apt-get update -qq >&2
  apt-get download -qq prometheus >&2
  mkdir -p "$folder"
  dpkg-deb --extract prometheus_*.deb "$folder"
fi
echo "$folder/usr/bin"
