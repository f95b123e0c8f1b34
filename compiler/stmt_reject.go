package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
	"nfvm/nf"
	"nfvm/proto"
)

// Codes of the default answers.
const (
	icmpPortUnreach   = 3
	icmpv6PortUnreach = 4
	icmpxPortUnreach  = 1
)

// maxRejectCode are the largest codes that the kernel and nft take.
var maxRejectCode = map[bytecode.RejectType]uint8{bytecode.RejectICMPUnreach: 254, bytecode.RejectICMPX: 3}

func (r *rule) reject(s *lang.Reject) {
	if r.ctx.family == nf.FamilyARP {
		r.errorf(s.Span, "cannot use reject with arp")
		return
	}
	if r.ctx.layers[proto.Network].desc == proto.ARP {
		r.errorf(s.Span, "cannot use reject with arp")
		return
	}
	var x *bytecode.Reject
	switch s.Kind.Text {
	case "":
		x = r.defaultReject()
	case "tcp reset":
		x = r.rejectReset(s)
	default:
		x = r.rejectICMP(s)
	}
	if x == nil {
		return
	}
	r.plainAt(s.Span, x)
}

// defaultReject picks the answer by what the rule knows of the packet.
func (r *rule) defaultReject() *bytecode.Reject {
	f := r.ctx.family
	if f != nf.FamilyIPv4 && f != nf.FamilyIPv6 {
		f = r.familyOfNetwork()
	}
	switch f {
	case nf.FamilyIPv4:
		return &bytecode.Reject{Type: bytecode.RejectICMPUnreach, Code: icmpPortUnreach}
	case nf.FamilyIPv6:
		return &bytecode.Reject{Type: bytecode.RejectICMPUnreach, Code: icmpv6PortUnreach}
	}
	return &bytecode.Reject{Type: bytecode.RejectICMPX, Code: icmpxPortUnreach}
}

// rejectReset needs TCP: the match goes to the start of the rule.
func (r *rule) rejectReset(s *lang.Reject) *bytecode.Reject {
	switch d := r.ctx.layers[proto.Transport].desc; {
	case d == nil:
		p := &payload{info: info{at: s.Span}, base: proto.Transport, desc: proto.TCP}
		if !r.atStart(func() bool { return r.insertDependency(p) }) {
			return nil
		}
	case d != proto.TCP || r.ctx.ambiguous(proto.Transport):
		at := s.Kind.Span
		if !at.Valid() {
			at = s.Span
		}
		e := r.errorf(at, "you cannot use tcp reset with this protocol")
		if w := r.ctx.layers[proto.Transport].at; w.Valid() {
			e.Note(w, "")
		}
		return nil
	}
	return &bytecode.Reject{Type: bytecode.RejectTCPReset}
}

// atStart runs f and moves the matches that it inserts to the start of the rule.
func (r *rule) atStart(f func() bool) bool {
	before := r.stmts
	r.stmts = nil
	ok := f()
	r.stmts = append(r.stmts, before...)
	return ok
}

func (r *rule) rejectICMP(s *lang.Reject) *bytecode.Reject {
	x := &bytecode.Reject{Type: bytecode.RejectICMPUnreach}
	t, d := datatype.ICMPCode, proto.IP
	switch s.Kind.Text {
	case "icmpv6":
		t, d = datatype.ICMPv6Code, proto.IP6
	case "icmpx":
		t, d, x.Type = datatype.ICMPXCode, nil, bytecode.RejectICMPX
	}
	if s.Code != nil {
		v := r.eval(s.Code, typeInfo(t))
		c, ok := v.(*constant)
		if !ok {
			if v != nil {
				r.errorf(s.Code.At(), "a code of %s is needed here", t.Desc)
			}
			return nil
		}
		x.Code = uint8(c.val.lo)
		if x.Code > maxRejectCode[x.Type] {
			r.refuse(s.Code.At(), einval, "%s %d does not exist", t.Desc, x.Code)
			return nil
		}
	}
	if d == nil {
		if f := r.ctx.family; f == nf.FamilyIPv4 || f == nf.FamilyIPv6 {
			r.errorf(s.Kind.Span, "abstracted ICMP unreachable not supported").Note(s.Span, "")
			return nil
		}
		return x
	}
	return r.rejectFamily(s, d, x)
}

// rejectFamily makes sure that an ICMP or ICMPv6 answer meets its family.
func (r *rule) rejectFamily(s *lang.Reject, d *proto.Desc, x *bytecode.Reject) *bytecode.Reject {
	at := s.Span
	if s.Code != nil {
		at = s.Code.At()
	}
	switch cur := r.ctx.layers[proto.Network].desc; cur {
	case d:
	case nil:
		if r.ctx.family == nf.FamilyBridge || r.ctx.family == nf.FamilyNetdev || r.ctx.family == nf.FamilyInet {
			p := &payload{info: info{at: s.Span}, base: proto.Network, desc: d}
			if !r.atStart(func() bool { return r.insertDependency(p) }) {
				return nil
			}
		}
	default:
		r.errorf(at, "conflicting protocols specified: %s vs %s", d.Name, cur.Name).Note(s.Span, "")
		return nil
	}
	return x
}
