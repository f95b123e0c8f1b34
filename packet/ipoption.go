package packet

import "encoding/binary"

// IPv4 option types (RFC 791, RFC 2113).
const (
	IPOptEnd         = 0
	IPOptNop         = 1
	IPOptRecordRoute = 7
	IPOptTimestamp   = 68
	IPOptLooseSource = 131
	IPOptStrict      = 137
	IPOptRouterAlert = 148
)

// Kinds of timestamp option: only times, with addresses, and for addresses that
// the sender names.
const (
	timestampOnly    = 0
	timestampAddr    = 1
	timestampPrespec = 3
)

// An OptionHost is what the host that a packet passes writes into its options.
type OptionHost struct {
	Addr    Addr            // of the host towards the sender
	Clock   uint32          // milliseconds since midnight UTC
	IsLocal func(Addr) bool // tells the host's own addresses
}

// IPOptions are the options of one IPv4 packet as a host reads them. Offsets
// are counted from the network header, 0 means absent.
type IPOptions struct {
	SourceRoute, RecordRoute, Timestamp int
	Strict                              bool // the source route is a strict one
	RouterAlert                         bool

	routeAddr, changed bool
	// stampAddr and stampTime tell what the host has written at the timestamp.
	stampAddr, stampTime bool
}

// ReadOptions checks the options of an IPv4 packet and writes into them what a
// host does on receive, after routing: its address and the time
// (__ip_options_compile). The header checksum is left stale as the kernel
// leaves it until ForwardOptions. problem is the offset of the byte that is
// wrong, for an ICMP parameter problem, 0 for good options.
func (p *Packet) ReadOptions(h *OptionHost) (o IPOptions, problem int) {
	b := p.IP()
	if len(b) < IPv4Size || int(b[0]&15)*4 > len(b) {
		return o, 0
	}
	end := int(b[0]&15) * 4
	for i := IPv4Size; i < end; {
		switch b[i] {
		case IPOptEnd:
			o.clearRest(b[i+1 : end])
			return o, 0
		case IPOptNop:
			i++
			continue
		}
		if end-i < 2 || b[i+1] < 2 || int(b[i+1]) > end-i {
			return o, i
		}
		n := int(b[i+1])
		if bad := o.read(b[i:i+n], i, h); bad >= 0 {
			return o, i + bad
		}
		i += n
	}
	return o, 0
}

// clearRest blanks what follows the end of the options.
func (o *IPOptions) clearRest(b []byte) {
	for i := range b {
		if b[i] != IPOptEnd {
			b[i] = IPOptEnd
			o.changed = true
		}
	}
}

// read handles one option at offset at; bad is the offset of a wrong byte in
// it, -1 for none.
func (o *IPOptions) read(b []byte, at int, h *OptionHost) (bad int) {
	switch b[0] {
	case IPOptLooseSource, IPOptStrict:
		if bad := pointerAt(b, 3, 4); bad >= 0 {
			return bad
		}
		if o.SourceRoute != 0 {
			return 0
		}
		o.SourceRoute, o.Strict = at, b[0] == IPOptStrict
	case IPOptRecordRoute:
		return o.readRoute(b, at, h)
	case IPOptTimestamp:
		return o.readTimestamp(b, at, h)
	case IPOptRouterAlert:
		if len(b) < 4 {
			return 1
		}
		o.RouterAlert = o.RouterAlert || b[2]|b[3] == 0
	}
	return -1
}

// pointerAt checks the length of an option and the pointer in its third byte.
func pointerAt(b []byte, length int, pointer byte) (bad int) {
	switch {
	case len(b) < length:
		return 1
	case b[2] < pointer:
		return 2
	}
	return -1
}

func (o *IPOptions) readRoute(b []byte, at int, h *OptionHost) (bad int) {
	if o.RecordRoute != 0 {
		return 0
	}
	if bad := pointerAt(b, 3, 4); bad >= 0 {
		return bad
	}
	if ptr := int(b[2]); ptr <= len(b) {
		if ptr+3 > len(b) {
			return 2
		}
		copy(b[ptr-1:], h.Addr[:4])
		b[2] += 4
		o.changed, o.routeAddr = true, true
	}
	o.RecordRoute = at
	return -1
}

func (o *IPOptions) readTimestamp(b []byte, at int, h *OptionHost) (bad int) {
	if o.Timestamp != 0 {
		return 0
	}
	if bad := pointerAt(b, 4, 5); bad >= 0 {
		return bad
	}
	if int(b[2]) <= len(b) {
		if bad := o.stamp(b, h); bad >= 0 {
			return bad
		}
	} else if b[3]&15 != timestampPrespec {
		if b[3]>>4 == 15 {
			return 3
		}
		b[3] += 1 << 4 // one more host that found no room
		o.changed = true
	}
	o.Timestamp = at
	return -1
}

// stamp writes the time, and the address where asked for, at the pointer.
func (o *IPOptions) stamp(b []byte, h *OptionHost) (bad int) {
	ptr, kind := int(b[2]), b[3]&15
	if ptr+3 > len(b) || (kind == timestampAddr || kind == timestampPrespec) && ptr+7 > len(b) {
		return 2
	}
	at := ptr - 1
	switch kind {
	case timestampOnly:
	case timestampAddr:
		copy(b[at:], h.Addr[:4])
		at += 4
		o.stampAddr = true
	case timestampPrespec:
		if h.IsLocal == nil || !h.IsLocal(addrOf(b[at:at+4])) {
			return -1
		}
		at += 4
	default:
		return -1
	}
	binary.BigEndian.PutUint32(b[at:], h.Clock)
	b[2] = byte(at + 5)
	o.changed, o.stampTime = true, true
	return -1
}

// ForwardOptions writes the address of the host on the way out, src, into a
// recorded route over the one on the way in, and brings the header checksum up
// to date (ip_forward_options). It is called behind the forward hook.
func (p *Packet) ForwardOptions(o *IPOptions, src Addr) {
	b := p.IP()
	if o.routeAddr {
		opt := b[o.RecordRoute:]
		copy(opt[opt[2]-5:], src[:4])
	}
	if o.changed {
		o.changed = false
		FixIPv4Checksum(b)
	}
}
