package proto

import "testing"

func TestFindAndAt(t *testing.T) {
	for _, d := range Headers {
		if Find(d.Name) != d {
			t.Errorf("%s is not found by name", d.Name)
		}
		for _, f := range d.Fields {
			if d.Field(f.Name) == nil || d.At(f.Offset, f.Len) == nil {
				t.Errorf("%s %s is not found", d.Name, f.Name)
			}
			if f.Type.Size != 0 && f.Type.Size != f.Len {
				t.Errorf("%s %s: %d bits, but its type has %d", d.Name, f.Name, f.Len, f.Type.Size)
			}
		}
	}
}

func TestUpper(t *testing.T) {
	tests := []struct {
		desc *Desc
		key  uint32
		want *Desc
	}{
		{Ether, 0x0800, IP}, {VLAN, 0x86dd, IP6}, {IP, 6, TCP}, {IP6, 58, ICMPv6}, {Inet, 17, UDP},
		{InetFamilies, 10, IP6}, {EtherTypes, 0x0806, ARP}, {IP, 200, nil},
	}
	for _, tt := range tests {
		if got := tt.desc.Next(tt.key); got != tt.want {
			t.Errorf("%s %d: got %v", tt.desc.Name, tt.key, got)
		}
	}
	if v, ok := TransportValue(ICMPv6); !ok || v != 58 {
		t.Errorf("icmpv6: got %d, %v", v, ok)
	}
}

func TestExthdrAt(t *testing.T) {
	tests := []struct {
		op          ExthdrOp
		typ         uint8
		off, length int
		name, field string
	}{
		{OpTCPOption, 2, 16, 16, "maxseg", "size"},
		{OpTCPOption, 5, 80, 32, "sack1", "left"},
		{OpTCPOption, 5, 16, 32, "sack", "left"},
		{OpIPv6, 44, 31, 1, "frag", "more-fragments"},
		{OpSCTPChunk, 0, 32, 32, "data", "tsn"},
		{OpIPv4Option, 148, 16, 16, "ra", "value"},
	}
	for _, tt := range tests {
		x, f := ExthdrAt(tt.op, tt.typ, tt.off, tt.length)
		if x == nil || f == nil || x.Name != tt.name || f.Name != tt.field {
			t.Errorf("%s %s: got %v %v", tt.name, tt.field, x, f)
		}
	}
	if x, f := ExthdrAt(OpTCPOption, 2, 99, 1); x == nil || f != nil {
		t.Errorf("no field there: got %v %v", x, f)
	}
}

func TestKeys(t *testing.T) {
	if i, ok := FindKey(MetaKeys, "l4proto"); !ok || i != 16 {
		t.Errorf("l4proto: got %d, %v", i, ok)
	}
	if i, ok := FindKey(CTKeys, "id"); !ok || i != 23 {
		t.Errorf("ct id: got %d, %v", i, ok)
	}
}
