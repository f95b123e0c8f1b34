package proto

import (
	"nfvm/datatype"
	"nfvm/nf"
)

// VXLAN is the header of a VXLAN tunnel (RFC 7348), behind UDP.
var VXLAN = &Desc{
	Name: "vxlan", Base: Inner, Size: 64, Checksum: -1,
	Fields: []Field{
		field("flags", datatype.Bitmask, 0, 8),
		number("vni", 32, 24),
	},
}

// Geneve is the fixed part of the header of a Geneve tunnel (RFC 8926), behind
// UDP.
var Geneve = &Desc{
	Name: "geneve", Base: Inner, Size: 64, Checksum: -1,
	Fields: []Field{
		field("type", datatype.EtherType, 16, 16),
		number("vni", 32, 24),
	},
}

// What the kernel has to find in a tunnel (enum nft_inner_flags): the size of
// the tunnel header is fixed, the inner packet has a link, a network, a
// transport header.
const (
	InnerHdrSize = 1 << iota
	InnerLink
	InnerNetwork
	InnerTransport
)

// A Tunnel is a protocol whose inner packet has fields of its own in the
// language: `vxlan ip saddr`.
type Tunnel struct {
	Name    string
	Type    uint32 // enum nft_inner_type; above geneve as the compiler numbers them
	HdrSize uint32 // bytes
	Flags   uint32
	Outer   *Desc // the transport header that carries it
	Header  *Desc // of the tunnel itself, nil where it is the transport header
}

// Tunnels lists all tunnels.
var Tunnels = []*Tunnel{
	{"vxlan", 1, 8, InnerHdrSize | InnerLink | InnerNetwork | InnerTransport, UDP, VXLAN},
	{"geneve", 2, 8, InnerHdrSize | InnerLink | InnerNetwork | InnerTransport, UDP, Geneve},
	{"gre", 3, 4, InnerNetwork | InnerTransport, GRE, nil},
	{"gretap", 4, 4, InnerLink | InnerNetwork | InnerTransport, GRE, nil},
}

// FindTunnel finds a tunnel by its name, or nil.
func FindTunnel(name string) *Tunnel {
	for _, t := range Tunnels {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// TunnelOf finds a tunnel by its number, or nil.
func TunnelOf(number uint32) *Tunnel {
	for _, t := range Tunnels {
		if t.Type == number {
			return t
		}
	}
	return nil
}

// Context gives the family in whose terms the inner packet is described: one
// that starts at its Ethernet header, or at its network header.
func (t *Tunnel) Context() nf.Family {
	if t.Flags&InnerLink != 0 {
		return nf.FamilyBridge
	}
	return nf.FamilyNetdev
}
