package helper

import (
	"encoding/binary"
	"testing"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// control makes a control message.
func control(kind uint16, size int, words ...uint16) string {
	b := binary.BigEndian.AppendUint16(nil, uint16(pptpHeader+size))
	b = binary.BigEndian.AppendUint16(b, pptpControl)
	b = binary.BigEndian.AppendUint32(b, pptpCookie)
	b = append(binary.BigEndian.AppendUint16(b, kind), 0, 0)
	for _, w := range words {
		b = binary.BigEndian.AppendUint16(b, w)
	}
	return string(append(b, make([]byte, size-2*len(words))...))
}

// dial takes a call to where the server, whose id is 200, has accepted it; the
// client's id is 100.
func dial(c *call, seen uint16) {
	c.say(nf.DirOriginal, control(pptpStartRequest, 144))
	c.say(nf.DirReply, control(pptpStartReply, 144, 0x100, 0x100))
	c.say(nf.DirOriginal, control(pptpOutRequest, 156, 100))
	c.say(nf.DirReply, control(pptpOutReply, 20, 200, seen, 0x100))
}

func (c *call) gre(src, dst string, key uint16) *packet.Packet {
	b := binary.BigEndian.AppendUint16([]byte{0x30, 1, 0x88, 0x0b, 0, 0}, key)
	return c.through(c.wrap(c.addr(src, src), c.addr(dst, dst), nf.ProtoGRE, b))
}

// TestPPTPRestore: a tunnel goes on after its connections were saved and loaded.
func TestPPTPRestore(t *testing.T) {
	for _, snat := range []bool{false, true} {
		s := setup{helper: "pptp", proto: nf.ProtoTCP, port: 1723, snat: snat, params: DefaultParams()}
		c := newCall(t, s)
		host, seen := "10.0.1.2", uint16(100)
		if snat {
			host, seen = "1.2.3.4", 1723
		}
		dial(c, seen)
		if n := len(c.expected()); n != 2 {
			t.Fatalf("%d expectations", n)
		}
		if c.gre("10.0.1.2", "10.0.2.2", 200) == nil {
			t.Fatal("GRE was dropped")
		}
		var saved ct.Saved
		c.table.Save(&saved, 0, 1<<20, nil)
		c = newCall(t, setup{helper: "pptp", proto: nf.ProtoUDP, port: 9, snat: snat, params: DefaultParams()})
		c.table.Restore(&saved, c.now, nil)
		p := c.gre("10.0.2.2", host, seen)
		if p == nil || binary.BigEndian.Uint16(p.L4()[6:]) != 100 || p.Dst() != c.addr("10.0.1.2", "") {
			t.Errorf("snat %v: %v after restoring", snat, p)
		}
		if n := c.table.Count(); n != 2 {
			t.Errorf("snat %v: %d entries", snat, n)
		}
	}
}

// TestPPTPEnd: a tunnel ends with its control connection.
func TestPPTPEnd(t *testing.T) {
	c := newCall(t, setup{helper: "pptp", proto: nf.ProtoTCP, port: 1723, params: DefaultParams()})
	dial(c, 100)
	if c.gre("10.0.1.2", "10.0.2.2", 200) == nil || c.table.Count() != 2 {
		t.Fatal("no tunnel")
	}
	c.table.Flush()
	if n := c.table.Count(); n != 0 {
		t.Errorf("%d entries are left", n)
	}
	c.gre("10.0.1.2", "10.0.2.2", 200)
	c.table.ForEach(func(e *ct.Entry) bool {
		if e.Tuple[nf.DirOriginal].SrcID != 0 || e.Master != 0 {
			t.Errorf("still related: %+v", e.Tuple)
		}
		return true
	})
}

// TestGREKeys: the first connection to enter a call counts, and leaves the place
// to the next one.
func TestGREKeys(t *testing.T) {
	c := newCall(t, setup{helper: "pptp", proto: nf.ProtoTCP, port: 1723, params: DefaultParams()})
	other := *c.entry
	other.ID = 77
	if !c.table.AddGREKeys(c.entry, nf.DirOriginal, 5, 200) || !c.table.AddGREKeys(&other, nf.DirOriginal, 6, 200) ||
		!c.table.AddGREKeys(c.entry, nf.DirOriginal, 9, 200) || c.table.AddGREKeys(c.entry, nf.DirOriginal, 5, 201) {
		t.Error("entering keys")
	}
	key := func() uint16 {
		c.gre("10.0.1.2", "10.0.2.2", 200)
		key := uint16(0)
		c.table.ForEach(func(e *ct.Entry) bool { key = e.Tuple[nf.DirOriginal].SrcID; return true })
		return key
	}
	if k := key(); k != 5 {
		t.Errorf("first key %d", k)
	}
	c.table.DropGREKeys(c.entry.ID)
	if k := key(); k != 6 {
		t.Errorf("second key %d", k)
	}
}

// FuzzPPTP sends control messages both ways through NAT, and what may be the
// tunnel.
func FuzzPPTP(f *testing.F) {
	f.Add([]byte(control(pptpClearRequest, 4, 100)), []byte(control(pptpDisconnectNotify, 136, 200)), uint16(200), true)
	f.Add([]byte(control(pptpInReply, 12, 7, 8, 0x100)), []byte(control(pptpInRequest, 208, 8)), uint16(8), false)
	f.Fuzz(func(t *testing.T, a, b []byte, key uint16, snat bool) {
		if len(a)+len(b) > 4000 {
			return
		}
		c := newCall(t, setup{helper: "pptp", proto: nf.ProtoTCP, port: 1723, snat: snat, params: DefaultParams()})
		dial(c, key)
		for range 2 {
			c.check(c.say(nf.DirReply, string(b)))
			c.check(c.say(nf.DirOriginal, string(a)))
			c.check(c.gre("10.0.1.2", "10.0.2.2", key))
		}
		if n := len(c.expected()); n > 2 {
			t.Fatalf("%d expectations", n)
		}
		c.table.Sweep(c.now + 1e15)
		if n := c.table.Count(); n != 0 {
			t.Fatalf("%d entries are left", n)
		}
	})
}
