package netio

import (
	"errors"
	"io"

	"github.com/google/gopacket/pcapgo"
)

// maxFrame bounds one frame in bytes: nothing longer is a network packet, and a
// lying length must not make us allocate.
const maxFrame = 1 << 20

// classicReader reads pcap files through gopacket.
type classicReader struct {
	r      *pcapgo.Reader
	ifs    []Interface
	offset int64
}

func newClassicReader(r io.Reader, name string) (*classicReader, error) {
	pr, err := pcapgo.NewReader(r)
	if err != nil {
		return nil, &DamageError{Reason: "pcap header: " + err.Error()}
	}
	pr.SetSnaplen(maxFrame)
	return &classicReader{
		r:      pr,
		ifs:    []Interface{{Name: name, Link: LinkType(pr.LinkType())}},
		offset: 24,
	}, nil
}

func (c *classicReader) interfaces() []Interface { return c.ifs }

func (c *classicReader) next(f *Frame) error {
	data, ci, err := c.r.ReadPacketData()
	if err != nil {
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return io.EOF
		}
		return &DamageError{Offset: c.offset, Reason: "pcap record: " + err.Error()}
	}
	c.offset += 16 + int64(len(data))
	f.Time = ci.Timestamp.UnixNano()
	f.Data, f.OrigLen = data, ci.Length
	return nil
}
