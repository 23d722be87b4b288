#!/usr/bin/env bash
# Installs what the tests need from Debian: Docker Engine 26.1 with Compose v2 and buildx, busybox for the test image, openssl for the
# tests' certificates, nginx as a reverse proxy, and the Docker SDK for Python, a client that is not ours.
# Does nothing when they are there. Needs root on Debian; elsewhere it says what is missing and exits 3.
set -euo pipefail

missing=()
command -v dockerd >/dev/null 2>&1 || [ -x /usr/sbin/dockerd ] || missing+=("Docker Engine (dockerd)")
docker compose version >/dev/null 2>&1 || missing+=("Docker Compose v2")
docker buildx version >/dev/null 2>&1 || missing+=("Docker buildx")
# The package "busybox" is another one: linked against libraries that the test image does not have.
{ [ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1; } || missing+=("busybox-static")
command -v openssl >/dev/null 2>&1 || missing+=("openssl")
{ [ -x /usr/sbin/nginx ] && [ -e /usr/lib/nginx/modules/ngx_stream_module.so ]; } || missing+=("nginx with its stream module")
# Debian's Python, the one that sees Debian's packages.
/usr/bin/python3 -Ic 'import docker' >/dev/null 2>&1 || missing+=("the Docker SDK for Python (python3-docker)")
[ "${#missing[@]}" -eq 0 ] && exit 0

codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}")
if [ "$(id -u)" -ne 0 ] || [ ! -x /usr/bin/apt-get ] || { [ "$codename" != bookworm ] && [ "$codename" != trixie ]; }; then
  printf 'The tests need: %s.\n' "$(IFS=,; echo "${missing[*]}")" >&2
  echo 'Install them with your system'"'"'s packages, or run the tests as root on Debian 12 or 13, where this script installs them.' >&2
  exit 3
fi

export DEBIAN_FRONTEND=noninteractive
echo "Installing from Debian: ${missing[*]}" >&2
if [ "$codename" = bookworm ]; then
  # trixie beside bookworm, pinned low: nothing comes from it unless asked for by name.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
  [ -n "$mirror" ] || { apt-get update -qq; mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1); }
  cat > /etc/apt/sources.list.d/fairlead-trixie.sources <<SOURCES
Types: deb
URIs: $mirror
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' > /etc/apt/preferences.d/fairlead-trixie
  suite=(-t trixie)
else
  suite=()
fi

# The packages start a system-wide daemon on install where an init system runs; the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends busybox-static openssl nginx libnginx-mod-stream python3-docker >/dev/null
apt-get install -y -qq --no-install-recommends "${suite[@]}" docker.io docker-cli docker-compose docker-buildx iptables >/dev/null
