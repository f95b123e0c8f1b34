package netfilter

import (
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

// dup sends a copy of a packet by way of another host (nf_dup_ipv4,
// nf_dup_ipv6). The copy starts at the output hook, is never tracked, and is not
// copied again.
func (e *Engine) dup(s *skb, hook nf.Hook, gateway packet.Addr, out *nf.Link) {
	if e.duplicating {
		return
	}
	res := e.host.Lookup(&host.Query{Dst: gateway.Netip(s.Family), Out: out})
	if res.Out == nil {
		return
	}
	e.duplicating = true
	defer func() { e.duplicating = false }()
	c := e.get(s.number)
	defer e.put(c)
	c.buf = append(c.buf[:0], s.IP()...)
	c.Reset(c.buf, false)
	c.EtherType = s.EtherType
	c.generated, c.Local, c.Time = true, true, e.now
	c.Mark, c.Priority, c.Trace, c.TraceID = s.Mark, s.Priority, s.Trace, s.TraceID
	c.CTInfo = nf.CTUntracked
	c.ParseIP()
	if c.Family == nf.FamilyIPv4 {
		c.IP()[6] |= 0x40 // don't fragment
		packet.FixIPv4Checksum(c.IP())
	}
	if hook == nf.HookPrerouting || hook == nf.HookInput {
		c.DecTTL()
	}
	c.route, c.routed, c.fixedHop = res, true, true
	if e.traverse(c, nf.HookOutput, nil, res.Out) {
		e.transmit(c)
	}
}
