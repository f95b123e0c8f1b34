package packet

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"nfvm/nf"
)

// frag4 makes an IPv4 UDP fragment whose payload bytes are their offsets.
func frag4(id, off, n int, more bool, opt []byte, tweak ...func([]byte)) []byte {
	ihl := 20 + len(opt)
	b := make([]byte, ihl+n)
	b[0] = 0x40 | byte(ihl/4)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	binary.BigEndian.PutUint16(b[4:], uint16(id))
	f := uint16(off / 8)
	if more {
		f |= ipv4MF
	}
	binary.BigEndian.PutUint16(b[6:], f)
	b[8], b[9] = 64, nf.ProtoUDP
	copy(b[12:], []byte{10, 0, 1, 2, 10, 0, 2, 2})
	copy(b[20:], opt)
	for i := range n {
		b[ihl+i] = byte(off + i)
	}
	for _, t := range tweak {
		t(b)
	}
	FixIPv4Checksum(b)
	return b
}

func frag6(id, off, n int, more bool) []byte {
	b := make([]byte, 48+n)
	b[0], b[6], b[7] = 0x60, nf.ProtoFragment, 64
	binary.BigEndian.PutUint16(b[4:], uint16(8+n))
	b[8], b[23], b[24], b[39] = 0xfd, 2, 0xfd, 3
	f := uint16(off)
	if more {
		f |= 1
	}
	b[40] = nf.ProtoUDP
	binary.BigEndian.PutUint16(b[42:], f)
	binary.BigEndian.PutUint32(b[44:], uint32(id))
	for i := range n {
		b[48+i] = byte(off + i)
	}
	return b
}

func df(b []byte)             { b[6] |= ipv4DF >> 8 }
func tos(v byte) func([]byte) { return func(b []byte) { b[1] = v } }

// run gives the fragments to a new reassembler and describes what comes of each.
func run(t *testing.T, frags ...[]byte) (string, *Packet) {
	t.Helper()
	r := NewReassembler(DefaultFragConfig())
	var out []string
	var done *Packet
	for _, b := range frags {
		p := parse(t, slices.Clone(b))
		switch r.Add(p, FragUser{Kind: FragConntrackIn}, 1) {
		case FragPass:
			out = append(out, "pass")
		case FragHeld:
			out = append(out, "held")
		case FragDrop:
			out = append(out, "drop")
		case FragDone:
			out = append(out, "done")
			done = p
		}
	}
	return strings.Join(out, " "), done
}

// split describes the fragments that p leaves in.
func split(p *Packet, mtu int) string {
	var f Fragmenter
	var out []string
	switch f.Split(p, mtu, 7, func(b []byte) bool { out = append(out, describe(b)); return true }) {
	case SplitWhole:
		return fmt.Sprintf("whole %d", p.Len())
	case SplitTooBig:
		return "too big"
	}
	return strings.Join(out, " ")
}

func describe(b []byte) string {
	p := new(Packet)
	p.Reset(slices.Clone(b), false)
	if r := p.CheckIP(); r != OK {
		return r.String()
	}
	s := fmt.Sprintf("%d@%d", p.Len(), p.FragOffset)
	if p.MoreFrags {
		s += "+"
	}
	if p.DF() {
		s += "DF"
	}
	if p.Transport > IPv4Size && p.Family == nf.FamilyIPv4 {
		s += fmt.Sprintf("/%x", p.IP()[20:p.Transport])
	}
	return s
}

// TestReassemble4 holds what Linux 6.18 did with the same fragments.
func TestReassemble4(t *testing.T) {
	f := func(off, n int, more bool, tweak ...func([]byte)) []byte {
		return frag4(9, off, n, more, nil, tweak...)
	}
	a, b, c := f(0, 800, true), f(800, 800, true), f(1600, 400, false)
	tests := []struct {
		name, want string
		frags      [][]byte
	}{
		{"in order", "held held done", [][]byte{a, b, c}},
		{"reversed", "held held done", [][]byte{c, b, a}},
		{"not a fragment", "pass", [][]byte{f(0, 10, false)}},
		{"duplicate", "held drop held done", [][]byte{a, a, b, c}},
		{"within a run", "held held drop done", [][]byte{a, b, f(400, 800, true), c}},
		{"across runs", "held held drop held held", [][]byte{b, a, f(400, 800, true), c, b}},
		{"overlap", "held drop held held", [][]byte{a, f(792, 808, true), b, c}},
		{"no data", "held drop held", [][]byte{a, f(800, 4, true), b}},
		{"two ends", "held drop held", [][]byte{c, f(1600, 408, false), a}},
		{"beyond the end", "held drop held", [][]byte{c, f(2000, 8, true), a}},
		{"end before known data", "held drop", [][]byte{b, f(800, 8, false)}},
		{"cut to whole units", "held done", [][]byte{f(0, 803, true), f(800, 400, false)}},
		{"ECN mixed", "held drop", [][]byte{f(0, 800, true), f(800, 8, false, tos(2))}},
		{"other protocol", "held held", [][]byte{f(0, 800, true), f(800, 8, false, func(b []byte) { b[9] = 99 })}},
		{"too long", "held drop", [][]byte{f(0, 65504, true), f(65504, 1000, false)}},
	}
	for _, tt := range tests {
		got, p := run(t, tt.frags...)
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		checkOffsets(t, tt.name, p)
	}
}

