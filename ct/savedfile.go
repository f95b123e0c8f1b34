package ct

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
)

// A file of saved connections, all numbers little-endian:
//
//	"nfvm-ct\n", the version, four zero bytes, the time: 8, 4, 4, 8 bytes
//	the number of names (4), each its length (1) and its bytes
//	the number of policies (4), each L3, L4 and the lifetimes (98)
//	the number of records (4), each as record says
//	the numbers of expectations and of helpers' memories (4, 4), then these
//	the SHA-256 of all that comes before
const (
	savedMagic   = "nfvm-ct\n"
	savedVersion = 2
	maxName      = 255
)

var (
	le         = binary.LittleEndian
	recordSize = binary.Size(record{})
	policySize = binary.Size(Policy{})
	expectSize = binary.Size(recordExpect{})
	helpSize   = binary.Size(recordHelp{})

	errSaved = errors.New("not a file of saved connections, or a damaged one")
)

// Write writes the connections to a file.
func (s *Saved) Write(w io.Writer) error {
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<16)
	b := le.AppendUint32([]byte(savedMagic), savedVersion)
	b = le.AppendUint64(le.AppendUint32(b, 0), uint64(s.Time))
	b = le.AppendUint32(b, uint32(len(s.names)))
	for _, name := range s.names {
		name = name[:min(len(name), maxName)]
		b = append(append(b, uint8(len(name))), name...)
	}
	b = le.AppendUint32(b, uint32(len(s.policies)))
	for i := range s.policies {
		b = appendFixed(b, &s.policies[i])
	}
	out.Write(le.AppendUint32(b, uint32(len(s.records)))) // Flush gives the error
	for i := range s.records {
		b = appendFixed(b[:0], &s.records[i])
		out.Write(b)
	}
	b = le.AppendUint32(le.AppendUint32(b[:0], uint32(len(s.expects))), uint32(len(s.help)))
	for i := range s.expects {
		b = appendFixed(b, &s.expects[i])
	}
	for i := range s.help {
		b = appendFixed(b, &s.help[i])
	}
	out.Write(b)
	if err := out.Flush(); err != nil {
		return err
	}
	_, err := w.Write(sum.Sum(nil))
	return err
}

// appendFixed appends a value that has a fixed size.
func appendFixed(b []byte, v any) []byte {
	b, _ = binary.Append(b, le, v) // fails for other types only
	return b
}

// ReadSaved reads what Write has written. It fails on anything else, also if a
// single bit has changed, and never takes more memory than a few times the
// file's size.
func ReadSaved(r io.Reader) (*Saved, error) {
	in := &savedReader{in: bufio.NewReaderSize(r, 1<<16), sum: sha256.New()}
	s := &Saved{}
	if string(in.bytes(len(savedMagic))) != savedMagic {
		return nil, in.fail()
	}
	if v := in.number(); in.err == nil && v != savedVersion {
		return nil, fmt.Errorf("saved connections of version %d, this program knows version %d", v, savedVersion)
	}
	in.bytes(4)
	if b := in.bytes(8); in.err == nil {
		s.Time = int64(le.Uint64(b))
	}
	for n := min(in.number(), maxHandles); n > 0 && in.err == nil; n-- {
		if size := in.bytes(1); in.err == nil {
			s.names = append(s.names, string(in.bytes(int(size[0]))))
		}
	}
	for n := min(in.number(), maxHandles); n > 0 && in.err == nil; n-- {
		var p Policy
		in.value(&p, policySize)
		s.policies = append(s.policies, p)
	}
	for n := min(in.number(), maxSlots); n > 0 && in.err == nil; n-- {
		var rec record
		in.value(&rec, recordSize)
		s.records = append(s.records, rec)
	}
	in.expected(s)
	want := in.sum.Sum(nil)
	if got := in.bytes(sha256.Size); in.err != nil || !slices.Equal(got, want) || !s.sane() {
		return nil, in.fail()
	}
	return s, nil
}

// expected reads what is expected and what helpers remember.
func (r *savedReader) expected(s *Saved) {
	expects, help := min(r.number(), maxSlots), min(r.number(), maxSlots)
	for ; expects > 0 && r.err == nil; expects-- {
		var rec recordExpect
		r.value(&rec, expectSize)
		s.expects = append(s.expects, rec)
	}
	for ; help > 0 && r.err == nil; help-- {
		var rec recordHelp
		r.value(&rec, helpSize)
		s.help = append(s.help, rec)
	}
}

// sane reports whether times and lifetimes are such that sums don't overflow.
func (s *Saved) sane() bool {
	for i := range s.policies {
		for _, life := range s.policies[i].Timeouts {
			if life < 0 || life > maxLifetime {
				return false
			}
		}
	}
	return s.Time >= 0 && s.Time <= 1<<62
}

// A savedReader reads and sums. The first error stays.
type savedReader struct {
	in  *bufio.Reader
	sum hash.Hash
	buf []byte
	err error
}

// bytes gives the next n bytes, valid until the next call.
func (r *savedReader) bytes(n int) []byte {
	if r.err != nil {
		return nil
	}
	if cap(r.buf) < n {
		r.buf = make([]byte, n)
	}
	b := r.buf[:n]
	if _, r.err = io.ReadFull(r.in, b); r.err != nil {
		return nil
	}
	r.sum.Write(b)
	return b
}

func (r *savedReader) number() uint32 {
	if b := r.bytes(4); r.err == nil {
		return le.Uint32(b)
	}
	return 0
}

// value reads a value of fixed size.
func (r *savedReader) value(v any, size int) {
	if b := r.bytes(size); r.err == nil {
		_, r.err = binary.Decode(b, le, v)
	}
}

// fail gives the reason for which reading fails.
func (r *savedReader) fail() error {
	if r.err == nil || errors.Is(r.err, io.EOF) || errors.Is(r.err, io.ErrUnexpectedEOF) {
		return errSaved
	}
	return r.err
}
