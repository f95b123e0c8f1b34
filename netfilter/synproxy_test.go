package netfilter

import (
	"encoding/binary"
	"testing"

	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

const routerJSON6 = `{
 "addr": [
  {"ifindex":1,"ifname":"lo","mtu":65536,"link_type":"loopback"},
  {"ifindex":2,"ifname":"lan0","mtu":1500,"link_type":"none","addr_info":[{"family":"inet6","local":"fd01::1","prefixlen":64,"scope":"global"}]},
  {"ifindex":3,"ifname":"wan0","mtu":1500,"link_type":"none","addr_info":[{"family":"inet6","local":"fd02::1","prefixlen":64,"scope":"global"}]}
 ],
 "route": [{"dst":"fd01::/64","dev":"lan0"}, {"dst":"fd02::/64","dev":"wan0"}],
 "sysctl": {"net.ipv6.conf.all.forwarding":"1","net.netfilter.nf_conntrack_tcp_loose":"0"}
}`

// segment6 is a TCP segment over IPv6 between fd01::2 and fd02::2.
func segment6(toServer bool, seq, ack uint32, flags uint8, options ...byte) []byte {
	var client, server packet.Addr
	copy(client[:], []byte{0xfd, 1})
	copy(server[:], []byte{0xfd, 2})
	client[15], server[15] = 2, 2
	s := packet.Segment{Family: nf.FamilyIPv6, Src: client, Dst: server, SrcPort: [2]byte{0x13, 0x88}, DstPort: [2]byte{0, 80},
		Seq: seq, Ack: ack, Flags: flags, Window: 500, Options: options, TTL: 64}
	if !toServer {
		s.Src, s.Dst, s.SrcPort, s.DstPort = s.Dst, s.Src, s.DstPort, s.SrcPort
	}
	return s.Append(nil)
}

// The proxy works over IPv6, too, where Linux 6.18 drops segments whose checksum
// no device has found right: it takes it for one over IPv4.
func TestSynproxy6(t *testing.T) {
	h, err := host.Load([]byte(routerJSON6))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t}
	if b.e, err = New(h, Options{Seed: 1, Sink: SinkFunc(b.packet)}); err != nil {
		t.Fatal(err)
	}
	if err := b.e.Load(compile(t, `table ip6 t {
		chain r { type filter hook prerouting priority raw; tcp dport 80 tcp flags syn notrack; }
		chain f { type filter hook forward priority filter; tcp dport 80 ct state invalid,untracked synproxy mss 1440 wscale 7 timestamp sack-perm; }
	}`)); err != nil {
		t.Fatal(err)
	}
	const header = 40
	tcp := func(i int) packet.TCP {
		if len(b.raw) <= i {
			t.Fatalf("%d packets came out, want more than %d: %q", len(b.raw), i, b.out)
		}
		p := packet.Packet{EtherType: nf.EtherTypeIPv6}
		p.Reset(b.raw[i], false)
		p.EtherType = nf.EtherTypeIPv6
		if p.ParseIP(); !p.L4ChecksumOK() {
			t.Errorf("%s: wrong checksum", b.out[i])
		}
		return packet.TCP(b.raw[i][header:])
	}
	stamp := []byte{1, 1, 8, 10, 0, 0, 2, 188, 0, 0, 0, 0}
	b.send("lan0", segment6(true, 1000, 0, nf.TCPSyn, append([]byte{2, 4, 5, 100}, stamp...)...))
	answer := tcp(0)
	if answer.Flags() != nf.TCPSyn|nf.TCPAck || answer.Ack() != 1001 || answer.Window() != 0 {
		t.Errorf("answer: flags %#x ack %d window %d", answer.Flags(), answer.Ack(), answer.Window())
	}
	isn := answer.Seq()
	b.send("lan0", segment6(true, 1001, isn+9, nf.TCPAck))
	if len(b.raw) != 1 || b.out[0][:7] != "dropped" {
		t.Errorf("a wrong cookie: %q", b.out)
	}
	b.send("lan0", segment6(true, 1001, isn+1, nf.TCPAck, stamp...))
	syn := tcp(0)
	if syn.Flags() != nf.TCPSyn || syn.Seq() != 1000 || binary.BigEndian.Uint16(syn[packet.TCPSize+2:]) != 1280-60 {
		t.Errorf("to the server: flags %#x seq %d mss %d", syn.Flags(), syn.Seq(), binary.BigEndian.Uint16(syn[packet.TCPSize+2:]))
	}
	b.send("wan0", segment6(false, 9000, 1001, nf.TCPSyn|nf.TCPAck, 2, 4, 5, 160))
	if a := tcp(0); a.Seq() != 1001 || a.Ack() != 9001 {
		t.Errorf("to the server: seq %d ack %d", a.Seq(), a.Ack())
	}
	if a := tcp(1); a.Seq() != isn+1 || a.Ack() != 1001 {
		t.Errorf("to the client: seq %d ack %d", a.Seq(), a.Ack())
	}
	b.send("wan0", segment6(false, 9001, 1001, nf.TCPAck))
	if a := tcp(0); a.Seq() != isn+1 {
		t.Errorf("from the server: seq %d, want %d", a.Seq(), isn+1)
	}
}
