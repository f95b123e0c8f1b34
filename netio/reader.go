package netio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A Reader reads frames from a capture.
type Reader struct {
	src    source
	number int
}

// A source is one capture format.
type source interface {
	next(f *Frame) error
	interfaces() []Interface
}

// NewReader recognises pcapng and classic pcap by their first bytes. A stream
// that is neither is an error. Interfaces that the capture does not name, such as
// the one of a classic pcap, take names in order, then eth0, eth1, … by their
// number.
func NewReader(r io.Reader, names ...string) (*Reader, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	magic, err := br.Peek(4)
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("not a capture: shorter than 4 bytes")
		}
		return nil, err
	}
	var src source
	switch binary.LittleEndian.Uint32(magic) {
	case blockSection:
		src, err = newNGReader(br, names)
	case 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1:
		src, err = newClassicReader(br, nameOf(names, 0))
	default:
		return nil, fmt.Errorf("not a capture: first bytes % x are neither pcap nor pcapng", magic)
	}
	if err != nil {
		return nil, err
	}
	return &Reader{src: src}, nil
}

// nameOf names the i-th interface of a capture that does not.
func nameOf(names []string, i int) string {
	if i < len(names) && names[i] != "" {
		return names[i]
	}
	return fmt.Sprintf("eth%d", i)
}

// Next reads one frame into f. It returns io.EOF at the end, a *DamageError
// where the capture is damaged, or the stream's own error.
func (r *Reader) Next(f *Frame) error {
	*f = Frame{}
	if err := r.src.next(f); err != nil {
		return err
	}
	r.number++
	f.Number = r.number
	return nil
}

// Interfaces lists the interfaces seen so far; pcapng may add more later.
func (r *Reader) Interfaces() []Interface { return r.src.interfaces() }
