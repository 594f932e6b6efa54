# make build   the program, ./proofmark
# make demo    install what is missing, build, and make two proven images;
#              EXAMPLE=disk makes a bootable disk and an OVA
# make test    everything: installs what the tests need, runs all of them
# make check   format, vet, staticcheck, licences, race tests
# make bench   ratios of whole commands, run in turn on this machine
# make nightly an installation of Debian from its netboot kernel, as far as it comes in
#              LIMIT=90m; MIRROR=HOST and PROXY=URL say where its packages come from
# make soak    make test, with the long form of tests that enumerate
# make dist    release tarball and Debian package with checksums, in dist/
# YES=0        only print which packages would be installed

GO      ?= $(shell command -v go || echo /usr/local/go/bin/go)
YES     ?= 1
VERSION ?= $(or $(shell git describe --tags --always --dirty 2>/dev/null),dev)
PROBES   = internal/verify/probebin/bin/proofmark-probe-linux-amd64.gz internal/verify/probebin/bin/proofmark-probe-linux-arm64.gz
SOURCES  = $(shell find cmd internal -name '*.go' -o -name '*.tmpl') go.mod go.sum
PROBESRC = $(shell find cmd/proofmark-probe internal/verify/probe internal/machine/ssh/inside -name '*.go') go.mod

# What building images needs, what make check needs, and what the tests need beyond.
BUILD_PACKAGES = ca-certificates mmdebstrap nftables systemd-container
CHECK_PACKAGES = ca-certificates gcc git libc6-dev
DISK_PACKAGES  = dosfstools e2fsprogs fdisk grub-common grub-efi-amd64-bin grub-pc-bin mtools qemu-utils
QEMU_PACKAGES  = mtools ovmf qemu-system-x86 qemu-utils xorriso
TEST_PACKAGES  = $(BUILD_PACKAGES) $(CHECK_PACKAGES) $(DISK_PACKAGES) $(QEMU_PACKAGES) buildah busybox bzip2 cpio gdisk iproute2 openssh-client openssh-server packer passwd procps ruby ruby-serverspec slirp4netns sudo uidmap util-linux xz-utils zstd
# What is measured beside Proofmark, and what installs Debian.
BENCH_PACKAGES = $(TEST_PACKAGES) debootstrap debos mkosi parted
NIGHTLY_PACKAGES = $(QEMU_PACKAGES) debian-installer-12-netboot-amd64 isolinux syslinux-common
# What is in the machine that ServerSpec and Proofmark both ask, beyond the base.
TARGET_PACKAGES = bridge-utils cron e2fsprogs iptables iputils-ping kmod netcat-openbsd nginx-light openssh-server openssl ruby-serverspec sudo

ifeq ($(shell command -v $(GO)),)
$(error there is no $(GO): install Go 1.26 or later, https://go.dev/dl, or say GO=/path/to/go)
endif

export CGO_ENABLED = 0
export GOFLAGS += -buildvcs=false
export GO VERSION YES

.PHONY: all build demo test trees check soak bench nightly dist need-build need-check need-test clean
ifneq ($(MAKECMDGOALS),trees)
.NOTPARALLEL:
endif

all: build

build: proofmark

$(PROBES) &: $(PROBESRC)
	$(GO) generate ./internal/verify/probebin
	@touch $(PROBES)

proofmark: $(PROBES) $(SOURCES)
	$(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $@ ./cmd/proofmark

need-build:
	@scripts/need.sh $(BUILD_PACKAGES)

need-check:
	@scripts/need.sh $(CHECK_PACKAGES)

need-test:
	@scripts/need.sh $(TEST_PACKAGES)
	@scripts/test-user.sh

# EXAMPLE: a directory below examples/.
EXAMPLE ?= web

demo: need-build build
	@case $(EXAMPLE) in disk) scripts/need.sh $(DISK_PACKAGES) $(QEMU_PACKAGES) ;; esac
	./proofmark build examples/$(EXAMPLE)

# One base tree for all tests; they overlay it and never write it.
build/base.tar: scripts/base.sh | need-test
	scripts/base.sh $@

# The same with a kernel, for tests of disks.
build/disk-base.tar: scripts/diskbase.sh | need-test
	scripts/diskbase.sh $@

# A small system for the tests of virtual machines.
build/guest: scripts/guest.sh | need-test
	scripts/guest.sh $@

# The tree of a machine with services and ServerSpec.
build/target.tar: scripts/base.sh | need-test
	scripts/base.sh $@ $(TARGET_PACKAGES)

# Each is made by one processor, and waits for a mirror.
trees: build/base.tar build/disk-base.tar build/guest build/target.tar

test: need-test build
	@$(MAKE) --no-print-directory -j3 trees
	scripts/test.sh

check: need-check $(PROBES)
	scripts/check.sh

bench: need-test build build/base.tar build/disk-base.tar
	@scripts/need.sh $(BENCH_PACKAGES)
	bench/run.sh

nightly: build
	@scripts/need.sh $(NIGHTLY_PACKAGES)
	nightly/run.sh

soak: need-test build
	@$(MAKE) --no-print-directory -j3 trees
	PROOFMARK_SOAK=1 scripts/test.sh

dist:
	scripts/dist.sh

clean:
	rm -rf build dist proofmark $(PROBES)
