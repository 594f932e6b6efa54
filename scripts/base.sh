#!/bin/sh
# base.sh FILE: the base root file system that the tests build on, as a tar archive.
set -eu
out=$1
packages=systemd,systemd-sysv,dbus,iproute2,procps
mkdir -p "$(dirname "$out")"
mmdebstrap --quiet --variant=minbase --include="$packages" --aptopt='APT::Install-Recommends "false"' bookworm "$out.part.tar"
mv "$out.part.tar" "$out"
