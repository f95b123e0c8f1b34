package helper

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// Requests of TFTP (RFC 1350).
const (
	tftpRead  = 1
	tftpWrite = 2
)

// tftp is the TFTP helper: the server answers a request from a port of its own.
func (t *tracker) tftp(p *packet.Packet, e *ct.Entry) nf.Verdict {
	at := p.Transport + packet.UDPSize
	if p.Len() < at+2 {
		return nf.Accept
	}
	if op := binary.BigEndian.Uint16(p.IP()[at:]); op != tftpRead && op != tftpWrite {
		return nf.Accept
	}
	back := &e.Tuple[nf.DirReply]
	x := ct.NewExpectation(e, 0, nf.ProtoUDP, &back.Src, back.Dst, nil, back.DstID)
	if translated(e) {
		x.SavedID, x.Dir, x.Fn = e.Tuple[nf.DirOriginal].SrcID, nf.DirReply, ct.ExpectFollowMaster
	}
	return t.expect(x)
}
