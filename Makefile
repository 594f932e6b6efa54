# make demo    install what is missing, build, and make two proven images
# make test    everything: installs what the tests need, runs all of them
# make check   format, vet, staticcheck, licences, race tests; under two minutes
# make bench   ratios of whole commands, run in turn on this machine
# make dist    release tarball and Debian package with checksums
# YES=0        only print which packages would be installed

GO      ?= go
YES     ?= 1
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
PROBES   = internal/verify/probebin/bin/proofmark-probe-linux-amd64.gz internal/verify/probebin/bin/proofmark-probe-linux-arm64.gz
SOURCES  = $(shell find cmd internal -name '*.go' -o -name '*.tmpl') go.mod go.sum
PROBESRC = $(shell find cmd/proofmark-probe internal/verify/probe -name '*.go') go.mod

# What a build needs, and what the tests need beyond that.
BUILD_PACKAGES = ca-certificates mmdebstrap nftables systemd-container zstd
TEST_PACKAGES  = $(BUILD_PACKAGES) buildah gcc git iproute2 libc6-dev procps slirp4netns uidmap util-linux xz-utils

export CGO_ENABLED = 0

.PHONY: all build demo test check soak bench dist need-build need-test clean
all: build

build: proofmark

$(PROBES) &: $(PROBESRC)
	GO=$(GO) $(GO) generate ./internal/verify/probebin
	@touch $(PROBES)

proofmark: $(PROBES) $(SOURCES)
	$(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $@ ./cmd/proofmark

need-build:
	@YES=$(YES) scripts/need.sh $(BUILD_PACKAGES)

need-test:
	@YES=$(YES) scripts/need.sh $(TEST_PACKAGES)

demo: need-build build
	./proofmark build examples/web

# One base tree for all tests; they overlay it and never write it.
build/base.tar: scripts/base.sh | need-test
	scripts/base.sh $@

test: need-test build build/base.tar
	scripts/test.sh

check: $(PROBES)
	@test -z "$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go') | tee /dev/stderr)" || { echo 'run gofmt -w on these files'; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) run ./scripts/licences
	CGO_ENABLED=1 $(GO) test -race -short ./...

bench: need-test build build/base.tar
	bench/run.sh

soak: need-test build build/base.tar
	PROOFMARK_SOAK=1 scripts/test.sh

dist: $(PROBES)
	VERSION=$(VERSION) scripts/dist.sh

clean:
	rm -rf build dist proofmark $(PROBES)
