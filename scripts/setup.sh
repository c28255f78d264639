# Sourced by the scripts beside it: finds or installs what they need, or says what is missing.

fail() { printf '%s\n' "$*" >&2; exit 2; }

need_dotnet() {
  command -v dotnet >/dev/null || fail "missing: the .NET SDK 10 (dotnet on PATH)"
  dotnet --version >/dev/null 2>&1 || fail "missing: the .NET SDK named in global.json; installed: $(cd / && dotnet --version 2>/dev/null || echo none)"
}

# need_bundler: Node 20 or newer with npm, by which a build bundles the console's scripts.
need_bundler() {
  { command -v node && command -v npm; } >/dev/null || need_apt nodejs npm
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || fail "missing: Node 20 or newer; installed: $(node --version)"
}

# need_node: the same, and the npm packages of scripts/package-lock.json.
need_node() {
  need_bundler
  local stamp=scripts/node_modules/.stamp
  if ! cmp -s scripts/package-lock.json "$stamp"; then
    echo "installing npm packages" >&2
    (cd scripts && npm ci --no-audit --no-fund --loglevel=error >&2) || fail "npm ci failed in scripts/: are the npm packages reachable?"
    cp scripts/package-lock.json "$stamp"
  fi
}

# need_apt PACKAGE...: Debian packages, installed when root, named when not.
need_apt() {
  local missing=()
  for p in "$@"; do dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p"); done
  [ ${#missing[@]} -eq 0 ] && return 0
  [ "$(id -u)" = 0 ] || fail "missing Debian packages: ${missing[*]} (apt-get install ${missing[*]})"
  echo "installing ${missing[*]}" >&2
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 \
    || fail "apt-get install ${missing[*]} failed"
}

# publish_app FOLDER [OPTION...]: the app as it is deployed.
# A tree of its own (--artifacts-path): publishing must not disturb the outputs that tests run from.
# PathMap: a build directory's name is no part of the product.
publish_app() {
  local folder=$1
  shift
  dotnet publish functions/Doors/Host --configuration Release --runtime linux-x64 --no-self-contained \
    --artifacts-path artifacts/package --output "$folder" --nologo --verbosity quiet -m:2 \
    -p:PublishReadyToRun=true -p:ContinuousIntegrationBuild=true "-p:PathMap=$PWD/=/src/" "$@" >&2 || fail "the publish failed: see above"
}

# publish_recorder FOLDER: the recorder as desktops of Azure have it, with its own .NET: nothing else of ours is there.
publish_recorder() {
  dotnet publish functions/Recorder --configuration Release --runtime win-x64 --self-contained \
    --artifacts-path artifacts/recorder --output "$1" --nologo --verbosity quiet -m:2 \
    -p:ContinuousIntegrationBuild=true "-p:PathMap=$PWD/=/src/" >&2 || fail "the publish failed: see above"
}

# pack FOLDER ZIP: its files; modes and times are part of a zip.
pack() {
  find "$1" -type d -exec chmod 0755 {} +
  find "$1" -type f -exec chmod 0644 {} +
  find "$1" -exec touch -h -d '2020-01-01T00:00:00Z' {} +
  mkdir -p "$(dirname "$2")"
  rm -f "$2"
  (cd "$1" && find . -type f -printf '%P\n' | LC_ALL=C sort | TZ=UTC zip -q -X -D "$2" -@)
}
