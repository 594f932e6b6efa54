#!/bin/sh
# dist.sh: a static binary in a tarball, and a Debian package, with checksums, in dist/.
set -eu
GO=${GO:-go}
version=${VERSION:-dev}
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
arch=$($GO env GOARCH)
rm -rf dist && mkdir -p dist
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

CGO_ENABLED=0 $GO build -trimpath -ldflags "-s -w -X main.version=$version" -o "$work/proofmark" ./cmd/proofmark

name=proofmark-$version-linux-$arch
mkdir -p "$work/$name"
cp "$work/proofmark" README.md LICENSE CHANGELOG.md "$work/$name/"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" -cf - "$name" | gzip -9n > "dist/$name.tar.gz"

# A Debian version begins with a digit and holds no underscore.
debver=$(printf %s "$version" | sed 's/^v//; s/[^0-9A-Za-z.+~]/./g')
case $debver in [0-9]*) ;; *) debver=0~$debver ;; esac
deb=$work/deb
mkdir -p "$deb/DEBIAN" "$deb/usr/bin" "$deb/usr/share/doc/proofmark"
install -m 0755 "$work/proofmark" "$deb/usr/bin/proofmark"
install -m 0644 README.md CHANGELOG.md "$deb/usr/share/doc/proofmark/"
install -m 0644 LICENSE "$deb/usr/share/doc/proofmark/copyright"
cat > "$deb/DEBIAN/control" <<CONTROL
Package: proofmark
Version: $debver
Architecture: $arch
Maintainer: The Proofmark makers <maintainers@proofmark.example>
Installed-Size: $(du -sk "$deb/usr" | cut -f1)
Depends: ca-certificates
Recommends: mmdebstrap, nftables, systemd-container
Suggests: slirp4netns, uidmap
Section: admin
Priority: optional
Description: build machine images and prove each one with tests
 Proofmark builds machine images from templates, proves each one with tests
 before it may exist, and keeps the record of what was made from what. It reads
 Packer's templates and goss's test files.
CONTROL
find "$deb" -exec touch -h -d "@$epoch" {} +
SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group --build "$deb" "dist/proofmark_${debver}_$arch.deb" >/dev/null
(cd dist && sha256sum * > SHA256SUMS)
ls -l dist
