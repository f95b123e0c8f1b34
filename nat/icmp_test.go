package nat

import (
	"slices"
	"testing"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

var zone0 = ct.DefaultZone

func tupleOf(t testing.TB, _ *rig, src string, sp uint16, dst string, dp uint16, l4 uint8) *ct.Tuple {
	t.Helper()
	return &ct.Tuple{Src: addr(src), Dst: addr(dst), SrcID: sp, DstID: dp, L3: 2, L4: l4}
}

// quoted gives the packet inside an ICMP error.
func quoted(t *testing.T, p *packet.Packet) *packet.Packet {
	t.Helper()
	q := new(packet.Packet)
	q.Reset(p.L4()[8:], false)
	q.ParseIP()
	if q.Family == nf.FamilyIPv4 && packet.Checksum(q.IP()[:20]) != 0 {
		t.Error("bad header checksum in quote")
	}
	return q
}

// TestICMPErrors translates errors about flows through the router in both
// directions, and what they quote.
func TestICMPErrors(t *testing.T) {
	snat := func(r *rig) { r.snat(one("10.0.2.100").ports(4000, 4000)) }
	dnat := func(r *rig) { r.dnat(one("10.0.2.2").ports(8080, 8080)) }
	v6 := func(r *rig) { r.snat(one("fd02::64")); r.dnat(one("fd02::2").ports(8080, 8080)) }
	tests := []struct {
		name         string
		set          func(*rig)
		first        []byte
		err          []byte
		outer, inner string
	}{
		{"snat, router on the path", snat, udp("10.0.1.2", 1111, "10.0.2.2", 53),
			icmpError("10.0.2.77", "10.0.2.100", 11, udp("10.0.2.100", 4000, "10.0.2.2", 53)),
			"10.0.2.77:0>10.0.1.2:11", "10.0.1.2:1111>10.0.2.2:53"},
		{"snat, client's side about a reply", snat, udp("10.0.1.2", 1111, "10.0.2.2", 53),
			icmpError("10.0.1.99", "10.0.2.2", 3, udp("10.0.2.2", 53, "10.0.1.2", 1111)),
			"10.0.2.100:0>10.0.2.2:3", "10.0.2.2:53>10.0.2.100:4000"},
		{"dnat, router on the path", dnat, tcp("10.0.1.2", 1111, "10.9.9.9", 80, nf.TCPSyn, 1, 0),
			icmpError("10.0.2.77", "10.0.1.2", 3, tcp("10.0.1.2", 1111, "10.0.2.2", 8080, nf.TCPSyn, 1, 0)),
			"10.9.9.9:0>10.0.1.2:3", "10.0.1.2:1111>10.9.9.9:80"},
		{"echo", snat, echo("10.0.1.2", "10.0.2.2", 8, 7),
			icmpError("10.0.2.77", "10.0.2.100", 11, echo("10.0.2.100", "10.0.2.2", 8, 4000)),
			"10.0.2.77:0>10.0.1.2:11", "10.0.1.2:7>10.0.2.2:8"},
		{"v6", v6, udp("fd01::2", 1111, "fd09::9", 53),
			icmpError("fd02::77", "fd02::64", 1, udp("fd02::64", 1111, "fd02::2", 8080)),
			"fd09::9:0>fd01::2:1", "fd01::2:1111>fd09::9:53"},
	}
	for _, tt := range tests {
		r := newRig(t)
		tt.set(r)
		r.send(tt.first)
		if got := r.send(tt.err); got != tt.outer {
			t.Errorf("%s: outer %s, want %s", tt.name, got, tt.outer)
			continue
		}
		q := quoted(t, r.forward(tt.err))
		if got := line(q); got != tt.inner {
			t.Errorf("%s: inner %s, want %s", tt.name, got, tt.inner)
		}
		if !q.L4ChecksumOK() {
			t.Errorf("%s: bad checksum in quote", tt.name)
		}
	}
}

// TestShortQuotes: fewer than eight transport bytes can't be rewritten, fewer
// than four belong to no flow.
func TestShortQuotes(t *testing.T) {
	const raw, ok = "10.0.2.77:0>10.0.2.100:3", "10.0.2.77:0>10.0.1.2:3"
	for n, want := range map[int]string{20: raw, 23: raw, 24: "drop", 27: "drop", 28: ok, 39: ok, 40: ok} {
		r := newRig(t)
		r.snat(one("10.0.2.100").ports(4000, 4000))
		r.send(tcp("10.0.1.2", 1111, "10.0.2.2", 80, nf.TCPSyn, 1, 0))
		quote := tcp("10.0.2.100", 4000, "10.0.2.2", 80, nf.TCPSyn, 1, 0)[:n]
		if got := r.send(icmpError("10.0.2.77", "10.0.2.100", 3, quote)); got != want {
			t.Errorf("%d bytes: %s, want %s", n, got, want)
		}
	}
}

func TestICMPRedirectDropped(t *testing.T) {
	r := newRig(t)
	r.snat(one("10.0.2.100"))
	r.send(udp("10.0.1.2", 1111, "10.0.2.2", 53))
	if got := r.send(icmpError("10.0.2.77", "10.0.2.100", 5, udp("10.0.2.100", 1111, "10.0.2.2", 53))); got != "drop" {
		t.Error(got)
	}
}

// FuzzTranslate takes any quote, and any packet, through the translation.
func FuzzTranslate(f *testing.F) {
	f.Add(udp("10.0.2.100", 4000, "10.0.2.2", 53), true)
	f.Add(tcp("10.0.2.100", 4000, "10.0.2.2", 80, nf.TCPSyn, 1, 0)[:28], true)
	f.Add(udp("fd02::64", 4000, "fd02::2", 53), true)
	f.Add(udp("10.0.2.2", 53, "10.0.2.100", 4000), false)
	f.Fuzz(func(t *testing.T, b []byte, wrap bool) {
		if len(b) == 0 || len(b) > 2000 {
			return
		}
		r := newRig(t)
		r.snat(one("10.0.2.100").ports(4000, 4000))
		r.send(udp("10.0.1.2", 1111, "10.0.2.2", 53))
		r.send(tcp("10.0.1.2", 1111, "10.0.2.2", 80, nf.TCPSyn, 1, 0))
		r.snat(one("fd02::64").ports(4000, 4000))
		r.send(udp("fd01::2", 1111, "fd02::2", 53))
		if wrap && b[0]>>4 == 6 {
			b = icmpError("fd02::77", "fd02::64", 1, b)
		} else if wrap {
			b = icmpError("10.0.2.77", "10.0.2.100", 3, b)
		}
		p := new(packet.Packet)
		p.Reset(slices.Clone(b), false)
		packet.FixIPv4Checksum(p.Data)
		if p.CheckIP() == packet.OK {
			r.through(p, p.Data)
		}
	})
}
