package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// A Transport6 is the end of a walk over IPv6 extension headers.
type Transport6 struct {
	Proto      uint8
	Offset     int // of the header, from the start of the IPv6 header
	FragOffset int // in bytes, 0 for the first fragment and without one
	MoreFrags  bool
	FragHeader int // offset of the fragment header, 0 when there is none
}

// IsExtHeader6 reports whether the kernel counts protocol n as an IPv6
// extension header (ipv6_ext_hdr): hop-by-hop, routing, fragment,
// authentication, none, destination options.
func IsExtHeader6(n uint8) bool {
	switch n {
	case nf.ProtoHopByHop, nf.ProtoRouting, nf.ProtoFragment, nf.ProtoAH, nf.ProtoNone, nf.ProtoDstOpts:
		return true
	}
	return false
}

// FindTransport6 walks the extension headers of the IPv6 packet b as
// ipv6_find_hdr does for nf_tables: it stops at an authentication header and at
// "no next header", and behind the fragment header of a later fragment, where
// an extension header as next header is an error. It fails when the chain runs
// past the packet.
func FindTransport6(b []byte) (h Transport6, ok bool) {
	if len(b) < IPv6Size {
		return h, false
	}
	h.Proto, h.Offset = b[6], IPv6Size
	for IsExtHeader6(h.Proto) && h.Proto != nf.ProtoNone && h.Proto != nf.ProtoAH {
		if !h.step(b) {
			return h, false
		}
		if h.FragOffset != 0 {
			return h, !IsExtHeader6(h.Proto) || h.Proto == nf.ProtoNone
		}
	}
	// An authentication header must be there at least with its first two bytes.
	return h, h.Proto != nf.ProtoAH || h.Offset+2 <= len(b)
}

// SkipExtHeaders6 walks the extension headers of b from offset start, whose
// header is of type proto, as ipv6_skip_exthdr does for connection tracking:
// authentication headers are skipped too, and "no next header" is an error. On
// a later fragment it stops at the fragment header itself.
func SkipExtHeaders6(b []byte, start int, proto uint8) (h Transport6, ok bool) {
	h.Proto, h.Offset = proto, start
	for IsExtHeader6(h.Proto) {
		if h.Proto == nf.ProtoNone {
			return h, false
		}
		at, typ := h.Offset, h.Proto
		if !h.step(b) {
			return h, false
		}
		if h.FragOffset != 0 {
			h.Offset, h.Proto = at, typ
			return h, true
		}
	}
	return h, true
}

// step passes one extension header.
func (h *Transport6) step(b []byte) bool {
	at := h.Offset
	if at < 0 || at+2 > len(b) {
		return false
	}
	size := (int(b[at+1]) + 1) * 8
	switch h.Proto {
	case nf.ProtoFragment:
		if at+4 > len(b) {
			return false
		}
		f := binary.BigEndian.Uint16(b[at+2:])
		h.FragOffset, h.MoreFrags, h.FragHeader = int(f&^7), f&1 != 0, at
		size = 8
	case nf.ProtoAH:
		size = (int(b[at+1]) + 2) * 4
	}
	h.Proto = b[at]
	h.Offset = at + size
	return true
}
