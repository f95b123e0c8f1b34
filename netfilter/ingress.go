package netfilter

import (
	"slices"

	"nfvm/bytecode"
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/vm"
)

// A deviceChain is a base chain on the ingress or egress hook of a link.
type deviceChain struct {
	chain *vm.Chain
	inet  bool // of an inet table, which sees IPv4 and IPv6 only
	// flowtable stands for its hook, where chain is nil.
	flowtable *flowtable
}

// devices are the names of the links that it is on.
func (d *deviceChain) devices() []string {
	if d.flowtable != nil {
		return d.flowtable.decl.Devices
	}
	return d.chain.Base.Devices
}

// addDevices collects the chains of the netdev family and of inet ingress, which
// share one list a link.
func (r *ruleset) addDevices(rs *vm.Ruleset, p *bytecode.Program) {
	r.addFlowtables(p)
	for _, c := range rs.BaseChains(nf.FamilyNetdev, nf.HookIngress) {
		r.ingress = append(r.ingress, deviceChain{chain: c})
	}
	for _, c := range rs.BaseChains(nf.FamilyIPv4, nf.HookIngress) {
		r.ingress = append(r.ingress, deviceChain{chain: c, inet: true})
	}
	for _, c := range rs.BaseChains(nf.FamilyNetdev, nf.HookEgress) {
		r.egress = append(r.egress, deviceChain{chain: c})
	}
	for _, list := range [][]deviceChain{r.ingress, r.egress} {
		slices.SortStableFunc(list, func(a, b deviceChain) int { return before(a.stage(), b.stage()) })
	}
}

func (d *deviceChain) stage() stage {
	if d.flowtable != nil {
		return stage{priority: int64(d.flowtable.decl.Priority)}
	}
	return stage{priority: int64(d.chain.Base.Priority), order: d.chain.Order}
}

// deviceHook takes a frame through the chains of a link at ingress or egress, where
// nothing has been checked yet: it goes on if they accept, and else was dropped or
// taken elsewhere.
func (e *Engine) deviceHook(s *skb, h nf.Hook, list []deviceChain, l *nf.Link) nf.Verdict {
	for i := range list {
		d := &list[i]
		if !slices.Contains(d.devices(), l.Name) {
			continue
		}
		s.hook, s.reached, s.Dev, s.byRoute = h, true, l, d.inet
		s.In, s.Out = l, nil
		if h == nf.HookEgress {
			s.In, s.Out = nil, l
		}
		sane := s.ParseIPChecked()
		if d.flowtable != nil {
			e.alone()
			if sane && e.offloaded(s, d.flowtable) {
				return nf.Stolen
			}
			continue
		}
		if d.inet && s.Family == nf.FamilyUnspec {
			continue
		}
		if d.inet && !sane {
			e.drop(s, "malformed at inet ingress")
			return nf.Drop
		}
		if v := e.runChain(s, d.chain); !e.took(s, v) {
			return v
		}
	}
	return nf.Accept
}

// egressFrame takes a frame that is about to leave through the egress hook; it
// gives the frame as the rules leave it, and what they say of it.
func (e *Engine) egressFrame(s *skb, frame []byte, ether bool) ([]byte, nf.Verdict) {
	x := e.cloneFrame(s, frame, ether)
	if x == nil {
		return frame, nf.Accept
	}
	x.route, x.routed = s.route, s.routed
	x.decision, x.weight, x.PktType = s.decision, s.weight, s.PktType
	v := e.deviceHook(x, nf.HookEgress, e.rules.egress, s.route.Out)
	e.spare = x.AppendFrame(e.spare[:0], x.IP())
	s.decision, s.weight = x.decision, x.weight
	s.Mark, s.Priority, s.Trace, s.TraceID = x.Mark, x.Priority, x.Trace, x.TraceID
	e.put(x)
	return e.spare, v
}

// rejectOnLink answers a rejected frame on the link it came by, as the netdev and
// bridge families do: addresses swapped, no routing, nothing without Ethernet. In
// the bridge family the answer keeps the tag and passes the hooks of what the host
// sends by a port, in the other just egress.
func (e *Engine) rejectOnLink(s *skb, reset bool, code uint8) {
	if !s.Link || !s.L4Known || s.arrived == nil || s.EtherDst()[0]&1 != 0 || !reset && s.unreachableMessage() {
		return
	}
	reply := e.get(s.number)
	defer e.put(reply)
	reply.buf = packet.AppendAnswerHeader(reply.buf[:0], &s.Packet, s.at == nf.FamilyBridge)
	head := len(reply.buf)
	if reset {
		reply.buf, _ = packet.AppendReset(reply.buf, &s.Packet, e.defaultTTL)
	} else if s.RejectChecksumOK() && s.FragOffset == 0 {
		reply.buf = packet.AppendLinkReject(reply.buf, &s.Packet, packet.ICMPError{
			Type: unreachable(s.Family), Code: code, TTL: e.defaultTTL,
		})
	}
	if len(reply.buf) == head {
		return
	}
	if s.at == nf.FamilyBridge {
		if x := e.cloneFrame(s, reply.buf, true); x != nil {
			x.generated, x.Trace, x.Mark, x.Priority = true, false, 0, 0
			e.toPort(x, nil, s.In)
			e.put(x)
		}
		return
	}
	reply.generated, reply.sentBy, reply.decision = true, s.arrived, s.decision
	reply.arrived, reply.EtherType, reply.route = s.arrived, s.EtherType, host.Result{Out: s.arrived}
	e.xmit(reply, reply.buf, true)
}

// unreachableMessage reports whether the packet is itself an ICMP destination
// unreachable message, which has no such answer (nf_skb_is_icmp_unreach).
func (s *skb) unreachableMessage() bool {
	l4 := s.L4()
	icmp := s.Family == nf.FamilyIPv4 && s.Proto == nf.ProtoICMP || s.Family == nf.FamilyIPv6 && s.Proto == nf.ProtoICMPv6
	return icmp && s.FragOffset == 0 && len(l4) > 0 && l4[0] == unreachable(s.Family)
}

// unreachable is the ICMP type for destination unreachable.
func unreachable(f nf.Family) uint8 {
	if f == nf.FamilyIPv6 {
		return icmp6Unreach
	}
	return icmpUnreach
}
