#!/bin/sh
# need.sh PACKAGE...: say which Debian packages are missing, and install them.
# YES=0 only prints the command. Recommended packages are left out: one of them
# would replace the resolver settings of this machine.
set -eu
if ! command -v dpkg-query >/dev/null; then
	echo "This is not Debian. Install these, by whatever names they have here: $*"
	exit 1
fi
missing=
for p in "$@"; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed$' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "Missing Debian packages:$missing"
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
install="apt-get install -y --no-install-recommends$missing"
if [ "${YES:-1}" = 0 ]; then
	echo "Install them with: ${sudo:+sudo }apt-get update && ${sudo:+sudo }$install"
	exit 1
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Installing them"
if ! { $sudo apt-get update && DEBIAN_FRONTEND=noninteractive $sudo $install; } >"$log" 2>&1; then
	cat "$log"
	exit 1
fi
