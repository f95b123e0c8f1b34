package netfilter

import (
	"nfvm/bytecode"
	"nfvm/host"
	"nfvm/nf"
	"nfvm/vm"
)

// fib answers a fib expression (nft_fib_ipv4, nft_fib_ipv6).
func (e *Engine) fib(s *skb, hook nf.Hook, f *bytecode.Fib) vm.FibResult {
	q := s.query(nil)
	if f.Flags&bytecode.FibSaddr != 0 {
		q.Dst, q.Src = q.Src, q.Dst
	}
	if f.Flags&bytecode.FibMark == 0 {
		q.Mark = 0
	}
	var dev *nf.Link
	switch {
	case f.Flags&bytecode.FibIif != 0:
		dev = s.In
	case f.Flags&bytecode.FibOif != 0:
		dev = s.Out
	}
	if f.Result == bytecode.FibResultType {
		return vm.FibResult{Type: e.fibType(s, &q, dev)}
	}
	if arriving := hook == nf.HookPrerouting || hook == nf.HookInput || hook == nf.HookIngress; arriving && s.In != nil && (s.In == e.lo || s.own) {
		return vm.FibResult{Link: s.In} // nft_fib_can_skip
	}
	if s.Family == nf.FamilyIPv6 {
		q.Out = dev
	} else if s.Src().IsZero() && (s.Dst().IsMulticast(s.Family) || s.Dst().V4() == 0xffffffff) {
		return vm.FibResult{Link: s.In}
	}
	res := e.host.Lookup(&q)
	if res.Out == nil || res.Type == host.Local || res.Type == host.Anycast || dev != nil && !res.Uses(dev) {
		return vm.FibResult{}
	}
	found := vm.FibResult{Link: res.Out, Type: uint32(res.Type)}
	if dev != nil {
		found.Link = dev
	}
	return found
}

// fibType is the type of an address: of the local table for IPv4, of the whole
// lookup for IPv6.
func (e *Engine) fibType(s *skb, q *host.Query, dev *nf.Link) uint32 {
	if s.Family == nf.FamilyIPv4 {
		return uint32(e.host.LocalType(q.Dst, dev))
	}
	if q.Dst.IsMulticast() {
		return uint32(host.Multicast)
	}
	res := e.host.Lookup(q)
	if dev != nil && !res.Uses(dev) {
		return uint32(host.Unicast)
	}
	return uint32(res.Type)
}
