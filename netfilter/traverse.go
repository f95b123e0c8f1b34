package netfilter

import (
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/vm"
)

// traverse takes a packet through one hook and reports whether it goes on. If
// not, its outcome has been told.
func (e *Engine) traverse(s *skb, h nf.Hook, in, out *nf.Link) bool {
	s.In, s.Out, s.hook, s.reached = in, out, h, true
	s.Dev = device(h, in, out)
	return e.pass(s, e.rules.stages[familyIndex(s.Family)][h])
}

// pass takes a packet through the stages of a hook.
func (e *Engine) pass(s *skb, stages []stage) bool {
	for i := range stages {
		v, why := e.stage(s, &stages[i])
		switch v {
		case nf.Accept:
			if s.Broute && s.at == nf.FamilyBridge { // nf_hook_bridge_pre asks after each
				return true
			}
		case nf.Stolen:
			if s.taken {
				e.finish(s, Proxied, "")
			}
			return false
		default:
			e.drop(s, why)
			return false
		}
	}
	return true
}

// device is the packet's current device at a hook, whose type `meta iiftype`
// shows.
func device(h nf.Hook, in, out *nf.Link) *nf.Link {
	switch h {
	case nf.HookPostrouting:
		return out
	case nf.HookOutput:
		return nil
	}
	return in
}

// stage runs one stage. The reason goes with a verdict of Drop that no rule
// gave.
func (e *Engine) stage(s *skb, st *stage) (v nf.Verdict, why string) {
	switch st.kind {
	case stageChain:
		return e.runFilterChain(s, st.chain), ""
	case stageDefrag:
		if s.CT != 0 || s.CTInfo == nf.CTUntracked { // tracked already, or never to be
			return nf.Accept, ""
		}
		if s.hook == nf.HookPrerouting && s.Bridged && !s.bridged.heard {
			return e.defragment(s, packet.FragBridgeIn)
		}
		return e.defragment(s, packet.FragConntrackIn)
	case stageTrack:
		return e.track(s), "connection table is full"
	case stageNAT:
		return e.translate(s), "address translation failed"
	case stageProxy:
		return e.proxy(s), "no segment that the SYN proxy can read, or a wrong cookie"
	case stageBridgeChain:
		s.ParseIPChecked()
		return e.runChain(s, st.chain), ""
	case stageBridgeTrack:
		return e.bridgeTrack(s)
	case stageBridgeConfirm:
		return e.bridgeConfirm(s), "another connection has this tuple"
	case stageBridgeNF:
		return e.bridgeNF(s)
	default:
		if e.confirmed(s) {
			return nf.Accept, ""
		}
		return e.ct.Confirm(&s.Packet, e.now), "another connection has this tuple"
	}
}

// track finds or begins the packet's connection.
func (e *Engine) track(s *skb) nf.Verdict {
	if e.followed(s) {
		e.considerFast(s)
		return nf.Accept
	}
	v := e.ct.Track(&s.Packet, s.Family, s.hook, e.now)
	if s.proxied {
		if entry := e.entry(s); entry != nil && !entry.Confirmed() {
			e.ct.AddProxy(entry)
		}
	}
	e.considerFast(s)
	return v
}

// runFilterChain evaluates a base chain; one of type route routes the packet
// again if it changed what routes depend on.
func (e *Engine) runFilterChain(s *skb, c *vm.Chain) nf.Verdict {
	if c.Base.Type != nf.ChainTypeRoute {
		return e.runChain(s, c)
	}
	before := s.routeKey()
	v := e.runChain(s, c)
	if v == nf.Accept && !e.reroute(s, &before) {
		return nf.Drop
	}
	return v
}

// runChain evaluates a base chain and remembers what decided.
func (e *Engine) runChain(s *skb, c *vm.Chain) nf.Verdict {
	if e.opt.TraceAll {
		s.Trace = true
	}
	if s.fast {
		e.meetSteady(s, c)
	}
	m := e.machine()
	e.depth++
	before := e.current
	e.current = s
	v := m.Run(c, &s.Packet, s.hook)
	e.current = before
	e.depth--
	if v == nf.Queue { // nobody listens
		v = nf.Drop
	}
	d := Decision{Hook: s.hook, Verdict: v, Rule: m.Decided.Rule}
	d.Table, d.Chain = c.Table, c.Chain
	if m.Decided.Rule != nil && m.Decided.Chain != nil {
		d.Chain = m.Decided.Chain.Chain
	}
	s.decide(d, c.Base)
	return v
}

// machine gives the machine for the current depth: a rule that rejects sends a
// packet through other chains while its own is still being evaluated.
func (e *Engine) machine() *vm.Machine {
	for len(e.machines) <= e.depth {
		m := vm.NewMachine((*env)(e))
		m.Tracer = e.tracer
		if e.worker != nil {
			m.Beside = &e.worker.beside
		}
		e.machines = append(e.machines, m)
	}
	return e.machines[e.depth]
}

// translate is the NAT core at one hook. Destination NAT of a packet of the
// host's own routes it again.
func (e *Engine) translate(s *skb) nf.Verdict {
	if e.worker != nil && (s.ZoneDir != 0 || e.nat.Ends(&s.Packet, s.hook)) {
		e.alone()
	}
	chains := e.rules.nat[familyIndex(s.Family)][s.hook]
	before := e.translating
	e.translating = s
	dst := s.Dst()
	v := e.nat.Hook(&s.Packet, s.hook, len(chains), e.runNATChain)
	e.translating = before
	if v != nf.Accept || s.Dst() == dst {
		return v
	}
	switch s.hook {
	case nf.HookPrerouting: // a route that it came with through lo is no more its own
		s.routed, s.many = false, false
	case nf.HookOutput:
		if !e.routeAgain(s) {
			return nf.Drop
		}
	}
	return v
}

// natChain evaluates the i-th nat chain of the packet being translated.
func (e *Engine) natChain(i int) nf.Verdict {
	s := e.translating
	return e.runChain(s, e.rules.nat[familyIndex(s.Family)][s.hook][i])
}
