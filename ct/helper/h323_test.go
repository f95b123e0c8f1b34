package helper

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"nfvm/nf"
)

// TestPERTable: every row says a kind that there is, and refers to a block that
// there is.
func TestPERTable(t *testing.T) {
	blocks := perBlocks()
	if len(blocks) < 100 {
		t.Fatalf("%d blocks", len(blocks))
	}
	for line := range strings.Lines(perTable) {
		if line[0] != '\t' {
			continue
		}
		words := strings.Fields(line)
		f, block := perRow(words)
		if _, known := perKinds[words[1]]; !known {
			t.Errorf("%q: no such kind", line)
		}
		if block != "" && blocks[block] == nil {
			t.Errorf("%q: no such block", line)
		}
		if f.keep && block == "" && f.kind >= perSeq {
			t.Errorf("%q keeps nothing", line)
		}
	}
}

// h323Setup is a Q.931 SETUP from 10.0.1.2:1030 with an address for H.245,
// 10.0.1.2:5500.
const h323Setup = "03000045080212340504038893a57e00340500c8060008914a0004000a000102157c0" +
	"0000a00020206b80000000000000000000000000000000000000407000a0001020406"

// TestUserInformation: the element for the parties among those of Q.931.
func TestUserInformation(t *testing.T) {
	for _, c := range []struct {
		text    string
		at, end int
		ok      bool
	}{
		{"080212340504038893a57e0003050102", 14, 16, true},
		{"08021234057e0003050102", 9, 11, true},
		{"0802123405857e0003050102", 10, 12, true},
		{"08021234057e0001", 0, 0, false},
		{"08021234057e000105", 9, 9, false},
		{"08021234057e00040501", 0, 0, false},
		{"0802123405", 0, 0, false}, {"08", 0, 0, false}, {"", 0, 0, false}, {"09021234057e0003050102", 0, 0, false},
	} {
		b, _ := hex.DecodeString(c.text)
		at, end, ok := userInformation(b)
		if ok != c.ok || ok && (at != c.at || end != c.end) {
			t.Errorf("%s: %d %d %v", c.text, at, end, ok)
		}
	}
}

// FuzzPER decodes messages of all three protocols.
func FuzzPER(f *testing.F) {
	for _, s := range []string{"0e8006000891", "26900000000a0001020406", "0240060008914a0004"} {
		b, _ := hex.DecodeString(s)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for name, root := range map[string]perField{
			"RasMessage":                     {kind: perChoice, size: 5, low: 24, high: 32},
			"H323-UserInformation":           {kind: perSeq, size: 1, low: 2, high: 2},
			"MultimediaSystemControlMessage": {kind: perChoice, size: 2, low: 4, high: 4},
		} {
			root.name, root.ext, root.keep, root.parts = name, true, true, perBlocks()[name]
			n, err := decodePER(b, 0, &root)
			if err == nil && n == nil {
				t.Fatal("no value and no error")
			}
			checkPlaces(t, n, len(b))
		}
	})
}

func checkPlaces(t *testing.T, n *perNode, size int) {
	for _, p := range n.items() {
		if p.at < 0 || p.at > size {
			t.Fatalf("%s at %d of %d", p.name, p.at, size)
		}
		checkPlaces(t, p, size)
	}
}

// FuzzH323 sends messages both ways through NAT.
func FuzzH323(f *testing.F) {
	b, _ := hex.DecodeString(h323Setup)
	f.Add(b, b, uint8(1))
	f.Add([]byte("\x03\x00\x00\x08"), []byte("\x08\x02\x12\x34"), uint8(3))
	f.Add([]byte("\x0e\x80"), []byte("\x12\x00"), uint8(5))
	f.Fuzz(func(t *testing.T, a, b []byte, how uint8) {
		if len(a)+len(b) > 4000 {
			return
		}
		s := setup{helper: [4]string{"Q.931", "H.245", "RAS", "Q.931"}[how>>1&3], proto: nf.ProtoTCP, port: 1720, params: DefaultParams()}
		s.snat, s.v6 = how&1 != 0, how&8 != 0
		if s.helper == "RAS" {
			s.proto = nf.ProtoUDP
		}
		c := newCall(t, s)
		for range 2 {
			c.check(c.say(nf.DirOriginal, string(a)))
			c.check(c.say(nf.DirReply, string(b)))
		}
		if n := len(c.expected()); n > 32 {
			t.Fatalf("%d expectations", n)
		}
	})
}

// TestTPKT: a header that comes alone announces what follows it.
func TestTPKT(t *testing.T) {
	b, _ := hex.DecodeString(h323Setup)
	for _, cuts := range [][]int{{len(b)}, {4, len(b)}} {
		c := newCall(t, setup{helper: "Q.931", proto: nf.ProtoTCP, port: 1720, params: DefaultParams()})
		from := 0
		for _, to := range cuts {
			if c.say(nf.DirOriginal, string(b[from:to])) == nil {
				t.Error("dropped")
			}
			from = to
		}
		waits := binary.LittleEndian.Uint16(c.table.HelpData(c.entry)[h323TPKT:])
		if waits != 0 {
			t.Errorf("%v: waits for %d bytes", cuts, waits)
		}
		if x := c.expected(); len(x) != 1 || x[0].Tuple.DstID != 5500 || c.table.HelperName(x[0].Helper) != "H.245" {
			t.Errorf("%v: expects %v", cuts, x)
		}
	}
}
