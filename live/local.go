//go:build linux

package live

import (
	"encoding/binary"

	"nfvm/netfilter"
	"nfvm/nf"
	"nfvm/packet"
)

// destination gives the link-layer and the network destination of a frame, as
// far as it has them.
func destination(frame []byte) (mac [6]byte, addr packet.Addr) {
	if len(frame) < etherSize {
		return
	}
	copy(mac[:], frame)
	switch ip := frame[etherSize:]; {
	case binary.BigEndian.Uint16(frame[12:]) == nf.EtherTypeIPv4 && len(ip) >= packet.IPv4Size:
		copy(addr[:], ip[16:20])
	case binary.BigEndian.Uint16(frame[12:]) == nf.EtherTypeIPv6 && len(ip) >= packet.IPv6Size:
		copy(addr[:], ip[24:40])
	}
	return
}

// sameNeighbour reports whether a packet of the host's own leaves for where the
// host sent it, and gives the frame the neighbour that the host knows for it.
func (w *worker) sameNeighbour(o *netfilter.Outcome) bool {
	if !w.frame.Outbound || o.Generated || o.Link != w.frame.Link {
		return false
	}
	if _, addr := destination(o.Frame); addr != w.addr {
		return false
	}
	copy(o.Frame, w.mac[:])
	return true
}

// answerHost gives the host the answer to a packet of its own: a reset or an
// ICMP error that rules made. The kernel has such packets come by lo; what comes
// by another interface can't have the host's own address as its source, so that
// an error seems to come from where the packet went.
func (w *worker) answerHost(o *netfilter.Outcome) {
	at := len(w.arena)
	w.arena = append(w.arena, w.frame.Link.MAC[:]...)
	w.arena = append(w.arena, w.mac[:]...)
	if o.Frame[0]>>4 == 4 {
		w.arena = binary.BigEndian.AppendUint16(w.arena, nf.EtherTypeIPv4)
	} else {
		w.arena = binary.BigEndian.AppendUint16(w.arena, nf.EtherTypeIPv6)
	}
	w.arena = append(w.arena, o.Frame...)
	frame := w.arena[at:len(w.arena):len(w.arena)]
	var p packet.Packet
	p.Reset(frame, true)
	if p.ParseEther() != packet.OK || p.CheckIP() != packet.OK {
		return
	}
	if w.f.engine.Host().Owns(p.Src().Netip(p.Family)) {
		p.SetSrc(w.addr)
	}
	w.add(write{port: w.port, toHost: true, frame: frame, offload: offload(o)})
}
