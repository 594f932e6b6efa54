#!/bin/sh
# buildah.sh DIR RUN SITE [ARCHIVE]: the same four steps as layers of a container
# image, then pushed to an archive.
set -eu
dir=$1 run=$2 site=$3 archive=${4-}
b() { buildah --root "$dir/buildah" --runroot "$dir/buildah-run" --storage-driver overlay "$@"; }

b build --quiet --layers --isolation chroot --build-arg "RUN=$run" --build-arg "SITE=$site" \
	--tag bench-web "$(dirname "$0")/image"
[ -z "$archive" ] || { rm -f "$archive" && b push --quiet bench-web "oci-archive:$archive"; }
