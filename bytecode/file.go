package bytecode

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// A rules.bin file is a header and a body:
//
//	offset  size  meaning
//	0       8     Magic; its bytes show a file mangled as text
//	8       4     format version, little endian
//	12      8     length of the body in bytes, little endian
//	20      32    SHA-256 of the body
//	52      –     the body, a Program as coder writes it
const (
	Magic         = "\x89nfvm\r\n\x1a"
	FormatVersion = 4

	headerSize = len(Magic) + 4 + 8 + sha256.Size
)

// ErrNotRules is the error of Decode for data that doesn't begin with Magic.
var ErrNotRules = errors.New("not a rules.bin file")

// IsRules reports whether data begins as a rules.bin file does.
func IsRules(data []byte) bool { return bytes.HasPrefix(data, []byte(Magic)) }

// Encode gives the rules.bin file of a program. Equal programs give equal
// bytes.
func Encode(p *Program) ([]byte, error) {
	c := &coder{buf: make([]byte, headerSize, headerSize+sizeHint(p))}
	codeProgram(c, p)
	if c.err != nil {
		return nil, c.err
	}
	body := c.buf[headerSize:]
	copy(c.buf, header(len(body), sha256.Sum256(body)))
	return c.buf, nil
}

// header gives the header of a body.
func header(size int, sum [sha256.Size]byte) []byte {
	h := append(make([]byte, 0, headerSize), Magic...)
	h = binary.LittleEndian.AppendUint32(h, FormatVersion)
	h = binary.LittleEndian.AppendUint64(h, uint64(size))
	return append(h, sum[:]...)
}

// sizeHint estimates the size of the body from its bulkiest parts.
func sizeHint(p *Program) int {
	n := 4096
	for _, t := range p.Tables {
		for _, c := range t.Chains {
			for _, r := range c.Rules {
				n += 32 + len(r.Text) + len(r.packed.code) + 20*len(r.Exprs)
			}
		}
		for _, s := range t.Sets {
			n += s.Len() * (int(s.KeyLen+s.DataLen) + 8)
		}
	}
	return n
}

// Decode reads a rules.bin file. It fails on anything but the exact bytes of a
// file of this format version; the Program it returns is well formed but not
// verified (see Verify), and refers to data, which must not change afterwards.
func Decode(data []byte) (*Program, error) {
	body, err := checkHeader(data)
	if err != nil {
		return nil, err
	}
	c := &coder{reading: true, buf: body}
	p := new(Program)
	codeProgram(c, p)
	if c.err == nil && len(c.buf) != 0 {
		c.fail("%d bytes follow the program", len(c.buf))
	}
	if c.err != nil {
		return nil, fmt.Errorf("rules.bin: damaged at byte %d: %w", len(data)-len(c.buf), c.err)
	}
	return p, nil
}

func checkHeader(data []byte) (body []byte, err error) {
	if !IsRules(data) {
		return nil, ErrNotRules
	}
	if len(data) < headerSize {
		return nil, fmt.Errorf("rules.bin: cut off in the header, at byte %d", len(data))
	}
	version := binary.LittleEndian.Uint32(data[8:])
	if version != FormatVersion {
		return nil, fmt.Errorf("rules.bin: format version %d is unknown, this program reads version %d", version, FormatVersion)
	}
	size := binary.LittleEndian.Uint64(data[12:])
	body = data[headerSize:]
	if size != uint64(len(body)) {
		return nil, fmt.Errorf("rules.bin: the header promises %d bytes, the file holds %d", size, len(body))
	}
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[20:headerSize]) {
		return nil, errors.New("rules.bin: checksum mismatch")
	}
	return body, nil
}
