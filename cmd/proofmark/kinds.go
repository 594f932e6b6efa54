// The reference pages, and the tables inside other pages, are made from the lists here.
//go:generate go test -run ^(TestGeneratedParts|TestReference|TestCommandsPage)$ -update .

package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/azure"
	"github.com/proofmark-build/proofmark/internal/machine/docker"
	"github.com/proofmark-build/proofmark/internal/machine/ec2"
	"github.com/proofmark-build/proofmark/internal/machine/file"
	"github.com/proofmark-build/proofmark/internal/machine/googlecompute"
	"github.com/proofmark-build/proofmark/internal/machine/httpdata"
	"github.com/proofmark-build/proofmark/internal/machine/hyperv"
	"github.com/proofmark-build/proofmark/internal/machine/null"
	"github.com/proofmark-build/proofmark/internal/machine/openstack"
	"github.com/proofmark-build/proofmark/internal/machine/parallels"
	"github.com/proofmark-build/proofmark/internal/machine/proxmox"
	"github.com/proofmark-build/proofmark/internal/machine/qemu"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs"
	"github.com/proofmark-build/proofmark/internal/machine/virtualbox"
	"github.com/proofmark-build/proofmark/internal/machine/vmware"
	"github.com/proofmark-build/proofmark/internal/machine/vsphere"
	"github.com/proofmark-build/proofmark/internal/postprocess"
	"github.com/proofmark-build/proofmark/internal/provision"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
	"github.com/proofmark-build/proofmark/internal/verify/probebin"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec"
	"github.com/proofmark-build/proofmark/internal/verify/spec"
)

// builders lists every builder.
func builders(h home, images *catalog.Catalog) template.Set[machine.Builder] {
	return template.NewSet(
		azure.Kind(),
		docker.Kind(),
		ec2.Chroot(),
		ec2.EBS(),
		ec2.Instance(),
		ec2.Surrogate(),
		ec2.Volumes(),
		file.Kind(),
		googlecompute.Kind(),
		hyperv.ISO(),
		hyperv.VMCX(),
		null.Kind(os.Getenv),
		openstack.Kind(),
		parallels.IPSW(),
		parallels.ISO(),
		parallels.MacVM(),
		parallels.PVM(),
		proxmox.Clone(os.Getenv),
		proxmox.ISO(os.Getenv),
		proxmox.Old(os.Getenv),
		qemu.Kind(qemuDeps(h, images)),
		rootfs.Kind(rootfsDeps(h, images)),
		virtualbox.ISO(),
		virtualbox.OVF(),
		virtualbox.VM(),
		vmware.ISO(),
		vmware.VMX(),
		vsphere.Clone(),
		vsphere.ISO(),
	)
}

// provisioners lists every provisioner. The terminal may be nil where none is run.
func provisioners(terminal build.Terminal) template.Set[provision.Provisioner] {
	return template.NewSet(
		provision.File(),
		provision.Ansible(),
		provision.AnsibleLocal(),
		provision.Breakpoint(enterKey{terminal}.wait),
		provision.ChefClient(),
		provision.ChefSolo(),
		provision.Converge(),
		provision.HCPSBOM(),
		provision.InSpec(),
		provision.PowerShell(),
		provision.PuppetMasterless(),
		provision.PuppetServer(),
		provision.SaltMasterless(),
		provision.Shell(),
		provision.ShellLocal(),
		provision.Sleep(),
		provision.WindowsRestart(),
		provision.WindowsShell(),
		provision.WindowsUpdate(),
	)
}

// verifiers lists every source of checks.
func verifiers() template.Set[verify.Spec] {
	return template.NewSet(
		spec.Goss(),
		serverspec.Kind(),
		spec.Inline(),
		verify.SanityKind(),
	)
}

// postProcessors lists every post-processor.
func postProcessors() template.Set[postprocess.PostProcessor] {
	return template.NewSet(
		docker.Import(),
		docker.Push(),
		docker.Save(),
		docker.Tag(),
		ec2.Import(),
		googlecompute.Export(),
		googlecompute.Import(),
		postprocess.Artifice(),
		postprocess.Checksum(),
		postprocess.Compress(),
		postprocess.Manifest(),
		postprocess.ShellLocal(),
		postprocess.Vagrant(),
		postprocess.VagrantCloud(os.Getenv),
		postprocess.VagrantRegistry(os.Getenv),
		vsphere.MakeTemplate(),
		vsphere.Upload(),
	)
}

