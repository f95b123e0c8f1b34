package helper

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"nfvm/nf"
	"nfvm/packet"
)

// TestReadAddr: what there is of an address at the begin of a text, by the rules
// of the kernel's in4_pton and in6_pton.
func TestReadAddr(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"10.0.1.2", "10.0.1.2 8"}, {"10.0.1.2:5060", "10.0.1.2 8"}, {"010.0.1.002>", "10.0.1.2 11"},
		{"10.0.1.2a", ""}, {"10.0.1.2.", ""}, {"10.0.1.256", ""}, {"10.0.1", ""}, {"10..1.2", ""}, {"", ""},
		{"fd01::2]", "fd01::2 7"}, {"::", ":: 2"}, {"::1;", "::1 3"}, {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8 15"},
		{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0 15"}, {"1:2:3:4:5:6:7:8:9", ""}, {"1:2:3:4:5:6:7:8:", ""}, {"1:2", ""},
		{"1::2::3", ""}, {":1::2", ""}, {"1:::2", ""}, {"0000001::2", "1::2 10"}, {"10000::2", ""},
		{"::ffff:10.0.1.2", "::ffff:10.0.1.2 15"}, {"1:2:3:4:5:6:10.0.1.2", "1:2:3:4:5:6:a00:102 20"},
		{"1:2:3:4:5:6:7:10.0.1.2", ""}, {"1:2:10.0.1.2", ""}, {"::10.0.1", ""}, {"1:", ""}, {"fe80::1%eth0", "fe80::1 7"},
	} {
		family := nf.FamilyIPv4
		if strings.Contains(c.text, ":") && !strings.HasPrefix(c.text, "10.") {
			family = nf.FamilyIPv6
		}
		got := ""
		if a, size, ok := readAddr([]byte(c.text), family); ok {
			got = fmt.Sprint(a.Text(family), " ", size)
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// FuzzReadAddr compares with net/netip, where an address in its spelling is the
// whole text.
func FuzzReadAddr(f *testing.F) {
	for _, s := range []string{"10.0.1.2", "fd01::2", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8", "::", "1::8"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, family := range []nf.Family{nf.FamilyIPv4, nf.FamilyIPv6} {
			a, size, ok := readAddr([]byte(s), family)
			if ok && (size == 0 || size > len(s)) {
				t.Fatalf("%q: size %d", s, size)
			}
			want, err := netip.ParseAddr(s)
			if err != nil || want.Zone() != "" || want.Is4() != (family == nf.FamilyIPv4) {
				continue
			}
			if !ok || size != len(s) || a != packet.AddrFrom(want) {
				t.Fatalf("%q: %v %d %v", s, a, size, ok)
			}
		}
	})
}

const invite = "INVITE sip:b@10.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.1.2;received=9.9.9.9\r\n" +
	"f: <sip:a@10.0.1.2:5060>\r\nCSeq: 7 INVITE\r\nContact: <sip:a@10.0.1.2>, <sip:h@host>,\r\n <sip:c@10.0.1.9:7000>\r\n" +
	"Content-Length: 64\r\n\r\nv=0\r\no=a 1 1 IN IP4 10.0.1.2\r\nc=IN IP4 10.0.1.2\r\nm=audio 4000 x\r\n"

// TestSIPText: what is found in a message.
func TestSIPText(t *testing.T) {
	s := sipText{[]byte(invite), nf.FamilyIPv4}
	uri := func(u sipURI, found sipFound) string {
		return fmt.Sprintf("%d %s:%d %q", found, u.addr.Text(s.family), u.port, s.b[u.at:u.at+u.size])
	}
	var walk sipWalk
	for _, want := range []string{`1 10.0.1.2:5060 "10.0.1.2"`, `1 10.0.1.9:7000 "10.0.1.9:7000"`, `0 0.0.0.0:0 ""`} {
		if got := uri(walk.next(s, &sipContact)); got != want {
			t.Errorf("contact %s, want %s", got, want)
		}
	}
	via, found := s.uri(&sipViaUDP)
	if got, want := uri(via, found), `1 10.0.1.2:5060 "10.0.1.2"`; got != want {
		t.Errorf("via %s, want %s", got, want)
	}
	if _, v, ok := s.addrParameter(via.end, "received=", false); !ok || string(s.b[v.at:v.end()]) != "9.9.9.9" {
		t.Errorf("received %v %v", v, ok)
	}
	if got, want := uri(s.uri(&sipFrom)), `1 10.0.1.2:5060 "10.0.1.2:5060"`; got != want {
		t.Errorf("from %s, want %s", got, want)
	}
	if _, found := s.uri(&sipTo); found != sipNone {
		t.Errorf("to: %v", found)
	}
	if u, ok := s.requestURI(); !ok || u.addr != packet.Addr4(0x0a000202) || u.port != sipPort {
		t.Errorf("request %+v %v", u, ok)
	}
}

// TestSIPSettings: where media and calls are expected from, by the parameters of
// the kernel's module.
func TestSIPSettings(t *testing.T) {
	far := strings.ReplaceAll(invite, "c=IN IP4 10.0.1.2", "c=IN IP4 10.0.1.9")
	for _, c := range []struct {
		name     string
		set      func(*Params)
		external bool
		text     string
		want     []string
	}{
		{"direct", func(*Params) {}, false, invite, []string{"10.0.2.2>10.0.1.2:4000", "10.0.2.2>10.0.1.2:4001"}},
		{"direct, other host", func(*Params) {}, false, far, nil},
		{"from anywhere", func(p *Params) { p.SIPDirectMedia = false }, true, far, []string{"0.0.0.0>10.0.1.9:4000", "0.0.0.0>10.0.1.9:4001"}},
		{"outside", func(p *Params) { p.SIPDirectMedia, p.SIPExternalMedia = false, true }, true, far, nil},
		{"inside", func(p *Params) { p.SIPDirectMedia, p.SIPExternalMedia = false, true }, false, far, []string{"0.0.0.0>10.0.1.9:4000", "0.0.0.0>10.0.1.9:4001"}},
		{"registrar", func(*Params) {}, false, register, []string{"10.0.2.2>10.0.1.2:5070"}},
		{"any caller", func(p *Params) { p.SIPDirectSignalling = false }, false, register, []string{"0.0.0.0>10.0.1.2:5070"}},
	} {
		params := DefaultParams()
		c.set(&params)
		call := newCall(t, setup{helper: "sip", proto: nf.ProtoUDP, port: 5060, params: params, external: c.external})
		if call.say(nf.DirOriginal, c.text) == nil {
			t.Errorf("%s: dropped", c.name)
		}
		var got []string
		for _, x := range call.expected() {
			got = append(got, fmt.Sprintf("%s>%s:%d", x.Tuple.Src.Text(nf.FamilyIPv4), x.Tuple.Dst.Text(nf.FamilyIPv4), x.Tuple.DstID))
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

const register = "REGISTER sip:10.0.2.2 SIP/2.0\r\nCSeq: 1 REGISTER\r\nContact: <sip:a@10.0.1.2:5070>\r\nExpires: 60\r\n\r\n"

// TestSIPTimeout: the connection lives for as long as the parameter says.
func TestSIPTimeout(t *testing.T) {
	params := DefaultParams()
	if err := params.Set("nf_conntrack_sip.sip_timeout", "60"); err != nil {
		t.Fatal(err)
	}
	call := newCall(t, setup{helper: "sip", proto: nf.ProtoUDP, port: 5060, params: params})
	call.say(nf.DirOriginal, "OPTIONS sip:b SIP/2.0\r\n\r\n")
	if left := call.entry.Expires - call.now; left != 60*seconds {
		t.Errorf("lives for %d ns", left)
	}
}

// FuzzSIP sends messages both ways through NAT: what leaves is sound, and no more
// is expected than the policies allow.
func FuzzSIP(f *testing.F) {
	ok := strings.Replace(invite, "INVITE sip:b@10.0.2.2 SIP/2.0", "SIP/2.0 200 OK", 1)
	f.Add([]byte(invite), []byte(ok), uint8(0))
	f.Add([]byte(register), []byte(strings.Replace(register, "REGISTER sip:10.0.2.2 SIP/2.0", "SIP/2.0 200 OK", 1)), uint8(1))
	f.Add([]byte(invite+invite), []byte(ok[:100]), uint8(3))
	f.Add([]byte(strings.NewReplacer("10.0.1.2", "[fd01::2]", "IP4", "IP6").Replace(invite)), []byte("SIP/2.0 486 "), uint8(5))
	f.Fuzz(func(t *testing.T, a, b []byte, how uint8) {
		if len(a)+len(b) > 20000 {
			return
		}
		s := setup{helper: "sip", proto: nf.ProtoUDP, port: 5060, params: DefaultParams()}
		s.snat, s.v6, s.params.SIPDirectMedia = how&1 != 0, how&4 != 0, how&8 == 0
		if how&2 != 0 {
			s.proto = nf.ProtoTCP
		}
		call := newCall(t, s)
		for range 2 {
			call.check(call.say(nf.DirOriginal, string(a)))
			call.check(call.say(nf.DirReply, string(b)))
		}
		if n := len(call.expected()); n > 1+4+4+2 {
			t.Fatalf("%d expectations", n)
		}
	})
}
