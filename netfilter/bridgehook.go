package netfilter

import (
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/vm"
)

// addBridge builds the pipelines of the bridge family: its chains, tracking if a
// rule asks for it, and the place from which the hooks of IP are called, which
// is registered with the first bridge, so before any rule (br_netfilter_hooks.c).
func (r *ruleset) addBridge(rs *vm.Ruleset) {
	for h := nf.HookPrerouting; h <= nf.HookPostrouting; h++ {
		for _, c := range rs.BaseChains(nf.FamilyBridge, h) {
			r.add(pipelineBridge, h, stage{kind: stageBridgeChain, priority: int64(c.Base.Priority), order: c.Order, chain: c})
		}
	}
	r.add(pipelineBridge, nf.HookPrerouting, stage{kind: stageBridgeNF, priority: nf.PriorityBridgeNF})
	r.add(pipelineBridge, nf.HookForward, stage{kind: stageBridgeNF, priority: nf.PriorityBridgeNF})
	r.add(pipelineBridge, nf.HookInput, stage{kind: stageBridgeNF, priority: nf.PriorityConntrackConfirm})
	r.add(pipelineBridge, nf.HookPostrouting, stage{kind: stageBridgeNF, priority: nf.PriorityConntrackConfirm})
	order, used := rs.ConntrackOrder(nf.FamilyBridge)
	if !used {
		return
	}
	r.add(pipelineBridge, nf.HookPrerouting, stage{kind: stageBridgeTrack, priority: nf.PriorityConntrack, order: order})
	r.add(pipelineBridge, nf.HookInput, stage{kind: stageBridgeConfirm, priority: nf.PriorityConntrackConfirm, order: order})
	r.add(pipelineBridge, nf.HookPostrouting, stage{kind: stageBridgeConfirm, priority: nf.PriorityConntrackConfirm, order: order})
}

// bridgeHook takes a frame through a hook of the bridge family and reports
// whether it goes on. The device is the one that the kernel has in the packet:
// where it came by, at input the bridge, then where it leaves.
func (e *Engine) bridgeHook(s *skb, h nf.Hook, in, out, dev *nf.Link) bool {
	s.In, s.Out, s.Dev, s.hook, s.reached = in, out, dev, h, true
	s.at = nf.FamilyBridge
	ok := e.pass(s, e.rules.stages[pipelineBridge][h])
	s.at = nf.FamilyUnspec
	return ok
}

// bridgeTrack is conntrack of the bridge family at prerouting
// (nf_ct_bridge_pre): it reassembles and tracks what is sound IP, and leaves
// everything else out.
func (e *Engine) bridgeTrack(s *skb) (nf.Verdict, string) {
	if s.CT != 0 || s.CTInfo == nf.CTUntracked {
		return nf.Accept, ""
	}
	if s.EtherType != nf.EtherTypeIPv4 && s.EtherType != nf.EtherTypeIPv6 {
		s.CTInfo = nf.CTUntracked
		return nf.Accept, ""
	}
	if !s.TrimIP() {
		return nf.Accept, ""
	}
	s.ParseIPChecked()
	if v, why := e.defragment(s, packet.FragBridgeIn); v != nf.Accept {
		return v, why
	}
	return e.ct.Track(&s.Packet, s.Family, s.hook, e.now), "connection table is full"
}

// bridgeConfirm ends the way of a packet through conntrack of the bridge family.
// Copies of one frame that the host hears cannot all be its connection's first,
// so such a connection is left to the IP layer to find anew (nf_ct_bridge_in).
func (e *Engine) bridgeConfirm(s *skb) nf.Verdict {
	if s.hook == nf.HookPostrouting {
		s.ParseIPChecked()
		return e.ct.Confirm(&s.Packet, e.now)
	}
	if s.PktType != nf.PacketHost {
		e.ct.Release(&s.Packet)
	}
	return nf.Accept
}
