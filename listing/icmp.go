package listing

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/proto"
)

// icmpMatch notes which ICMP types a rule has matched.
func (c *context) icmpMatch(s *stmt) {
	f := s.left
	if f.desc != proto.ICMP && f.desc != proto.ICMPv6 {
		return
	}
	if f.field.Name == "type" {
		c.icmp, c.icmpBy = icmpTypes(s), s
		return
	}
	c.icmpField(f)
}

// icmpField drops the match on an ICMP type when a later field exists for that
// type only.
func (c *context) icmpField(f *node) {
	if f.field == nil {
		return
	}
	if len(f.field.Needs) == 1 && c.icmpBy != nil && c.icmpBy.op == "==" && sameTypes(c.icmp, f.field.Needs) {
		c.icmpBy.dead = true
		c.icmpBy = nil
	}
}

// icmpTypes are the types that a match allows, nil when it can't tell.
func icmpTypes(s *stmt) map[uint8]bool {
	switch {
	case s.op == "==" && s.right.kind == kindValue:
		return map[uint8]bool{uint8(datatype.Uint(s.right.num())): true}
	case s.op == "" && s.right.kind == kindSet && s.right.set.Flags&bytecode.SetAnonymous != 0:
		types := map[uint8]bool{}
		for _, e := range s.right.set.Elements {
			if len(e.Key) == 0 || s.right.set.Flags&bytecode.SetInterval != 0 {
				return nil
			}
			types[e.Key[0]] = true
		}
		return types
	}
	return nil
}

func sameTypes(have map[uint8]bool, want []uint8) bool {
	if len(have) == 0 {
		return false
	}
	n := 0
	for _, t := range want {
		if have[t] {
			n++
		}
	}
	return n == len(have)
}
