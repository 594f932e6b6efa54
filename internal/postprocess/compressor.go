package postprocess

import (
	"io"

	"github.com/dsnet/compress/bzip2"
	"github.com/klauspost/pgzip"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// newCompressor returns what compresses by a method, at a level from 1 to 9; nil
// for a method that is not known.
func newCompressor(method string) func(w io.Writer, level int) (io.WriteCloser, error) {
	switch method {
	case "gz":
		return func(w io.Writer, level int) (io.WriteCloser, error) { return pgzip.NewWriterLevel(w, level) }
	case "bgzf":
		return func(w io.Writer, level int) (io.WriteCloser, error) { return newBGZF(w, level) }
	case "bz2":
		return func(w io.Writer, level int) (io.WriteCloser, error) {
			return bzip2.NewWriter(w, &bzip2.WriterConfig{Level: level})
		}
	case "xz":
		return func(w io.Writer, _ int) (io.WriteCloser, error) { return xz.NewWriter(w) }
	case "lz4":
		return func(w io.Writer, level int) (io.WriteCloser, error) {
			z := lz4.NewWriter(w)
			levels := []lz4.CompressionLevel{lz4.Level1, lz4.Level2, lz4.Level3, lz4.Level4, lz4.Level5, lz4.Level6, lz4.Level7, lz4.Level8, lz4.Level9}
			err := z.Apply(lz4.CompressionLevelOption(levels[level-1]), lz4.ConcurrencyOption(-1))
			return z, err
		}
	}
	return nil
}
