package packet

import (
	"encoding/hex"
	"testing"

	"nfvm/nf"
)

// What an error answers to timestamps: as measured on Linux 6.18, but for the time.
func TestEchoOptions(t *testing.T) {
	h := &OptionHost{Addr: Addr{10, 0, 1, 1}, Clock: 0x01020304, IsLocal: func(a Addr) bool { return a == Addr{10, 0, 1, 1} }}
	for _, c := range []struct{ opts, want string }{
		{"94040000", ""},
		{"44080500" + "00000000", "44080900" + "01020304"},
		{"440c0500" + "0000000000000000", "440c0d00" + "0102030401020304"},
		{"440c0501" + "0000000000000000", "440c0d01" + "0a00010101020304"},
		{"44140501" + "00000000000000000000000000000000", "44141501" + "0a000101010203040a00010101020304"},
		{"440c0503" + "0a00090900000000", "440c0503" + "0a00090900000000"},
		{"44140503" + "0a000101000000000a00010100000000", "44141503" + "0a000101010203040a00010101020304"},
		{"44080900" + "00000000", "44080910" + "00000000"}, // full: one more host without room
	} {
		opts, _ := hex.DecodeString(c.opts)
		b := append([]byte{0x40 | byte(5+len(opts)/4), 0, 0, byte(28 + len(opts)), 0, 0, 0, 0, 64, nf.ProtoUDP, 0, 0, 10, 0, 1, 2, 10, 0, 2, 2}, opts...)
		b = append(b, 0, 5, 0, 53, 0, 8, 0, 0)
		FixIPv4Checksum(b)
		var p Packet
		p.Reset(b, false)
		p.EtherType = nf.EtherTypeIPv4
		if v := p.CheckIP(); v != OK {
			t.Fatalf("%s: %v", c.opts, v)
		}
		o, problem := p.ReadOptions(h)
		if problem != 0 {
			t.Errorf("%s: problem at %d", c.opts, problem)
		}
		got, ok := EchoOptions(nil, &p, &o, h)
		if s := hex.EncodeToString(got); !ok || s != c.want {
			t.Errorf("%s: %s %v, want %s", c.opts, s, ok, c.want)
		}
	}
}
