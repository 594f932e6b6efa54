#!/bin/sh
# dist.sh: a static binary in a tarball, and a Debian package, with checksums, in
# DIST (dist/). The same commit gives the same bytes, wherever it lies.
# VERSION is what git describe says; ARCHES, amd64 or arm64 or both, is the host's;
# LEVEL, 1 to 9, is how hard to compress.
set -eu
cd "$(dirname "$0")/.."
GO=${GO:-go}
DIST=${DIST:-dist}
version=${VERSION:-dev}
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH="$epoch" LC_ALL=C TZ=UTC
umask 022

# A Debian version begins with a digit and sorts by age: v1.2.0-rc1 before v1.2.0,
# and before any release what only has a commit.
case $version in
v[0-9]*) debver=$(printf %s "${version#v}" | sed 's/-\(rc\|beta\|alpha\)/~\1/; s/[^0-9A-Za-z.+~]/./g') ;;
*) debver=0~$(date -u -d "@$epoch" +%Y%m%d%H%M%S).$(printf %s "$version" | sed 's/[^0-9A-Za-z.+~]/./g') ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$DIST"
mkdir -p "$DIST"
DIST=$(cd "$DIST" && pwd)

"$GO" generate ./internal/verify/probebin

build() { # OUT: the program for GOOS and GOARCH, as it is released
	CGO_ENABLED=0 "$GO" build -trimpath -buildvcs=false \
		-ldflags "-s -w -buildid= -X main.version=$version" -o "$1" ./cmd/proofmark
}

# What both hold beside the program.
here=$work/proofmark-$("$GO" env GOARCH)
build "$here"
common=$work/common
mkdir -p "$common/completions"
"$GO" run ./scripts/licences -notices > "$common/NOTICES"
for shell in bash fish zsh; do
	"$here" completion $shell > "$common/completions/proofmark.$shell"
done
mkdir "$common/man"
"$here" manual "$common/man"
cp -r README.md CHANGELOG.md docs examples "$common/"

for arch in ${ARCHES:-$("$GO" env GOARCH)}; do
	program=$work/proofmark-$arch
	[ -e "$program" ] || GOOS=linux GOARCH=$arch build "$program"

	name=proofmark-$version-linux-$arch
	mkdir "$work/$name"
	cp -r LICENSE "$common/." "$work/$name/"
	install -m 0755 "$program" "$work/$name/proofmark"
	chmod -R u=rwX,go=rX "$work/$name"
	tar -C "$work" --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" -cf - "$name" |
		gzip -${LEVEL:-9}n > "$DIST/$name.tar.gz"

	deb=$work/deb-$arch
	doc=$deb/usr/share/doc/proofmark
	mkdir -p "$deb/DEBIAN" "$doc" "$deb/usr/share/bash-completion/completions" \
		"$deb/usr/share/fish/vendor_completions.d" "$deb/usr/share/zsh/vendor-completions" "$deb/usr/share/man/man1"
	install -D -m 0755 "$program" "$deb/usr/bin/proofmark"
	cp "$common/completions/proofmark.bash" "$deb/usr/share/bash-completion/completions/proofmark"
	cp "$common/completions/proofmark.fish" "$deb/usr/share/fish/vendor_completions.d/"
	cp "$common/completions/proofmark.zsh" "$deb/usr/share/zsh/vendor-completions/_proofmark"
	for page in "$common"/man/*.1; do
		gzip -9n < "$page" > "$deb/usr/share/man/man1/$(basename "$page").gz"
	done
	cp -r README.md CHANGELOG.md docs examples "$doc/"
	gzip -9n < "$common/NOTICES" > "$doc/NOTICES.gz"
	gzip -${LEVEL:-9}n > "$doc/changelog.gz" <<-CHANGELOG
		proofmark ($debver) unstable; urgency=medium

		  * See CHANGELOG.md.

		 -- The Proofmark makers <maintainers@proofmark.example>  $(date -u -R -d "@$epoch")
	CHANGELOG
	cat > "$doc/copyright" <<-COPYRIGHT
		Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
		Upstream-Name: proofmark
		Comment: What the program holds of others, and under which licences, is in
		 NOTICES.gz.

		Files: *
		Copyright: The Proofmark makers
		License: Apache-2.0
		 The text of the licence is in /usr/share/common-licenses/Apache-2.0.
	COPYRIGHT
	chmod -R u=rwX,go=rX "$deb"
	cat > "$deb/DEBIAN/control" <<-CONTROL
		Package: proofmark
		Version: $debver
		Architecture: $arch
		Maintainer: The Proofmark makers <maintainers@proofmark.example>
		Installed-Size: $(find "$deb/usr" -type f -exec stat -c %s {} + | awk '{ n += int(($1 + 1023) / 1024) } END { print n }')
		Depends: ca-certificates
		Recommends: mmdebstrap, nftables, systemd-container
		Suggests: dosfstools, fdisk, git, grub-common, grub-efi-amd64-bin, grub-pc-bin, mtools, qemu-utils, slirp4netns, uidmap
		Section: admin
		Priority: optional
		Description: build machine images and prove each one with tests
		 Proofmark builds machine images from templates, proves each one with tests
		 before it may exist, and keeps the record of what was made from what. It reads
		 Packer's templates and goss's test files.
	CONTROL
	find "$deb" -exec touch -h -d "@$epoch" {} +
	dpkg-deb --root-owner-group -Zxz "-z${LEVEL:-6}" --build "$deb" "$DIST/proofmark_${debver}_$arch.deb" > /dev/null
done
(cd "$DIST" && sha256sum -- *.deb *.tar.gz > SHA256SUMS)
ls -l "$DIST"
