package vm

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"nfvm/nf"
	"nfvm/packet"
)

// framed puts a network packet behind an Ethernet header, with a VLAN tag or
// none.
func framed(etherType uint16, tagged bool, network []byte) []byte {
	frame := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}
	if tagged {
		frame = append(frame, 0x81, 0, 0x20, 7)
	}
	return append(binary.BigEndian.AppendUint16(frame, etherType), network...)
}

// Frames of every length, with and without a VLAN tag, extension headers or a
// fragment's offset, meet the same rules with an index and without: a rule whose
// load fails is one that does not match.
func TestDispatchOfFramesCutShort(t *testing.T) {
	var rules []string
	for n := range 12 {
		rules = append(rules, fmt.Sprintf("ether saddr 02:00:00:00:00:%02x counter", n), fmt.Sprintf("vlan id %d counter", n),
			fmt.Sprintf("@ll,64,64 & 0xffff != %d counter", n), fmt.Sprintf("ip saddr . udp dport { 10.0.1.2 . %d, 10.0.1.3 . 0-%d } counter", n, n),
			fmt.Sprintf("tcp dport != %d counter", n), fmt.Sprintf("th sport < %d counter", n), fmt.Sprintf("@th,8,32 > %d counter", n),
			fmt.Sprintf("ip6 saddr fe80::/%d counter", 10+n), fmt.Sprintf("exthdr frag exists th dport %d counter", n), fmt.Sprintf("vlan pcp %d ip daddr 10.0.0.0/%d counter", n%3, 8+n),
			fmt.Sprintf("meta l4proto %d counter", n), fmt.Sprintf("@ih,0,8 != %d counter", n), fmt.Sprintf("ip frag-off & 0x1fff == 0 udp dport %d-12 counter", n))
	}
	src := "table netdev t {\nchain c {\n"
	for _, r := range rules {
		src += r + "\n"
	}
	src += "}\n}\n"
	plain, indexed := mustLoad(t, compiled(t, src, 0), Options{}), mustLoad(t, compiled(t, src, 1), Options{})
	if c := indexed.tables[0].chains[0]; len(c.Chain.Dispatch) == 0 {
		t.Fatal("the chain has no index")
	}
	extended := ipv6(0, append([]byte{17, 0, 1, 4, 0, 0, 0, 0}, udp(3, 9, 8)...))
	piece := ipv6(44, append([]byte{17, 0, 0, 9, 0, 0, 0, 1}, udp(3, 9, 8)...))
	for _, whole := range [][]byte{
		framed(0x800, false, ipv4(nf.ProtoUDP, udp(3, 9, 8))), framed(0x800, true, ipv4(nf.ProtoTCP, tcp(3, 9))),
		framed(0x800, true, later(ipv4(nf.ProtoUDP, udp(3, 9, 8)))), framed(0x86dd, false, extended),
		framed(0x86dd, true, piece), framed(0x88cc, true, []byte{1, 2, 3}),
	} {
		for n := 14; n <= len(whole); n++ {
			before := counts(plain)
			met := [2]bool{meets(plain, whole[:n]), meets(indexed, whole[:n])}
			if want, got := counts(plain), counts(indexed); got != want || met[0] != met[1] {
				t.Fatalf("% x\nplain %s\nindex %s", whole[:n], want, got)
			} else if want == before && met[0] {
				t.Fatalf("% x meets no rule", whole[:n])
			}
		}
	}
}

// meets sends a frame through a ruleset's first chain, if it has an Ethernet
// header.
func meets(r *Ruleset, frame []byte) bool {
	p := new(packet.Packet)
	p.Reset(bytes.Clone(frame), true)
	if p.ParseEther() != packet.OK {
		return false
	}
	p.Dev = &nf.Link{Type: nf.ARPHRDEther}
	p.ParseIPChecked()
	NewMachine(newWorld()).Run(r.tables[0].chains[0], p, nf.HookIngress)
	return true
}
