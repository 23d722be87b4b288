#!/usr/bin/env bash
# Installs Chromium from Debian, for the tests of the pages where people sign in. Does nothing when it is there.
# Needs root on Debian; elsewhere it says what is missing and exits 3.
set -euo pipefail

[ -x /usr/bin/chromium ] && exit 0

if [ "$(id -u)" -ne 0 ] || [ ! -x /usr/bin/apt-get ]; then
  echo 'The tests need: Chromium at /usr/bin/chromium.' >&2
  echo 'Install it with your system'"'"'s packages, or run the tests as root on Debian 12 or 13, where this script installs it.' >&2
  exit 3
fi

export DEBIAN_FRONTEND=noninteractive
echo "Installing from Debian: chromium" >&2
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium >/dev/null
