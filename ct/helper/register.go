package helper

import (
	"time"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// A NAT changes what packets say and translates the flows that they announce;
// nat.Engine is one.
type NAT interface {
	// MangleTCP replaces size bytes at offset at of a payload and makes the
	// sequence numbers of what follows fit; false when the packet has no room.
	MangleTCP(p *packet.Packet, e *ct.Entry, at, size int, text []byte) bool
	MangleUDP(p *packet.Packet, at, size int, text []byte) bool
	// ReplaceTCP is MangleTCP for one of several changes to a packet, after which
	// Resized does the rest: the payload grew by delta bytes.
	ReplaceTCP(p *packet.Packet, at, size int, text []byte) bool
	Resized(p *packet.Packet, e *ct.Entry, delta int)
	// ExpectPort expects a flow at a port or, where others expect it there, at a
	// free one above.
	ExpectPort(x *ct.Expectation, port uint16) (got uint16, ok bool)
	// BindSource and BindDestination translate a side of a new flow to an address,
	// and to a port or key unless that is 0.
	BindSource(e *ct.Entry, a packet.Addr, port uint16)
	BindDestination(e *ct.Entry, a packet.Addr, port uint16)
}

// A Host knows links and routes.
type Host interface {
	// BroadcastMask gives the netmask of the primary address of p.Out whose
	// broadcast address p is sent to; false if there is none.
	BroadcastMask(p *packet.Packet) (mask packet.Addr, ok bool)
	// LeavesBy reports whether packets to an address leave by p.Out.
	LeavesBy(p *packet.Packet, to packet.Addr) bool
	// SameWay reports whether packets to two addresses go to the same neighbor.
	SameWay(p *packet.Packet, a, b packet.Addr) bool
}

// tracker is what the helpers work with.
type tracker struct {
	table  *ct.Table
	nat    NAT
	host   Host
	params Params
}

// seconds is the unit of the policies.
const seconds = int64(time.Second)

// known lists the helpers. Their names and bounds are those of the kernel's.
var known = []struct {
	name     string
	policies []ct.ExpectPolicy
	help     func(*tracker, *packet.Packet, *ct.Entry) nf.Verdict
}{
	{"H.245", one(4*h323Channels+2, 240), (*tracker).h245},
	{"Q.931", one(4*h323Channels+4, 240), (*tracker).q931},
	{"RAS", one(32, 240), (*tracker).ras},
	{"amanda", one(4, 180), (*tracker).amanda},
	{"ftp", one(1, 300), (*tracker).ftp},
	{"irc", one(8, 300), (*tracker).irc},
	{"netbios-ns", one(1, 3), (*tracker).netbios},
	{"pptp", one(2, 300), (*tracker).pptp},
	{"sane", one(1, 300), (*tracker).sane},
	{"sip", sipPolicies, (*tracker).sip},
	{"snmp", one(1, 30), (*tracker).snmp},
	{"snmp_trap", one(0, 180), (*tracker).snmpTranslate},
	{"tftp", one(1, 300), (*tracker).tftp},
}

// one is the policy of a helper with one class of expectations: how many there may
// be, and for how many seconds each holds.
func one(most int, timeout int64) []ct.ExpectPolicy {
	return []ct.ExpectPolicy{{Max: most, Timeout: timeout * seconds}}
}

// Attach makes the helpers known to a table that has no rules yet.
func Attach(t *ct.Table, n NAT, h Host, params Params) {
	tr := &tracker{table: t, nat: n, host: h, params: params}
	t.OnExpected(ct.ExpectPPTP, tr.pptpExpected)
	t.Helpers = func(name string) *ct.Helper {
		for _, k := range known {
			if k.name == name {
				help := func(p *packet.Packet, e *ct.Entry) nf.Verdict { return k.help(tr, p, e) }
				h := &ct.Helper{Name: name, Policies: k.policies, Help: help}
				if name == "pptp" {
					h.Destroy, h.Restore = tr.endPPTP, tr.restorePPTP
				}
				return h
			}
		}
		return nil
	}
}

// Known reports whether a helper of this name does what the kernel's does.
func Known(name string) bool {
	for _, k := range known {
		if k.name == name {
			return true
		}
	}
	return false
}

// translated reports whether NAT changes the packets of an entry.
func translated(e *ct.Entry) bool {
	return e.Status&(nf.CTStatusSrcNAT|nf.CTStatusDstNAT) != 0
}

// established reports whether both sides have been heard.
func established(p *packet.Packet) bool {
	return p.CTInfo == nf.CTEstablished || p.CTInfo == nf.CTEstablishedReply
}

// payloadTCP gives what a TCP packet carries; ok is false for none.
func payloadTCP(p *packet.Packet) (t packet.TCP, data []byte, ok bool) {
	t, ok = p.TCP()
	if !ok {
		return nil, nil, false
	}
	data = t.Payload()
	return t, data, len(data) > 0
}

// payloadUDP gives what a UDP packet carries.
func payloadUDP(p *packet.Packet) []byte {
	if b := p.L4(); p.Proto == nf.ProtoUDP && len(b) > packet.UDPSize {
		return b[packet.UDPSize:]
	}
	return nil
}

// expect waits for a flow; a packet whose promise can't be kept is dropped.
func (t *tracker) expect(x *ct.Expectation) nf.Verdict {
	if t.table.Expect(x) != ct.Expected {
		return nf.Drop
	}
	return nf.Accept
}

// expectHere waits for a flow that NAT shall send where it was announced to go,
// at a port that may have to change, and gives that port.
func (t *tracker) expectHere(x *ct.Expectation, d nf.Dir) (port uint16, ok bool) {
	x.SavedID, x.Dir, x.Fn = x.Tuple.DstID, d, ct.ExpectFollowMaster
	return t.nat.ExpectPort(x, x.SavedID)
}

// mangled ends an announcement in the payload of a TCP packet: the text replaces
// what was said, or the flow is no longer expected and the packet dropped.
func (t *tracker) mangled(p *packet.Packet, e *ct.Entry, x *ct.Expectation, at, size int, text []byte) nf.Verdict {
	if !t.nat.MangleTCP(p, e, at, size, text) {
		t.table.Unexpect(x)
		return nf.Drop
	}
	return nf.Accept
}
