# For `.`, at the root of the repository: scripts run on the Node pinned in package.json (optionalDependencies); stop with a plain
# reason when that did not happen.
if ! version=$(node -p 'process.versions.node' 2>&1); then
  echo "The pinned Node does not start: $version" >&2
  echo "On Debian or Ubuntu: apt-get install libatomic1" >&2
  exit 1
fi
if [ "${version%%.*}" -lt 24 ]; then
  echo "Node $version is too old (24 or newer needed) and no pinned Node is installed for $(uname -s) $(uname -m)." >&2
  echo 'The install failed, or there is no pinned build for this machine. Run: npx -y pnpm@12 install' >&2
  exit 1
fi
# Each of the many processes would strip the types of the same files again: half of the CPU of a test of agents.
export NODE_COMPILE_CACHE="$PWD/node_modules/.cache/compiled"
