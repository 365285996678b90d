#!/usr/bin/env bash
# Prints the folder with the Python versions asked for (`tools/python.sh 3.14 3.15`), for tests.
# Takes them, with the libraries that they need, from Debian's unstable suite; installs nothing.
set -euo pipefail

home="$(cd "$(dirname "$0")/.." && pwd)/.cache/python"
tree="$home/tree"

fail() {
  echo "tools/python.sh: $1" >&2
  exit 1
}

mirror() {
  # The one that this machine's apt takes Debian itself from.
  # shellcheck disable=SC1091,SC2016 # apt's own placeholders
  (. /etc/os-release && apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
    "Release: $VERSION_CODENAME" 'Component: main') | head -1
}

apt() {
  # A state of its own that knows no installed package: so everything needed is fetched, and the
  # machine's own lists and packages stay as they are.
  apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$home/apt/sources" \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o Dir::State="$home/apt" -o Dir::State::status="$home/apt/status" \
    -o Dir::Cache="$home/apt/cache" -o APT::Sandbox::User="$(id -un)" \
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false \
    -o Debug::NoLocking=1 "$@" >&2
}

download() {
  local from
  from="$(mirror)"
  [ -n "$from" ] || fail "apt knows no Debian mirror (run apt-get update)"
  mkdir -p "$home/apt/sources" "$home/apt/lists/partial" "$home/apt/cache/archives/partial"
  printf '%s\n' "Types: deb" "URIs: $from" "Suites: sid" "Components: main" \
    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg" >"$home/apt/sources/sid.sources"
  : >"$home/apt/status"
  apt update
  apt install --download-only --yes --no-install-recommends patchelf "${packages[@]}" ||
    fail "Debian's unstable suite has not all of: ${packages[*]}"
}

unpack() {
  local name package
  for name in bin lib lib64 sbin; do
    mkdir -p "$tree/usr/$name"
    ln -s "usr/$name" "$tree/$name"
  done
  for package in "$home"/apt/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar --extract --keep-directory-symlink --directory "$tree"
  done
}

bind() {
  # They are linked to a newer C library than this machine's: each is told where its own one is.
  # First the libraries, then the loader: patchelf 0.18 spoils a file the other way round.
  local libraries loader python
  libraries="$(dirname "$(find "$tree/usr/lib" -name libc.so.6)")"
  loader="$(find -L "$tree/lib64" "$libraries" -maxdepth 1 -name 'ld-linux-*.so.*' -print -quit)"
  patch() { "$loader" --library-path "$libraries" "$tree/usr/bin/patchelf" "$@"; }
  for python in "$tree"/usr/bin/python3.*; do
    patch --force-rpath --set-rpath "$libraries" "$python"
    patch --set-interpreter "$loader" "$python"
  done
  # What else came along must not be found by whoever puts the folder on the PATH.
  find "$tree/usr/bin" -mindepth 1 ! -name 'python3.*' -delete
}

works() {
  local python
  for python in "${packages[@]}"; do
    "$tree/usr/bin/$python" -c 'import ctypes, lzma, sqlite3, ssl, zlib' 2>/dev/null || return 1
  done
}

[ $# -gt 0 ] || fail "which versions? For example: tools/python.sh 3.14"
packages=("${@/#/python}")
if ! works; then
  { command -v apt-get && grep -qx 'ID=debian' /etc/os-release; } >/dev/null 2>&1 ||
    fail "this is no Debian. Elsewhere: uv python install $*"
  # Versions of an earlier call stay to be had.
  for earlier in "$tree"/usr/bin/python3.*; do
    [ ! -e "$earlier" ] || packages+=("$(basename "$earlier")")
  done
  rm -rf "$home"
  download
  unpack
  bind
  works || fail "${packages[*]} of Debian's unstable suite do not run on this machine"
  rm -rf "$home/apt"
fi
echo "$tree/usr/bin"
