//go:build linux

package rtnetlink

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"nfvm/host"
	"nfvm/nf"
)

func newReader() *reader {
	l := nf.NewLink(1, "lo")
	return &reader{links: map[int]*nf.Link{1: l}, remarks: map[string]*remark{}, nexthops: map[uint32]nexthop{}}
}

// message is a fixed header, with attributes of four bytes behind.
func message(header []byte, numbers map[uint16]uint32) []byte {
	b := slices.Clone(header)
	for t, v := range numbers {
		b = append(b, rtAttr(t, binary.NativeEndian.AppendUint32(nil, v))...)
	}
	return b
}

func TestEncapIsRemarked(t *testing.T) {
	r := newReader()
	b := message([]byte{unix.AF_INET, 8, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0}, map[uint16]uint32{unix.RTA_OIF: 1, unix.RTA_ENCAP: 0})
	r.route(append(b, rtAttr(unix.RTA_DST, []byte{10, 0, 0, 0})...))
	r.finishRemarks()
	want := "route's encapsulation is ignored (10.0.0.0/8)"
	if len(r.Routes) != 1 || !slices.Equal(r.Remarks, []string{want}) {
		t.Errorf("routes %+v, remarks %q", r.Routes, r.Remarks)
	}
}

// What refers to a link that was not there yet makes the look worthless; a
// cached route and a route with no living next hop are none.
func TestTornAndDead(t *testing.T) {
	for name, test := range map[string]struct {
		flags, dev uint32
		torn       bool
		routes     int
	}{
		"plain":        {0, 1, false, 1},
		"unknown link": {0, 2, true, 0},
		"dead":         {unix.RTNH_F_DEAD, 1, false, 0},
		"cached":       {unix.RTM_F_CLONED, 1, false, 0},
	} {
		r := newReader()
		header := binary.NativeEndian.AppendUint32([]byte{unix.AF_INET, 0, 0, 0, 254, 4, 0, 1}, test.flags)
		r.route(message(header, map[uint16]uint32{unix.RTA_OIF: test.dev}))
		if r.torn != test.torn || len(r.Routes) != test.routes {
			t.Errorf("%s: torn %v, routes %+v", name, r.torn, r.Routes)
		}
	}
}

func TestRuleSelectors(t *testing.T) {
	for name, test := range map[string]struct {
		attr  uint16
		value []byte
		known bool
	}{
		"full dscp mask":   {fraDSCPMask, []byte{0x3f}, true},
		"part of the dscp": {fraDSCPMask, []byte{0x30}, false},
		"one port":         {fraSPortMask, []byte{0xff, 0xff}, true},
		"masked port":      {fraDPortMask, []byte{0xf0, 0xff}, false},
		"newer":            {77, []byte{1}, false},
		"dscp":             {fraDSCP, []byte{46}, true},
		"no dscp":          {fraDSCP, []byte{0}, false},
	} {
		r := newReader()
		rule, ok := r.rule(append([]byte{unix.AF_INET, 0, 0, 0, 254, 0, 0, unix.FR_ACT_TO_TBL, 0, 0, 0, 0}, rtAttr(test.attr, test.value)...))
		if ok != test.known || ok != (len(r.remarks) == 0) {
			t.Errorf("%s: %v, remarks %v", name, ok, r.remarks)
		}
		if name == "dscp" && rule.TOS != 46<<2 {
			t.Errorf("dscp 46 is TOS %#x", rule.TOS)
		}
	}
}

func TestApply(t *testing.T) {
	l, a := nf.NewLink(4, "eth0"), netip.MustParseAddr("fe80::9")
	h, err := host.New(host.Config{Links: []*nf.Link{l}, NoLearning: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []NeighbourEvent{
		{NeighbourAdded, 4, a, [6]byte{1}}, {NeighbourChanged, 4, a, [6]byte{2}}, {NeighbourFailed, 4, a, [6]byte{}},
		{NeighbourAdded, 4, a, [6]byte{3}}, {NeighbourRemoved, 4, a, [6]byte{}},
	} {
		e.Apply(h)
		if mac, ok := h.Neighbour(l, a); mac != e.MAC || ok != (e.MAC != [6]byte{}) {
			t.Errorf("%s: %x, %v", e.Change, mac, ok)
		}
	}
}

// No message, however mangled, makes a decoder panic or give a route or an
// address that the host model refuses.
func FuzzMessages(f *testing.F) {
	f.Add(message([]byte{unix.AF_INET, 0, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0}, map[uint16]uint32{unix.RTA_OIF: 1, unix.RTA_GATEWAY: 7}))
	f.Add(append([]byte{unix.AF_INET6, 64, 0x80, 0, 1, 0, 0, 0}, rtAttr(unix.IFA_ADDRESS, make([]byte, 16))...))
	f.Add(append([]byte{unix.AF_INET, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0}, rtAttr(unix.NDA_DST, []byte{10, 0, 0, 1})...))
	f.Add(append(make([]byte, 16), rtAttr(unix.IFLA_LINKINFO, rtAttr(unix.IFLA_INFO_KIND, []byte("veth\x00")))...))
	f.Add([]byte{20, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := newReader()
		r.Links = []*nf.Link{r.links[1]}
		r.address(b)
		r.route(b)
		r.nexthop(b)
		r.neighbour(b)
		if rule, ok := r.rule(b); ok {
			r.Rules4 = append(r.Rules4, rule)
		}
		for _, msg := range messages(b) {
			r.route(msg)
		}
		h, err := host.New(r.Config)
		if err != nil {
			t.Fatal(err)
		}
		h.Lookup(&host.Query{Dst: netip.MustParseAddr("10.0.0.1")})
		h.Lookup(&host.Query{Dst: netip.MustParseAddr("fd00::1")})
		r.link(b)
		fl := follower{
			neighbours: map[neighbourKey][6]byte{}, handler: Handler{Neighbour: func(NeighbourEvent) {}},
			failing: func(m neighbourMsg) bool { return len(b)%2 == 0 },
		}
		fl.neighbour(unix.RTM_NEWNEIGH, b)
		fl.neighbour(unix.RTM_DELNEIGH, b)
	})
}
