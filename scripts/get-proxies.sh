#!/bin/sh
# Fetches nginx and haproxy of this Debian for the tests of templates; needs apt and dpkg-deb, neither root nor changes to the system.
# Prints the folder to run them from (bin/nginx, bin/haproxy); does nothing where they are there already.
# Usage: get-proxies.sh FOLDER
set -eu
folder=${1:?usage: get-proxies.sh FOLDER}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if [ -x "$folder/bin/nginx" ] && [ -x "$folder/bin/haproxy" ]; then
  echo "$folder"
  exit 0
fi
command -v apt-get >/dev/null || { echo 'no apt-get on this machine' >&2; exit 1; }
# In a folder of its own until it is whole: several tests may ask at once.
work=$(mktemp -d "$folder/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial"
apt() {
  apt-get -qq -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work" -o Acquire::Languages=none \
    -o APT::Sandbox::User=root "$@" >&2
}
apt update
cd "$work"
# With the libraries that this system lacks; nothing is installed.
apt -y --no-install-recommends --download-only --reinstall -o Debug::NoLocking=1 install nginx haproxy
for package in archives/*.deb; do dpkg-deb -x "$package" root; done
# What only people read, and services of the system.
rm -rf root/usr/share root/etc root/var
mkdir bin
for program in nginx haproxy; do
  cat >"bin/$program" <<RUN
#!/bin/sh
root=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")/root
LD_LIBRARY_PATH=\$(echo "\$root"/usr/lib/*-linux-gnu):\$(echo "\$root"/lib/*-linux-gnu) exec "\$root/usr/sbin/$program" "\$@"
RUN
  chmod +x "bin/$program"
done
bin/nginx -v >&2
bin/haproxy -v >&2
rm -rf "$folder/root" "$folder/bin"
mv root bin "$folder"
echo "$folder"
