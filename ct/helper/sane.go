package helper

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

const (
	saneStart       = 7 // the request SANE_NET_START
	saneMessageSize = 8 // of that request, and of the answer's begin
)

// sane is the helper for scanners on the network (SANE): the answer to a request
// to start names the port of the data. What is remembered is whether such an
// answer is due.
func (t *tracker) sane(p *packet.Packet, e *ct.Entry) nf.Verdict {
	_, data, ok := payloadTCP(p)
	if !ok || !established(p) {
		return nf.Accept
	}
	due := &t.table.HelpData(e)[0]
	if p.CTInfo.Dir() == nf.DirOriginal {
		if len(data) == saneMessageSize {
			*due = 0
			if binary.BigEndian.Uint32(data) == saneStart {
				*due = 1
			}
		}
		return nf.Accept
	}
	if *due == 0 {
		return nf.Accept
	}
	*due = 0
	// Status and a filler, both zero, come before the port.
	if len(data) < saneMessageSize || binary.BigEndian.Uint32(data) != 0 || binary.BigEndian.Uint16(data[4:]) != 0 {
		return nf.Accept
	}
	to := &e.Tuple[nf.DirOriginal]
	return t.expect(ct.NewExpectation(e, 0, nf.ProtoTCP, &to.Src, to.Dst, nil, binary.BigEndian.Uint16(data[6:])))
}
