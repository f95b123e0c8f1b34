package packet

import "nfvm/nf"

const (
	icmp6Redirect = 137
	// redirectSize is the fixed part of the message, with its two addresses.
	redirectSize = ICMPSize + 32

	optTargetLink   = 2 // link-layer address of the target
	optRedirected   = 4 // the packet that is redirected
	ndOptionUnit    = 8
	ndHopLimit      = 255
	redirectedStart = 8 // bytes in front of the quote
)

// A Redirect6 describes an ICMPv6 redirect (RFC 4861 section 4.5).
type Redirect6 struct {
	Src    Addr    // of the router, link-local
	Target Addr    // the better next hop
	MAC    [6]byte // of the target
	HasMAC bool
}

// AppendRedirect6 appends to buf a redirect to the sender of p, a network packet
// that quotes as much of p as fits in whole units of eight bytes.
func AppendRedirect6(buf []byte, p *Packet, r *Redirect6) []byte {
	room := MinMTU6 - IPv6Size - redirectSize
	if r.HasMAC {
		room -= ndOptionUnit
	}
	quote := p.IP()
	n := min(room, len(quote)+redirectedStart) &^ (ndOptionUnit - 1)
	dst := p.Dst()
	body := append(make([]byte, 0, MinMTU6), r.Target[:]...)
	body = append(body, dst[:]...)
	if r.HasMAC {
		body = append(append(body, optTargetLink, 1), r.MAC[:]...)
	}
	body = append(body, optRedirected, byte(n/ndOptionUnit), 0, 0, 0, 0, 0, 0)
	body = append(body, quote[:n-redirectedStart]...)
	h := header6{ttl: ndHopLimit, proto: nf.ProtoICMPv6, src: r.Src, dst: p.Src()}
	e := ICMPError{Type: icmp6Redirect}
	return appendICMP(h.append(buf, ICMPSize+len(body)), nf.FamilyIPv6, &e, body, &h.src, &h.dst)
}
