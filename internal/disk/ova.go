package disk

import (
	"archive/tar"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// makeOVA packs a machine: its description, the digests of both files, and the disk, in
// the order that the standard asks for.
func makeOVA(ctx context.Context, raw, out string, m Machine, ids Identity) error {
	fi, err := os.Stat(raw)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(out), ".ova-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	name := fileName(m.Name)
	vmdk := filepath.Join(tmp, name+"-disk1.vmdk") // its name is in it, too
	if err := makeVMDK(ctx, raw, vmdk, true, ids); err != nil {
		return err
	}
	packed, err := os.Stat(vmdk)
	if err != nil {
		return err
	}
	text, err := describe(m, filepath.Base(vmdk), packed.Size(), fi.Size())
	if err != nil {
		return err
	}
	ovf := filepath.Join(tmp, "machine.ovf")
	if err := os.WriteFile(ovf, text, 0o644); err != nil {
		return err
	}
	var manifest strings.Builder
	for _, f := range [][2]string{{name + ".ovf", ovf}, {filepath.Base(vmdk), vmdk}} {
		sum, err := Sum(ctx, f[1])
		if err != nil {
			return err
		}
		fmt.Fprintf(&manifest, "SHA256(%s)= %s\n", f[0], strings.TrimPrefix(string(sum), "sha256:"))
	}
	mf := filepath.Join(tmp, "machine.mf")
	if err := os.WriteFile(mf, []byte(manifest.String()), 0o644); err != nil {
		return err
	}
	return pack(ctx, out, [][2]string{{name + ".ovf", ovf}, {name + ".mf", mf}, {filepath.Base(vmdk), vmdk}})
}

// pack writes a tar file of the plainest form: importers know no other.
func pack(ctx context.Context, out string, files [][2]string) (err error) {
	f, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := tar.NewWriter(f)
	for _, file := range files {
		if err := packFile(ctx, w, file[0], file[1]); err != nil {
			return err
		}
	}
	return w.Close()
}

func packFile(ctx context.Context, w *tar.Writer, name, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	err = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: fi.Size(), Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR})
	if err != nil {
		// Beyond 8 GiB the plainest form has no room for the size.
		err = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: fi.Size(), Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatGNU})
	}
	if err != nil {
		return err
	}
	buf := make([]byte, mib)
	for {
		n, err := f.Read(buf)
		if _, werr := w.Write(buf[:n]); werr != nil {
			return werr
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// fileName makes a name that every importer takes for a file's.
func fileName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, name)
	const most = 80 // the plainest form of tar has room for 100 bytes
	clean = clean[:min(len(clean), most)]
	return cmp.Or(strings.TrimLeft(clean, ".-"), "machine")
}
