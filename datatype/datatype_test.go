package datatype

import (
	"bytes"
	"testing"
)

func TestParseFormat(t *testing.T) {
	tests := []struct {
		typ      *Type
		in, want string // want "": same as in
	}{
		{IPv4Addr, "10.0.0.1", ""},
		{IPv4Addr, "0x0a000001", "10.0.0.1"},
		{IPv6Addr, "fd00::1", ""},
		{IPv6Addr, "::1.2.3.4", ""},
		{IPv6Addr, "::ffff:1.2.3.4", ""},
		{IPv6Addr, "0:0:1::", "0:0:1::"},
		{EtherAddr, "2:0:0:0:1:a", "02:00:00:00:01:0a"},
		{EtherType, "vlan", "8021q"},
		{EtherType, "0x1234", "0x1234"},
		{InetProto, "tcp", ""},
		{InetProto, "TCP", "tcp"},
		{InetProto, "200", ""},
		{InetService, "ssh", "22"},
		{InetService, "022", "18"},
		{ICMPType, "echo-request", ""},
		{ICMPType, "77", ""},
		{ICMPv6Type, "mld-listener-reduction", "mld-listener-done"},
		{Mark, "5", "0x00000005"},
		{IfName, "eth0", `"eth0"`},
		{ClassID, "1:2", ""},
		{ClassID, "none", ""},
		{ClassID, ":3", "0:3"},
		{Time, "1d2h3m4s", ""},
		{Time, "90", "1m30s"},
		{Date, "2024-01-01 10:11", `"2024-01-01 10:11:00"`},
		{Hour, "10:11", `"10:11"`},
		{Hour, "12:13:14", `"12:13:14"`},
		{Day, "Monday", `"Monday"`},
		{CTState, "established", ""},
		{CTState, "0x1000", ""},
		{DSCP, "5", "0x05"},
		{CTLabel, "127", ""},
		{DevGroup, "0", `"default"`},
		{Boolean, "exists", ""},
	}
	for _, tt := range tests {
		b, err := Parse(tt.typ, tt.in)
		if err != nil {
			t.Errorf("%s %s: %v", tt.typ.Name, tt.in, err)
			continue
		}
		want := tt.want
		if want == "" {
			want = tt.in
		}
		if got := Format(tt.typ, b, nil); got != want {
			t.Errorf("%s %s: got %s, want %s", tt.typ.Name, tt.in, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct {
		typ      *Type
		in, want string
	}{
		{CTState, "estblished", "Could not parse conntrack state"},
		{IPv4Addr, "1.2.3.400", "Could not resolve hostname: Name or service not known"},
		{IPv6Addr, "1.2.3.4", "Could not resolve hostname: Address family for hostname not supported"},
		{InetProto, "300", "Protocol out of range"},
		{InetService, "70000", "Service out of range"},
		{DSCP, "64", "Value 64 exceeds valid range 0-63"},
		{Mark, "0x100000000", "Value 4294967296 exceeds valid range 0-4294967295"},
		{Day, "9", "Value 9 exceeds valid range 0-6"},
		{IfName, "aaaaaaaaaaaaaaaaa", "String exceeds maximum length of 16"},
		{UID, "nosuch", "User does not exist"},
		{IfaceIndex, "nosuch", "Interface does not exist"},
		{CTLabel, "128", "128: bit 128 out of range (128 max)"},
		{Date, "2024-13-01", "Cannot parse date"},
		{Hour, "25:00", "wrong time format"},
	}
	for _, tt := range tests {
		_, err := Parse(tt.typ, tt.in)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s %s: got %v, want %s", tt.typ.Name, tt.in, err, tt.want)
		}
	}
}

func TestConcat(t *testing.T) {
	c := Concat(IPv4Addr, InetService)
	if c.ID != 7<<6|13 || c.Size != 64 || c.Name != "ipv4_addr . inet_service" {
		t.Errorf("got %+v", c)
	}
	if got := ByID(c.ID); got == nil || got.Name != c.Name {
		t.Errorf("ByID: got %+v", got)
	}
	if ByID(7<<6|63) != nil {
		t.Error("an unknown field must give no type")
	}
}

func TestHostOrder(t *testing.T) {
	b, _ := Parse(Mark, "1")
	if !bytes.Equal(b, []byte{1, 0, 0, 0}) {
		t.Errorf("got %x", b)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1.2.3.4", "fe80::1", "eth0", "1h2m", "0x10", "ssh", "12:30", "established"} {
		f.Add(uint32(7), s)
	}
	f.Fuzz(func(t *testing.T, id uint32, s string) {
		typ := ByID(id % 64)
		if typ == nil {
			return
		}
		b, err := Parse(typ, s)
		if err != nil {
			return
		}
		Format(typ, b, nil)
		if typ.IsBitmask() {
			Bits(typ, b, nil)
		}
	})
}
