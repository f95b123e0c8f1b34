package vm

import (
	"encoding/binary"
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
)

// The tunnels as the compiler names them.
const (
	allLayers = innerHdrSize | innerLink | innerNetwork | innerTransport
	vxlan     = 1
)

// inside wraps a load of the packet in a tunnel.
func inside(typ uint32, e bytecode.Expr) bytecode.Expr {
	n := &bytecode.Inner{Type: typ, HdrSize: 8, Flags: allLayers, Expr: e}
	switch typ {
	case 3:
		n.HdrSize, n.Flags = 4, innerHdrSize|innerNetwork|innerTransport
	case 4:
		n.HdrSize, n.Flags = 4, innerLink|innerNetwork|innerTransport
	}
	return n
}

func ether(typ uint16, payload []byte) []byte {
	b := make([]byte, 14, 14+len(payload))
	b[5], b[11] = 1, 2
	binary.BigEndian.PutUint16(b[12:], typ)
	return append(b, payload...)
}

func tunnelled(dport uint16, header, frame []byte) []byte {
	return ipv4(nf.ProtoUDP, append(append(udp(9, dport, 0), header...), frame...))
}

// TestInner holds loads from packets inside tunnels to what Linux 6.18 did with
// the same packets.
func TestInner(t *testing.T) {
	head := []byte{8, 0, 0, 0, 0, 0, 10, 0}
	dns := udp(5, 53, 0)
	options := append([]byte{nf.ProtoUDP, 0, 1, 4, 0, 0, 0, 0}, dns...)
	tagged := append([]byte{0, 10, 8, 0}, ipv4(nf.ProtoUDP, dns)...)
	frame4 := ether(nf.EtherTypeIPv4, ipv4(nf.ProtoUDP, dns))
	geneve := append([]byte{1, 0, 0x65, 0x58, 0, 0, 10, 0}, 0, 0, 0, 0)
	plain := tunnelled(4789, head, frame4)
	ll, nh, th, tun := bytecode.PayloadLink, bytecode.PayloadNetwork, bytecode.PayloadTransport, bytecode.PayloadTunnel
	dport := []bytecode.Expr{inside(vxlan, load(th, 2, 2)), eq(0, 53)}
	vni := []bytecode.Expr{inside(vxlan, load(tun, 4, 3)), eq(0, 0, 10)}
	for _, c := range []struct {
		name  string
		pkt   []byte
		exprs []bytecode.Expr
		want  bool
	}{
		{"vni", plain, vni, true},
		{"ether saddr", plain, []bytecode.Expr{inside(vxlan, load(ll, 6, 6)), eq(0, 0, 0, 0, 0, 2)}, true},
		{"ip saddr", plain, []bytecode.Expr{inside(vxlan, load(nh, 12, 4)), eq(10, 0, 1, 2)}, true},
		{"udp dport", plain, dport, true},
		{"protocol", plain, []bytecode.Expr{inside(vxlan, meta(bytecode.MetaProtocol)), eq(8, 0)}, true},
		{"l4proto", plain, []bytecode.Expr{inside(vxlan, meta(bytecode.MetaL4Proto)), eq(nf.ProtoUDP)}, true},
		{"tagged: protocol", tunnelled(4789, head, ether(nf.EtherTypeVLAN, tagged)), []bytecode.Expr{inside(vxlan, meta(bytecode.MetaProtocol)), eq(0x81, 0)}, true},
		{"tagged: dport", tunnelled(4789, head, ether(nf.EtherTypeVLAN, tagged)), dport, true},
		{"arp has not even a vni", tunnelled(4789, head, ether(0x806, make([]byte, 28))), vni, false},
		{"too short", tunnelled(4789, head, []byte{1, 2, 3}), vni, false},
		{"later fragment: dport", tunnelled(4789, head, ether(nf.EtherTypeIPv4, later(ipv4(nf.ProtoUDP, dns)))), dport, false},
		{"later fragment: vni", tunnelled(4789, head, ether(nf.EtherTypeIPv4, later(ipv4(nf.ProtoUDP, dns)))), vni, true},
		{"IPv6 behind options", tunnelled(4789, head, ether(nf.EtherTypeIPv6, ipv6(nf.ProtoDstOpts, options))), dport, true},
		{"not udp", ipv4(nf.ProtoTCP, tcp(1, 4789)), vni, false},
		{"geneve with options", tunnelled(6081, geneve, frame4), []bytecode.Expr{inside(innerGeneve, load(th, 2, 2)), eq(0, 53)}, true},
		{"gre", ipv4(nf.ProtoGRE, append([]byte{0, 0, 8, 0}, ipv4(nf.ProtoUDP, dns)...)), []bytecode.Expr{inside(3, load(th, 2, 2)), eq(0, 53)}, true},
		{"gre with a key", ipv4(nf.ProtoGRE, append([]byte{0x20, 0, 8, 0, 0, 0, 0, 1}, ipv4(nf.ProtoUDP, dns)...)), []bytecode.Expr{inside(3, load(nh, 12, 1)), eq(10)}, true},
		{"gretap", ipv4(nf.ProtoGRE, append([]byte{0, 0, 0x65, 0x58}, frame4...)), []bytecode.Expr{inside(4, load(ll, 6, 6)), eq(0, 0, 0, 0, 0, 2)}, true},
	} {
		if got := matches(t, newWorld(), parsed(c.pkt), c.exprs...); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
