package bytecode

import (
	"crypto/sha256"
	"io"
)

// A File is where Write puts a program: the body in order, the header last.
type File interface {
	io.Writer
	io.WriterAt
}

// Write writes the rules.bin file of a program, the same bytes as Encode gives,
// into an empty file. The elements of large sets go there as they are made. After
// an error the file is of no use.
func Write(f File, p *Program) error {
	sum, size := sha256.New(), 0
	var failed error
	put := func(b []byte) {
		sum.Write(b)
		size += len(b)
		if _, err := f.Write(b); failed == nil {
			failed = err
		}
	}
	if _, err := f.Write(make([]byte, headerSize)); err != nil {
		return err
	}
	c := &coder{spill: put}
	codeProgram(c, p)
	put(c.buf)
	if c.err != nil {
		return c.err
	}
	if failed != nil {
		return failed
	}
	_, err := f.WriteAt(header(size, [sha256.Size]byte(sum.Sum(nil))), 0)
	return err
}
