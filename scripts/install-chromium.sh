#!/usr/bin/env bash
# install-chromium.sh PACKAGE: installs from Debian the Chromium that drives the web page. Does nothing when it is there.
# `chromium-headless-shell` is for tests: the same engine without the browser around it, which takes a quarter less time.
# `chromium`, the browser that people use, is for benchmarks. Needs root on Debian; elsewhere it says what is missing and exits 3.
set -euo pipefail

package=$1
[ -x "/usr/bin/$package" ] && exit 0

if [ "$(id -u)" -ne 0 ] || [ ! -x /usr/bin/apt-get ]; then
  echo "Needed: Chromium at /usr/bin/$package." >&2
  echo 'Install it with your system'"'"'s packages, or run the tests as root on Debian 12 or 13, where this script installs it.' >&2
  exit 3
fi

export DEBIAN_FRONTEND=noninteractive
echo "Installing from Debian: $package" >&2
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$package" >/dev/null
