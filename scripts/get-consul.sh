#!/bin/sh
# Fetches the real Consul 1.8.7 (Debian 11) for the bridge's tests; needs apt and dpkg-deb, neither root nor changes to the system.
# Prints the path of the executable; does nothing where it is there already. The signature is checked with Debian's keyring.
# Usage: get-consul.sh FOLDER. DEBIAN_MIRROR names another mirror than the system's.
set -eu
folder=${1:?usage: get-consul.sh FOLDER}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
consul=$folder/consul
if [ -x "$consul" ]; then
  echo "$consul"
  exit 0
fi
command -v apt-get >/dev/null || { echo 'no apt-get on this machine' >&2; exit 1; }
mirror=${DEBIAN_MIRROR:-$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
  sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' | grep '/debian/*$' | head -n 1)}
[ -n "$mirror" ] || { echo 'no Debian mirror in /etc/apt; set DEBIAN_MIRROR' >&2; exit 1; }
# In a folder of its own until it is whole: several tests may ask at once.
work=$(mktemp -d "$folder/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/apt/lists/partial" "$work/apt/archives/partial"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bullseye main" >"$work/apt/bullseye.list"
apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$work/apt/bullseye.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt" -o Acquire::Languages=none \
    -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root "$@" >&2
}
apt update
cd "$work"
apt download consul
dpkg-deb -x consul_*.deb .
usr/bin/consul version >&2
mv usr/bin/consul "$consul"
echo "$consul"
