#!/bin/sh
# base.sh FILE [PACKAGE...]: the base root file system that the tests build on, as a tar
# archive; with more packages, a machine that tests ask.
set -eu
out=$1
shift
packages=systemd,systemd-sysv,dbus,iproute2,procps
for p in "$@"; do packages=$packages,$p; done
mkdir -p "$(dirname "$out")"
"$(dirname "$0")"/inmemory.sh mmdebstrap --quiet --variant=minbase --include="$packages" --aptopt='APT::Install-Recommends "false"' bookworm "$out.part.tar"
mv "$out.part.tar" "$out"
