package xt

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// TestSizes compares sizes with those of the kernel's structures on 64-bit
// machines.
func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		info any
		want int
	}{
		{&Conntrack{}, 164}, {&Recent{}, 228}, {&String{}, 160}, {&Owner{}, 20}, {&Physdev{}, 66}, {&Policy{}, 308},
		{&Time{}, 24}, {&U32{}, 1984}, {&ECN{}, 3}, {&EUI64{}, 4}, {&TTL{}, 2}, {&TOS{}, 2}, {&MSS{}, 6}, {&TCPMSS{}, 2}, {&CT{}, 72}, {&Hashlimit{}, 312}, {&TProxy{}, 28}, {&Checksum{}, 1},
		{&AH6{}, 16}, {&Headers6{}, 3}, {&SCTP{}, 292}, {&NPT{}, 36}, {&HMark{}, 60}, {&BPF{}, 528}, {&STP{}, 72}, {&LLC{}, 6}, {&FrameMAC{}, 12},
		{&RT{}, 280}, {&Opts6{}, 40}, {&SRH{}, 108}, {&DCCP{}, 16}, {&RPFilter{}, 1},
	} {
		if got := binary.Size(tt.info); got != tt.want {
			t.Errorf("%T: %d bytes, want %d", tt.info, got, tt.want)
		}
	}
}

func TestDecode(t *testing.T) {
	in := Recent{Seconds: 60, HitCount: 4, CheckSet: RecentUpdate, Side: 1}
	copy(in.Name[:], "ssh")
	b := Encode(&in)
	var out Recent
	if err := Decode(b, &out); err != nil || out != in || Text(out.Name[:]) != "ssh" {
		t.Errorf("%v: %+v", err, out)
	}
	if !bytes.Equal(b[:8], []byte{60, 0, 0, 0, 4, 0, 0, 0}) {
		t.Errorf("% x", b[:8])
	}
	if Decode(b[1:], &out) == nil {
		t.Error("a wrong size is taken")
	}
}