// dataSources lists every data source.
func dataSources() template.Set[machine.DataSource] {
	return template.NewSet(
		ec2.ImageData(),
		ec2.ParameterData(),
		ec2.SecretData(),
		googlecompute.ImageData(),
		googlecompute.ParameterData(),
		googlecompute.SecretData(),
		httpdata.Data(),
		null.Data(),
	)
}

// requirements lists what each builder needs of this machine.
func requirements(h home) []needs {
	return []needs{
		{rootfs.KindName, rootfs.Requirements(rootfsDeps(h, nil))},
		{qemu.KindName, qemu.Requirements(qemuDeps(h, nil))},
	}
}

// rootfsDeps is what the rootfs builder needs. images may be nil where no parent is
// looked up.
func rootfsDeps(h home, images *catalog.Catalog) rootfs.Deps {
	return rootfs.Deps{
		State: h.dir, Parent: parentImage(images), Epoch: sourceDate(),
		BootDisk: func(ctx context.Context, d rootfs.DiskBoot, env machine.Env) (machine.Machine, error) {
			return qemu.BootDisk(ctx, qemuDeps(h, nil), qemu.Trial{Disk: d.Disk.Path, Format: d.Disk.Format, UEFI: d.UEFI, CPUs: d.CPUs, Memory: d.Memory, Condition: d.Condition, Deadline: d.Deadline}, env)
		},
		DiskClasses: func(w ledger.Where) []ledger.Class { return qemu.TrialClasses(qemuDeps(h, nil), w) },
		RequireBoot: qemu.RequireTrial,
	}
}

// qemuDeps is what the qemu builder needs. images may be nil where no parent is looked up.
func qemuDeps(h home, images *catalog.Catalog) qemu.Deps {
	return qemu.Deps{State: h.dir, Logs: h.path("logs"), Getenv: os.Getenv, Probe: openProbe, Parent: parentImage(images)}
}

// makesMachines tells whether builds of a kind run machines in this host's kernel, which
// only root can, here or in a user namespace.
func makesMachines(kind string) bool { return kind == rootfs.KindName }

// builderResources gives the classes of a kind of builder, for the reaper.
func builderResources(h home) func(kind string, w ledger.Where) []ledger.Class {
	return func(kind string, w ledger.Where) []ledger.Class {
		switch kind {
		case rootfs.KindName:
			return outOfReach(rootfs.Classes(rootfsDeps(h, nil), w))
		case qemu.KindName:
			return qemu.Classes(qemuDeps(h, nil), w)
		}
		return nil
	}
}

// layerDiscarder removes the layer behind an entry of the cache, for pruning.
func layerDiscarder(h home) func(ctx context.Context, e cache.Entry) error {
	return func(ctx context.Context, e cache.Entry) error {
		switch e.Kind {
		case rootfs.KindName:
			if err := reachable(); err != nil {
				return err
			}
			b, err := rootfs.New(rootfs.Config{}, rootfsDeps(h, nil))
			if err != nil {
				return err
			}
			return b.Discard(ctx, e.Ref, machine.Env{})
		case qemu.KindName:
			return qemu.Discard(qemuDeps(h, nil), e.Ref)
		}
		return fmt.Errorf("discard layer: this version knows no builder %q", e.Kind)
	}
}

// imageBooter starts images that a kind of builder made.
func imageBooter(h home, images *catalog.Catalog, kind string) (machine.Booter, error) {
	switch kind {
	case rootfs.KindName:
		return rootfs.New(rootfs.Config{}, rootfsDeps(h, images))
	}
	return nil, fmt.Errorf("start image: this version cannot start images of builder %q", kind)
}

func openProbe(arch string) (io.ReadCloser, error) { return probebin.Open(arch) }

func probeVersion() string { return probe.Version }