// checkOffsets verifies that each payload byte lies where it was sent.
func checkOffsets(t *testing.T, name string, p *Packet) {
	t.Helper()
	if p == nil {
		return
	}
	for i, c := range p.L4() {
		if c != byte(i) {
			t.Fatalf("%s: byte %d is %d", name, i, c)
		}
	}
	if q := parse(t, slices.Clone(p.Data)); q.Len() != p.Len() || q.IsFragment() {
		t.Errorf("%s: result is no whole packet", name)
	}
}

func TestReassembledHeader(t *testing.T) {
	_, p := run(t, frag4(9, 800, 400, false, nil, tos(3)), frag4(9, 0, 800, true, []byte{1, 1, 1, 0}, tos(2), df))
	if p.TOS() != 3 || p.Len() != 1224 || p.MaxFrag != 824 || !p.FragDF || !p.DF() {
		t.Errorf("tos %d length %d max %d DF %v %v", p.TOS(), p.Len(), p.MaxFrag, p.FragDF, p.DF())
	}
	_, p = run(t, frag4(9, 0, 400, true, nil, df), frag4(9, 400, 800, false, nil))
	if p.DF() || p.FragDF || p.MaxFrag != 820 {
		t.Error("a small fragment with DF does not count")
	}
}

// TestRefragment4 holds what Linux 6.18 sent for the same fragments.
func TestRefragment4(t *testing.T) {
	cut := func(opt []byte, tweak func([]byte), sizes ...int) [][]byte {
		var out [][]byte
		off := 0
		for i, n := range sizes {
			out = append(out, frag4(9, off, n, i < len(sizes)-1, opt, tweak))
			off += n
		}
		return out
	}
	none := func([]byte) {}
	opt := []byte{0x1e, 4, 1, 2, 0x9e, 4, 3, 4}
	tests := []struct {
		name  string
		frags [][]byte
		pull  int
		mtu   int
		want  string
	}{
		{"boundaries", cut(nil, none, 800, 800, 400), 0, 1500, "820@0+ 820@800+ 420@1600"},
		{"fits, cut all the same", cut(nil, none, 400, 400, 200), 0, 1500, "420@0+ 420@400+ 220@800"},
		{"smaller MTU", cut(nil, none, 1480, 520), 0, 900, "900@0+ 900@880+ 260@1760"},
		{"options, boundaries", cut(opt, none, 800, 800, 400), 0, 1500,
			"828@0+/1e0401029e040304 828@800+/010101019e040304 428@1600/010101019e040304"},
		{"options, smaller MTU", cut(opt, none, 800, 800, 400), 0, 700,
			"700@0+/1e0401029e040304 700@672+/010101019e040304 684@1344/010101019e040304"},
		{"DF", cut(nil, df, 600, 600, 800), 0, 1500, "620@0+ 620@600+ 820@1200"},
		{"DF too big", cut(nil, df, 1400, 600), 0, 900, "too big"},
		{"tiny first fragment", cut(nil, none, 8, 800, 800, 392), 28, 1500, "28@0+ 820@8+ 820@808+ 412@1608"},
		{"tiny first fragment, pulled", cut(nil, none, 8, 8, 800, 800, 384), 40, 1500, "820@0+ 820@800+ 420@1600"},
		{"pulled to a whole unit", cut(nil, none, 8, 800, 800, 392), 44, 1500, "44@0+ 804@24+ 820@808+ 412@1608"},
	}
	for _, tt := range tests {
		_, p := run(t, tt.frags...)
		if !p.Pull(tt.pull) {
			t.Errorf("%s: can't pull", tt.name)
		}
		if got := split(p, tt.mtu); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestFragmentWhole4(t *testing.T) {
	p := parse(t, frag4(1, 0, 1980, false, nil))
	if got := split(p, 600); got != "596@0+ 596@576+ 596@1152+ 272@1728" {
		t.Error(got)
	}
	if got := split(p, 2000); got != "whole 2000" {
		t.Error(got)
	}
	p = parse(t, frag4(1, 0, 1980, false, nil, df))
	if got := split(p, 600); got != "too big" || !p.TooBig(600) || p.TooBig(2000) {
		t.Error(got)
	}
	// A fragment that is cut again keeps its place and its flag.
	p = parse(t, frag4(1, 80, 200, true, nil))
	if got := split(p, 120); got != "116@80+ 116@176+ 28@272+" {
		t.Error(got)
	}
}

func TestReassemble6(t *testing.T) {
	a, b, c := frag6(9, 0, 800, true), frag6(9, 800, 800, true), frag6(9, 1600, 400, false)
	tests := []struct {
		name, want string
		frags      [][]byte
		mtu        int
		out        string
	}{
		{"in order", "held held done", [][]byte{a, b, c}, 1500, "848@0+ 848@800+ 448@1600"},
		{"reversed", "held held done", [][]byte{c, b, a}, 1280, "848@0+ 848@800+ 448@1600"},
		{"duplicate", "held held held done", [][]byte{a, a, b, c}, 1500, "848@0+ 848@800+ 448@1600"},
		{"overlap", "held drop held held", [][]byte{a, frag6(9, 792, 808, true), b, c}, 0, ""},
		{"atomic", "done", [][]byte{frag6(9, 0, 100, false)}, 1500, "whole 140"},
		{"not in units", "pass", [][]byte{frag6(9, 0, 803, true)}, 0, ""},
		{"header cut", "pass", [][]byte{frag6(9, 0, 0, true)}, 0, ""},
		{"too big", "held done", [][]byte{frag6(9, 0, 1352, true), frag6(9, 1352, 648, false)}, 1300, "too big"},
		{"two ends", "held drop held done", [][]byte{c, frag6(9, 1600, 408, false), a, b}, 1500, "848@0+ 848@800+ 448@1600"},
	}
	for _, tt := range tests {
		got, p := run(t, tt.frags...)
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
			continue
		}
		checkOffsets(t, tt.name, p)
		if p != nil && split(p, tt.mtu) != tt.out {
			t.Errorf("%s: left as %s, want %s", tt.name, split(p, tt.mtu), tt.out)
		}
	}
}

func TestReassemblyLimits(t *testing.T) {
	const second = int64(1e9)
	r := NewReassembler(DefaultFragConfig())
	var expired int
	r.OnExpire = func(first *Packet, _ FragUser) { expired += first.Len() }
	add := func(b []byte, at int64) FragResult { return r.Add(parse(t, b), FragUser{}, at) }
	add(frag4(1, 0, 80, true, nil), 0)
	add(frag4(2, 80, 80, true, nil), 0)
	if next := r.Expire(30*second - 1); next != 30*second || expired != 0 || r.Pending() != 2 {
		t.Fatalf("next %d expired %d", next, expired)
	}
	if r.Expire(30 * second); expired != 100 || r.Pending() != 0 {
		t.Fatalf("expired %d bytes, %d left", expired, r.Pending())
	}
	// 65 fragments of other datagrams in between: the old part is forgotten.
	add(frag4(3, 0, 80, true, nil), 0)
	for i := range 64 {
		add(frag4(100+i, 0, 8, true, nil), 0)
	}
	if got := add(frag4(3, 80, 8, false, nil), 0); got != FragHeld {
		t.Errorf("after 65 others: %d", got)
	}
	if got := add(frag4(163, 8, 8, false, nil), 0); got != FragDone {
		t.Errorf("after few others: %d", got)
	}
	// The memory limit refuses fragments, and time frees it.
	dropped := false
	for i := range 200 {
		dropped = dropped || add(frag4(1000+i, 0, 64000, true, nil), second) == FragDrop
	}
	if !dropped {
		t.Error("no limit on memory")
	}
	if got := add(frag4(1, 0, 80, true, nil), 100*second); got != FragHeld || r.Pending() != 1 {
		t.Error("memory not freed")
	}
}

func FuzzFragments(f *testing.F) {
	f.Add(frag4(1, 0, 16, true, []byte{1, 1, 1, 0}), frag4(1, 16, 5, false, nil), 28)
	f.Add(frag6(1, 0, 16, true), frag6(1, 16, 5, false), 1280)
	f.Fuzz(func(t *testing.T, a, b []byte, mtu int) {
		r := NewReassembler(DefaultFragConfig())
		var fr Fragmenter
		for _, d := range [][]byte{a, b, a, b} {
			var p Packet
			p.Reset(slices.Clone(d), false)
			FixIPv4Checksum(p.Data)
			if p.CheckIP() != OK {
				continue
			}
			r.Add(&p, FragUser{}, 1)
			p.Pull(p.Transport + 20)
			fr.Split(&p, mtu, 1, func([]byte) bool { return true })
		}
	})
}
