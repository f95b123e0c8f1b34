package nat

import (
	"nfvm/ct"
	"nfvm/nf"
)

// maxAttempts bounds one round of a port search, evictAttempts is how many of
// the last ones may evict a dead connection.
const (
	maxAttempts   = 128
	evictAttempts = maxAttempts / 4
	minAttempts   = 16
)

// A span is a run of ports or identifiers: size of them from min on.
type span struct{ min, size uint32 }

// Source ports of a class stay in their class when no range is given, because
// some services trust low ports.
var portClasses = []struct {
	below uint32 // ports less than this
	to    span
}{
	{512, span{1, 511}},
	{1024, span{600, 424}},
	{65536, span{1024, 64512}},
}

// spanOf gives the ports to search for a manipulation of t; it fails when
// there is nothing to change.
func spanOf(t *ct.Tuple, r *Range, m Manip, hasMaster bool) (span, bool) {
	given := span{uint32(r.MinPort), uint32(r.MaxPort) - uint32(r.MinPort) + 1}
	ports := r.Flags&FlagPorts != 0
	switch t.L4 {
	case nf.ProtoICMP, nf.ProtoICMPv6:
		if !ports {
			return span{0, 65536}, true
		}
		return given, true
	case nf.ProtoGRE: // only PPTP's has a key to change
		if !ports {
			return span{1, 65535}, hasMaster
		}
		return given, hasMaster
	case nf.ProtoTCP, nf.ProtoUDP, nf.ProtoUDPLite, nf.ProtoSCTP:
		if !ports {
			return classOf(t.SrcID), m == Src
		}
		if r.MaxPort < r.MinPort {
			return span{uint32(r.MaxPort), uint32(r.MinPort) - uint32(r.MaxPort) + 1}, true
		}
		return given, true
	}
	return span{}, false
}

func classOf(port uint16) span {
	for _, c := range portClasses {
		if uint32(port) < c.below {
			return c.to
		}
	}
	return span{}
}

// searchPort puts the first free port of the range into t, or the last one
// tried (nf_nat_l4proto_unique_tuple). Large ranges are searched in rounds of
// half the size each, from a new random start.
func (e *Engine) searchPort(t *ct.Tuple, r *Range, m Manip, en *ct.Entry) {
	s, ok := spanOf(t, r, m, en.Master != 0)
	if !ok {
		return
	}
	k := key(t, m)
	off := e.startOffset(*k, r, m)
	for attempts := min(s.size, maxAttempts); ; {
		for left := attempts; left > 0; left-- {
			*k = uint16(s.min + uint32(off)%s.size)
			if !e.takenUnlessDead(t, en, left) {
				return
			}
			off++
		}
		if attempts >= s.size || attempts < minAttempts {
			e.Stats.Exhausted++
			return
		}
		attempts /= 2
		off = uint16(e.rand())
	}
}

func (e *Engine) startOffset(port uint16, r *Range, m Manip) uint16 {
	switch {
	case r.Flags&FlagPortOffset != 0:
		return port - r.BasePort
	case r.random() || m == Src:
		return uint16(e.rand())
	}
	return 0
}

// takenUnlessDead is taken, but near the end of a search a new TCP connection
// takes the port of a source-translated one that is over, if its sequence
// numbers are beyond the old one's (nf_nat_used_tuple_harder).
func (e *Engine) takenUnlessDead(t *ct.Tuple, en *ct.Entry, left uint32) bool {
	if left > evictAttempts || t.L4 != nf.ProtoTCP || en.TCP.State != ct.TCPSynSent {
		return e.taken(t, en)
	}
	reply, ok := t.Invert()
	if !ok {
		return false
	}
	id, dir, found := e.table.Lookup(&reply, en.ZoneOf())
	if !found {
		return false
	}
	old := e.table.Entry(id)
	if dir == nf.DirOriginal || old == nil || !evictable(old) {
		return true
	}
	if int32(en.TCP.Seen[0].End-old.TCP.Seen[0].End) <= 0 {
		return true
	}
	e.table.Kill(id)
	return old.Status&nf.CTStatusOffload != 0
}

// evictable reports whether a connection's port may be given away.
func evictable(en *ct.Entry) bool {
	return en.TCP.State >= ct.TCPTimeWait &&
		en.Status&(nf.CTStatusFixedTimeout|nf.CTStatusDying) == 0 &&
		en.Status&nf.CTStatusSrcNAT != 0
}
