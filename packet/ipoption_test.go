package packet

import (
	"bytes"
	"testing"

	"nfvm/nf"
)

// withOptions makes a UDP packet with IPv4 options.
func withOptions(t testing.TB, opt ...byte) *Packet {
	for len(opt)%4 != 0 {
		opt = append(opt, IPOptNop)
	}
	return parse(t, frag4(1, 0, 12, false, opt))
}

// TestOptions holds what Linux 6.18 made of options that it forwarded: the
// options as they leave, or the byte that an ICMP parameter problem pointed to.
func TestOptions(t *testing.T) {
	host := OptionHost{Addr: Addr4(0x0a000101), Clock: 0x01020304,
		IsLocal: func(a Addr) bool { return a == Addr4(0x0a000101) }}
	tests := []struct {
		name    string
		in, out []byte
		problem int
	}{
		{"record route", []byte{7, 7, 4, 0, 0, 0, 0, 1}, []byte{7, 7, 8, 10, 0, 2, 1, 1}, 0},
		{"record route, full", []byte{7, 7, 8, 1, 2, 3, 4, 1}, []byte{7, 7, 8, 1, 2, 3, 4, 1}, 0},
		{"record route, split", []byte{7, 7, 5, 1, 2, 3, 4, 1}, nil, 22},
		{"two routes", []byte{7, 3, 4, 7, 3, 4, 1, 1}, nil, 23},
		{"time", []byte{68, 8, 5, 0, 0, 0, 0, 0}, []byte{68, 8, 9, 0, 1, 2, 3, 4}, 0},
		{"time and address", []byte{68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0}, []byte{68, 12, 13, 1, 10, 0, 1, 1, 1, 2, 3, 4}, 0},
		{"time asked of us", []byte{68, 12, 5, 3, 10, 0, 1, 1, 0, 0, 0, 0}, []byte{68, 12, 13, 3, 10, 0, 1, 1, 1, 2, 3, 4}, 0},
		{"time asked of another", []byte{68, 12, 5, 3, 10, 0, 9, 1, 0, 0, 0, 0}, []byte{68, 12, 5, 3, 10, 0, 9, 1, 0, 0, 0, 0}, 0},
		{"time, full", []byte{68, 4, 5, 0x10}, []byte{68, 4, 5, 0x20}, 0},
		{"time, overflow", []byte{68, 4, 5, 0xf0}, nil, 23},
		{"bytes after the end", []byte{0, 5, 0, 6}, []byte{0, 0, 0, 0}, 0},
		{"length beyond the header", []byte{1, 30, 7, 0}, nil, 21},
		{"short alert", []byte{148, 3, 0, 1}, nil, 21},
		{"unknown", []byte{30, 4, 1, 2}, []byte{30, 4, 1, 2}, 0},
	}
	for _, tt := range tests {
		p := withOptions(t, tt.in...)
		o, problem := p.ReadOptions(&host)
		if problem != tt.problem {
			t.Errorf("%s: problem %d, want %d", tt.name, problem, tt.problem)
		}
		if problem != 0 {
			continue
		}
		p.ForwardOptions(&o, Addr4(0x0a000201))
		if b := p.IP(); !bytes.Equal(b[20:p.Transport], tt.out) || Checksum(b[:p.Transport]) != 0 {
			t.Errorf("%s: %x, want %x", tt.name, b[:p.Transport], tt.out)
		}
	}
}

func TestSourceRouteSeen(t *testing.T) {
	o, _ := withOptions(t, 1, IPOptStrict, 3, 4).ReadOptions(&OptionHost{})
	if o.SourceRoute != 21 || !o.Strict {
		t.Errorf("%+v", o)
	}
	o, _ = withOptions(t, IPOptRouterAlert, 4, 0, 0).ReadOptions(&OptionHost{})
	if !o.RouterAlert {
		t.Errorf("%+v", o)
	}
}

func FuzzOptions(f *testing.F) {
	f.Add([]byte{7, 7, 4, 0, 0, 0, 0, 68, 8, 5, 0, 0, 0, 0, 0, 148, 4, 0, 0})
	f.Fuzz(func(t *testing.T, opt []byte) {
		if len(opt) > 40 {
			return
		}
		p := withOptions(t, opt...)
		if o, problem := p.ReadOptions(&OptionHost{IsLocal: func(Addr) bool { return true }}); problem == 0 {
			p.ForwardOptions(&o, Addr{1, 2, 3, 4})
		}
		var q Packet
		q.Reset(opt, false)
		q.Family = nf.FamilyIPv4
		q.ReadOptions(&OptionHost{})
	})
}
