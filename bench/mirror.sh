#!/bin/sh
# mirror.sh: runs in the base. Makes a package source of all that the steps install,
# with the whole index of the real one, and makes it the only source.
set -eu
apt-get update -q
apt-get install -qy --no-install-recommends --download-only nginx
mkdir -p /srv/mirror
for deb in /var/cache/apt/archives/*.deb; do
	# The index names files without the epoch.
	mv "$deb" "/srv/mirror/$(basename "$deb" | sed 's/_[0-9]*%3a/_/')"
done
apt-cache dumpavail | sed 's#^Filename: .*/#Filename: #' | gzip -1 > /srv/mirror/Packages.gz
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/mirror ./' > /etc/apt/sources.list
echo 'Acquire::Languages "none";' > /etc/apt/apt.conf.d/90bench
