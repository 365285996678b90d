#!/usr/bin/env bash
# Prints the folder with the files of a package of Debian's (`tools/unpacked.sh prometheus`), for
# tests: downloaded once, not installed.
set -euo pipefail

package="$1"
cache="$(cd "$(dirname "$0")/.." && pwd)/.cache/debian"
if [ ! -d "$cache/$package" ]; then
  mkdir -p "$cache"
  download="$(mktemp -d -p "$cache")"
  trap 'rm -rf "$download"' EXIT
  # apt downloads as a user of its own.
  chmod 755 "$download"
  cd "$download"
  # Without it the lists may be old, and the download says so.
  apt-get update -qq >&2 || true
  apt-get download -qq "$package" >&2
  dpkg-deb --extract "$package"_*.deb files
  # As a whole: who is interrupted leaves nothing that looks complete.
  mv files "$cache/$package"
fi
echo "$cache/$package"
