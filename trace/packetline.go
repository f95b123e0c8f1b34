package trace

import (
	"nfvm/datatype"
	"nfvm/nf"
	"nfvm/proto"
)

// protoGRE has a header that nft 1.0.6 does not know.
const protoGRE = 47

// Fields gives what the packet line shows of a packet in a table of a family.
func (p *Packet) Fields(table nf.Family, o *datatype.Options) []Field {
	var out []Field
	if len(p.Link) > 0 {
		out = append(out, p.linkFields(o)...)
	}
	network := networkHeader(p.Family)
	upper := p.upper()
	if table == nf.FamilyNetdev && len(p.Link) == 0 {
		network, upper = nil, nil // nothing says what it is
	}
	// A table of one family needs no protocol where the transport header tells
	// it; other families keep it, since it says which IP it is.
	skip := ""
	if upper != nil && network != nil && (table == nf.FamilyIPv4 || table == nf.FamilyIPv6) {
		skip = network.Key
	}
	out = append(out, fields(network, proto.Network, p.networkBytes(), skip, o)...)
	if p.Transport != nil {
		data := p.Transport[:min(len(p.Transport), transportSize)]
		out = append(out, fields(upper, proto.Transport, data, "", o)...)
	}
	return out
}

// upper finds the transport protocol as nft does, by the field of the network
// header: behind IPv6 extension headers it shows raw bytes.
func (p *Packet) upper() *proto.Desc {
	switch {
	case p.Transport == nil || p.Proto == protoGRE:
		return nil
	case p.Family != nf.FamilyIPv6:
		return proto.Inet.Next(uint32(p.Proto))
	case len(p.networkBytes()) > 6:
		return proto.Inet.Next(uint32(p.Network[6]))
	}
	return nil
}

// networkBytes are the bytes from the network header to the transport header,
// as far as the kernel sends them.
func (p *Packet) networkBytes() []byte {
	n := len(p.Network)
	if p.Transport != nil {
		n -= len(p.Transport)
	}
	return p.Network[:max(0, min(n, networkSize))]
}

func (p *Packet) linkFields(o *datatype.Options) []Field {
	data := p.Link[:min(len(p.Link), linkSize)]
	if !p.Ether {
		return fields(nil, proto.Link, data, "", o)
	}
	skip := ""
	if len(data) >= 14 && networkHeader(p.Family) != nil && len(p.networkBytes()) > 0 {
		skip = "type"
	}
	const etherSize = 14
	if len(data) <= etherSize {
		return fields(proto.Ether, proto.Link, data, skip, o)
	}
	return append(fields(proto.Ether, proto.Link, data[:etherSize], skip, o), fields(proto.VLAN, proto.Link, data[etherSize:], skip, o)...)
}

func networkHeader(f nf.Family) *proto.Desc {
	switch f {
	case nf.FamilyIPv4:
		return proto.IP
	case nf.FamilyIPv6:
		return proto.IP6
	case nf.FamilyARP:
		return proto.ARP
	}
	return nil
}
