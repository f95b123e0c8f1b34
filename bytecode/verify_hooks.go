package bytecode

import "nfvm/nf"

const anywhere contexts = 1<<(3*uint(nf.HookCount)) - 1

// at is every chain type at the given hooks.
func at(hooks ...nf.Hook) (c contexts) {
	for t := nf.ChainTypeFilter; t <= nf.ChainTypeRoute; t++ {
		c |= typeAt(t, hooks...)
	}
	return c
}

func typeAt(t nf.ChainType, hooks ...nf.Hook) (c contexts) {
	for _, h := range hooks {
		c |= contextOf(t, h)
	}
	return c
}

var (
	atSNAT     = typeAt(nf.ChainTypeNAT, nf.HookInput, nf.HookPostrouting)
	atDNAT     = typeAt(nf.ChainTypeNAT, nf.HookPrerouting, nf.HookOutput)
	atMasq     = typeAt(nf.ChainTypeNAT, nf.HookPostrouting)
	atReject   = at(nf.HookIngress, nf.HookPrerouting, nf.HookInput, nf.HookForward, nf.HookOutput)
	atReceived = at(nf.HookPrerouting, nf.HookInput, nf.HookForward)
	atSending  = at(nf.HookForward, nf.HookOutput, nf.HookPostrouting)
	atRouted   = at(nf.HookInput, nf.HookForward)
)

// rejectAt gives the hooks of reject, which the families other than the IP
// ones restrict further.
func rejectAt(f nf.Family) (contexts, bool) {
	switch f {
	case nf.FamilyBridge:
		return at(nf.HookPrerouting, nf.HookInput), true
	case nf.FamilyNetdev:
		return at(nf.HookIngress), true
	}
	return atReject, f != nf.FamilyARP
}

// allowed gives the chain types and hooks from which an expression may be
// reached, and false if its family has no such expression.
func (v *verifier) allowed(e Expr) (contexts, bool) {
	f := v.t.Family
	ip := f == nf.FamilyIPv4 || f == nf.FamilyIPv6 || f == nf.FamilyInet
	switch e := e.(type) {
	case *NAT:
		if e.Type == SNAT {
			return atSNAT, ip
		}
		return atDNAT, ip
	case *Masq:
		return atMasq, ip
	case *Redir:
		return atDNAT, ip
	case *Reject:
		return rejectAt(f)
	case *TProxy:
		return at(nf.HookPrerouting), ip
	case *Synproxy:
		return atRouted, ip
	case *Socket:
		return at(nf.HookPrerouting, nf.HookInput, nf.HookOutput), ip
	case *FlowOffload:
		return at(nf.HookForward), ip
	case *OSF:
		return atReceived, ip
	case *Fib:
		return fibAt(e), f != nf.FamilyARP && f != nf.FamilyBridge
	case *CT, *CTSet, *Notrack, *Connlimit:
		return anywhere, ip || f == nf.FamilyBridge
	case *Fwd:
		return anywhere, f == nf.FamilyNetdev
	case *Dup:
		return anywhere, f != nf.FamilyARP && f != nf.FamilyBridge && f != nf.FamilyInet
	case *Rt:
		if e.Key == RtTCPMSS {
			return atSending, ip
		}
		return anywhere, ip
	case *Xfrm:
		if e.Out {
			return atSending, ip
		}
		return atReceived, ip
	}
	return metaAt(f, e), true
}

func fibAt(e *Fib) contexts {
	switch {
	case e.Result != FibResultType:
		return atReceived | at(nf.HookIngress)
	case e.Flags&FibIif != 0:
		return atReceived | at(nf.HookIngress)
	case e.Flags&FibOif != 0:
		return atSending
	}
	return anywhere
}

func metaAt(f nf.Family, e Expr) contexts {
	switch e := e.(type) {
	case *Meta:
		switch e.Key {
		case MetaSdif, MetaSdifName:
			return atRouted
		case MetaSecpath:
			return atReceived | at(nf.HookIngress)
		}
	case *MetaSet:
		if e.Key == MetaPktType {
			return at(nf.HookPrerouting, nf.HookIngress)
		}
	}
	return anywhere
}
