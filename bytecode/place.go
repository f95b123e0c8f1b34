package bytecode

import (
	"strings"

	"nfvm/nf"
)

// Places is a set of chain types and hooks, a bit for each pair: those of the
// base chains from which an expression may be reached.
type Places uint32

const anywhere Places = 1<<(3*uint(nf.HookCount)) - 1

func placeOf(t nf.ChainType, h nf.Hook) Places {
	return 1 << (uint(t)*uint(nf.HookCount) + uint(h))
}

// Has tells whether base chains of a type at a hook are among the places.
func (p Places) Has(t nf.ChainType, h nf.Hook) bool { return p&placeOf(t, h) != 0 }

// Everywhere tells whether all places are among them.
func (p Places) Everywhere() bool { return p == anywhere }

// String names the places: "input, forward", with "chains of type nat at" before
// it where the type matters.
func (p Places) String() string {
	var hooks []string
	filter := false
	for h := range nf.HookCount {
		if p&at(h) != 0 {
			hooks = append(hooks, h.String())
			filter = filter || p.Has(nf.ChainTypeFilter, h)
		}
	}
	list := strings.Join(hooks, ", ")
	if !filter && list != "" {
		return "chains of type nat at " + list
	}
	return list
}

// at is every chain type at the given hooks.
func at(hooks ...nf.Hook) (p Places) {
	for t := nf.ChainTypeFilter; t <= nf.ChainTypeRoute; t++ {
		p |= typeAt(t, hooks...)
	}
	return p
}

func typeAt(t nf.ChainType, hooks ...nf.Hook) (p Places) {
	for _, h := range hooks {
		p |= placeOf(t, h)
	}
	return p
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

// PlacesOf gives the places of an expression in a family, as the kernel's checks
// of chains have them, and false where the family has no such expression.
func PlacesOf(f nf.Family, e Expr) (Places, bool) {
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
	case *Objref:
		if e.Type == ObjectSynproxy {
			return atRouted, ip
		}
	case *Socket:
		return at(nf.HookPrerouting, nf.HookInput, nf.HookOutput), ip
	case *FlowOffload:
		return at(nf.HookForward), ip
	case *OSF:
		// Linux 6.18 refuses it in ip6 tables, where it cannot match; older kernels
		// take it, and so do the tests of nft itself.
		return ofIP(ip, atReceived), true
	case *Fib:
		return fibAt(f, e), ip || f == nf.FamilyNetdev
	case *CT, *CTSet, *Connlimit:
		return anywhere, ip || f == nf.FamilyBridge
	case *Fwd:
		return anywhere, f == nf.FamilyNetdev
	case *Dup:
		return anywhere, f == nf.FamilyIPv4 || f == nf.FamilyIPv6 || f == nf.FamilyNetdev
	case *Rt:
		if e.Key == RtTCPMSS {
			return ofIP(ip, atSending), true
		}
		return ofIP(ip, anywhere), true
	case *Xfrm:
		if e.Out {
			return atSending, ip
		}
		return atReceived, ip
	case *Meta:
		return metaAt(f, e), true
	case *MetaSet:
		return metaSetAt(f, e), true
	}
	return anywhere, true
}

// ofIP gives the places of what the kernel looks at only once a base chain
// reaches it, and then allows in IP families alone.
func ofIP(ip bool, p Places) Places {
	if ip {
		return p
	}
	return 0
}

// rejectAt gives the hooks of reject, which the families other than the IP
// ones restrict further.
func rejectAt(f nf.Family) (Places, bool) {
	switch f {
	case nf.FamilyBridge:
		return at(nf.HookPrerouting, nf.HookInput), true
	case nf.FamilyNetdev:
		return at(nf.HookIngress), true
	}
	return atReject, f != nf.FamilyARP
}

// fibAt: netdev ingress counts as receiving and egress as sending; at inet
// ingress there is no fib.
func fibAt(f nf.Family, e *Fib) Places {
	in, out := atReceived, atSending
	if f == nf.FamilyNetdev {
		in, out = at(nf.HookIngress), at(nf.HookEgress)
	}
	switch {
	case e.Result != FibResultType, e.Flags&FibIif != 0:
		return in
	case e.Flags&FibOif != 0:
		return out
	}
	return in | out
}

func metaAt(f nf.Family, e *Meta) Places {
	switch {
	case e.Key == MetaSdif || e.Key == MetaSdifName:
		if f != nf.FamilyIPv4 && f != nf.FamilyIPv6 && f != nf.FamilyInet {
			return 0
		}
		return atRouted
	case e.Key == MetaSecpath:
		switch f {
		case nf.FamilyNetdev:
			return at(nf.HookIngress)
		case nf.FamilyIPv4, nf.FamilyIPv6, nf.FamilyInet:
			return atReceived
		}
		return 0
	}
	return anywhere
}

func metaSetAt(f nf.Family, e *MetaSet) Places {
	switch {
	case e.Key == MetaPktType && f == nf.FamilyNetdev:
		return at(nf.HookIngress)
	case e.Key == MetaPktType && f != nf.FamilyARP, e.Key == MetaBroute:
		return at(nf.HookPrerouting)
	case e.Key == MetaPktType:
		return 0
	}
	return anywhere
}
