#!/bin/sh
# run.sh: installs Debian with Proofmark, and tells how far it came. LIMIT (90m) is for
# the whole build, MIRROR a host with Debian below /debian, PROXY what the guest goes
# through. Ends with 0 when the image was proven. Everything goes to build/nightly.
set -eu
cd "$(dirname "$0")/.."
work=$PWD/build/nightly
mkdir -p "$work"
[ -f "$work/netboot.iso" ] || nightly/iso.sh "$work/netboot.iso"
export PROOFMARK_HOME="$work/home"
rm -f "$PROOFMARK_HOME"/logs/*-console.log

./proofmark build -color=false -timestamp-ui -force -timeout "${LIMIT:-90m}" -var "iso=$work/netboot.iso" \
	-var "mirror=${MIRROR:-deb.debian.org}" -var "proxy=${PROXY:-}" nightly/debian.pkr.hcl >"$work/build.log" 2>&1 &
build=$!
trap 'kill $build 2>/dev/null; wait $build; exit 130' INT TERM

console() { cat "$PROOFMARK_HOME"/logs/*-console.log 2>/dev/null | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | tr '\r' '\n'; }

# An installer that asks something waits for ever: nobody is there to answer.
while kill -0 $build 2>/dev/null; do
	sleep 5
	if console | grep -q "^Prompt: '?' for help"; then
		echo 'The installer asks something that the preseed file does not answer.'
		kill $build
		break
	fi
done
status=0
wait $build || status=$?
cat "$work/build.log"

echo
echo 'How far it came:'
console >"$work/console.txt"
reached() { # NAME FILE TEXT
	if grep -q "$3" "$work/$2"; then echo "  yes  $1"; else echo "  no   $1"; fi
}
reached 'the boot loader answers' console.txt '^boot:'
reached 'the boot command is typed' console.txt 'preseed.cfg'
reached "the installer's kernel starts" console.txt 'Detecting network hardware'
reached 'it has an address and the preseed file' console.txt 'Checking the Debian archive mirror'
reached 'it begins to load its components' console.txt 'Loading additional components'
reached 'it makes partitions' console.txt 'Partitions formatting'
reached 'it installs the base system' console.txt 'Installing the base system'
reached 'it installs software' console.txt 'Select and install software'
reached 'it installs the boot loader' console.txt 'Installing GRUB boot loader'
reached 'the installed system answers by SSH' build.log 'Connecting by SSH'
reached 'steps and gate 1' build.log 'checks passed'
reached 'the disk is captured' build.log 'sha256:'
reached 'the image is proven' build.log '^debian:[0-9]*  built, proven'
[ "$status" = 0 ] || { echo 'The console ends with:'; grep -v '^\[.*installer.*\]' "$work/console.txt" | grep . | tail -15; }
exit "$status"
