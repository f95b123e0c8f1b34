package replay

import (
	"fmt"
	"net/netip"
	"slices"

	"nfvm/ct"
	"nfvm/netfilter"
	"nfvm/nf"
	"nfvm/packet"
)

// A flow is what a person calls the same traffic: from whom to whom and for
// which service. The port of the side that asks is left out.
type flow struct {
	proto    string
	src, dst netip.AddrPort // the port of src is 0
	note     string         // what stands for a port where there is none
	newSrc   netip.Addr     // after translation; invalid if unchanged
	newDst   netip.AddrPort
}

// String gives "tcp 192.0.2.1 → 198.51.100.1:80".
func (f flow) String() string {
	if !f.src.IsValid() {
		return f.proto
	}
	s := fmt.Sprintf("%-6s %s → %s", f.proto, f.src.Addr(), endpoint(f.dst))
	if f.note != "" {
		s += " " + f.note
	}
	return s
}

// Tuple names a packet in full: "tcp 192.0.2.1:40000 > 198.51.100.1:80".
func Tuple(o *netfilter.Outcome) string {
	f, p := describe(o)
	if !f.src.IsValid() {
		return f.proto
	}
	src := f.src
	if f.dst.Port() != 0 {
		port, _, _ := p.Ports()
		src = netip.AddrPortFrom(src.Addr(), port)
	}
	s := f.proto + " " + endpoint(src) + " > " + endpoint(f.dst)
	if f.note != "" {
		s += " " + f.note
	}
	return s
}

// endpoint writes an address, and a port if it has one.
func endpoint(a netip.AddrPort) string {
	if a.Port() == 0 {
		return a.Addr().String()
	}
	return a.String()
}

// flowOf describes a packet as it was when its fate was decided.
func flowOf(o *netfilter.Outcome) flow {
	f, _ := describe(o)
	return f
}

func describe(o *netfilter.Outcome) (flow, *packet.Packet) {
	var p packet.Packet
	p.Reset(slices.Clone(o.Frame), o.Ether) // a VLAN tag is taken out in place
	if o.Ether {
		if why := p.ParseEther(); why != packet.OK {
			return flow{proto: "a frame cut short"}, &p
		}
	}
	if f, ok := arpFlow(p.IP()); ok && p.EtherType == nf.EtherTypeARP {
		return f, &p
	}
	if p.EtherType != nf.EtherTypeIPv4 && p.EtherType != nf.EtherTypeIPv6 {
		return flow{proto: fmt.Sprintf("ethertype 0x%04x", p.EtherType)}, &p
	}
	if p.CheckIP() != packet.OK {
		return flow{proto: "a malformed packet"}, &p
	}
	f := flow{
		proto: protoName(p.Proto),
		src:   netip.AddrPortFrom(p.Src().Netip(p.Family), 0),
		dst:   netip.AddrPortFrom(p.Dst().Netip(p.Family), 0),
	}
	switch l4 := p.L4(); {
	case !p.L4Known || p.FragOffset != 0:
		f.note = "fragment"
	case p.Proto == nf.ProtoICMP || p.Proto == nf.ProtoICMPv6:
		if len(l4) >= 1 {
			f.note = icmpName(p.Proto, l4[0])
		}
	default:
		if _, port, ok := p.Ports(); ok {
			f.dst = netip.AddrPortFrom(f.dst.Addr(), port)
		}
	}
	return f, &p
}

// flowOfEntry describes a connection with its translation.
func flowOfEntry(e *ct.Entry) flow {
	orig, reply := &e.Tuple[nf.DirOriginal], &e.Tuple[nf.DirReply]
	l3 := nf.Family(orig.L3)
	f := flow{
		proto: protoName(orig.L4),
		src:   netip.AddrPortFrom(orig.Src.Netip(l3), 0),
		dst:   netip.AddrPortFrom(orig.Dst.Netip(l3), 0),
	}
	icmp := orig.L4 == nf.ProtoICMP || orig.L4 == nf.ProtoICMPv6
	if icmp {
		f.note = icmpName(orig.L4, orig.ICMPType())
	} else {
		f.dst = netip.AddrPortFrom(f.dst.Addr(), orig.DstID)
	}
	if reply.Dst != orig.Src {
		f.newSrc = reply.Dst.Netip(l3)
	}
	if reply.Src != orig.Dst || !icmp && reply.SrcID != orig.DstID {
		f.newDst = netip.AddrPortFrom(reply.Src.Netip(l3), 0)
		if !icmp {
			f.newDst = netip.AddrPortFrom(f.newDst.Addr(), reply.SrcID)
		}
	}
	return f
}

var protoNames = map[uint8]string{
	nf.ProtoICMP: "icmp", nf.ProtoTCP: "tcp", nf.ProtoUDP: "udp", nf.ProtoDCCP: "dccp", nf.ProtoGRE: "gre",
	nf.ProtoICMPv6: "icmpv6", nf.ProtoSCTP: "sctp", nf.ProtoUDPLite: "udplite", 2: "igmp", 50: "esp", 51: "ah",
}

func protoName(proto uint8) string {
	if n := protoNames[proto]; n != "" {
		return n
	}
	return fmt.Sprintf("proto %d", proto)
}

// icmpNames are nft's names of the types that are seen most.
var icmpNames = map[uint8]map[uint8]string{
	nf.ProtoICMP: {0: "echo-reply", 3: "destination-unreachable", 5: "redirect", 8: "echo-request",
		11: "time-exceeded", 12: "parameter-problem", 13: "timestamp-request", 14: "timestamp-reply"},
	nf.ProtoICMPv6: {1: "destination-unreachable", 2: "packet-too-big", 3: "time-exceeded", 4: "parameter-problem",
		128: "echo-request", 129: "echo-reply", 130: "mld-listener-query", 131: "mld-listener-report",
		132: "mld-listener-done", 133: "nd-router-solicit", 134: "nd-router-advert", 135: "nd-neighbor-solicit",
		136: "nd-neighbor-advert", 137: "nd-redirect", 143: "mld2-listener-report"},
}

func icmpName(proto, typ uint8) string {
	if n := icmpNames[proto][typ]; n != "" {
		return n
	}
	return fmt.Sprintf("type %d", typ)
}
