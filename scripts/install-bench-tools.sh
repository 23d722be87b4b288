#!/usr/bin/env bash
# Installs what the benchmarks need from Debian beside the tests' own tools: curl, which is the client of bulk transfers, and OpenSSH,
# whose `ssh -L` they are compared with. Does nothing when they are there. Needs root on Debian; elsewhere it says what is missing and exits 3.
set -euo pipefail

missing=()
command -v curl >/dev/null 2>&1 || missing+=(curl)
command -v ssh >/dev/null 2>&1 && command -v ssh-keygen >/dev/null 2>&1 || missing+=(openssh-client)
[ -x /usr/sbin/sshd ] || missing+=(openssh-server)
[ "${#missing[@]}" -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || [ ! -x /usr/bin/apt-get ]; then
  printf 'The benchmarks need: %s. Install them with your system'"'"'s packages.\n' "${missing[*]}" >&2
  exit 3
fi

export DEBIAN_FRONTEND=noninteractive
echo "Installing from Debian: ${missing[*]}" >&2
# The package starts a system-wide sshd on install where an init system runs; the benchmarks start a private one.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
