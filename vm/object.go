package vm

import (
	"hash/fnv"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/nf"
)

// An object is a named stateful object.
type object struct {
	decl  *bytecode.Object
	state State  // of counters, quotas, limits and connlimits
	ct    uint16 // handle of a helper or timeout policy
	// secmark is the number of a security context.
	secmark uint32
}

// object runs a named object on the packet: Continue, Break where the rule goes no
// further, or Drop. Those of connection tracking concern a connection that the
// packet begins.
func (m *Machine) object(o *object) nf.Verdict {
	if o.state.conf != nil {
		if o.state.eval(m) {
			return nf.Continue
		}
		return nf.Break
	}
	switch o.decl.Type {
	case bytecode.ObjectSynproxy:
		return m.env.Synproxy(m.p, o.decl.Synproxy)
	case bytecode.ObjectSecmark:
		m.p.Secmark = o.secmark
		return nf.Continue
	}
	e := m.entry()
	if o.decl.Type == bytecode.ObjectCTExpect {
		return m.expectObject(e, o.decl.CTExpect)
	}
	if e == nil || e.Confirmed() {
		return nf.Continue
	}
	t := m.env.Conntrack()
	switch o.decl.Type {
	case bytecode.ObjectCTHelper:
		if h := o.decl.CTHelper; h.L4Proto == e.L4() && (h.L3Proto == 0 || h.L3Proto == nf.FamilyInet || uint8(h.L3Proto) == e.Tuple[0].L3) {
			if o.ct == 0 {
				o.ct, _ = t.RegisterHelper(h.Helper)
			}
			t.SetHelper(e, o.ct)
		}
	case bytecode.ObjectCTTimeout:
		if o.ct == 0 {
			o.ct = newPolicy(t, o.decl.CTTimeout)
		}
		if o.ct != 0 {
			t.SetPolicy(e, o.ct)
		}
	}
	return nf.Continue
}

// expectObject waits for a connection from the other end of a new one, to the
// object's port. The kernel takes the milliseconds that nft gives it for seconds,
// and an object without family for one of the connection's.
func (m *Machine) expectObject(e *ct.Entry, o *bytecode.CTExpectObject) nf.Verdict {
	if e == nil || e.Confirmed() {
		return nf.Break
	}
	t := m.env.Conntrack()
	if n := t.PendingOf(e, 0); n >= int(o.Size) {
		return nf.Break
	}
	back := &e.Tuple[1-m.p.CTInfo.Dir()]
	x := ct.NewExpectation(e, 0, o.L4Proto, &back.Src, back.Dst, nil, o.DPort)
	x.Lifetime = int64(o.Timeout) * 1e9
	if t.Expect(x) != ct.Expected {
		return nf.Drop
	}
	return nf.Continue
}

// securityID numbers a security context. Where there is a security module it
// chooses the numbers, from boot to boot others; here a context has the same one
// for good, so that connections keep theirs when rules are loaded anew.
func securityID(context string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(context))
	return max(h.Sum32(), 1)
}
