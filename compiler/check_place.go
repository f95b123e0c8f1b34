package compiler

import (
	"strings"

	"nfvm/bytecode"
	"nfvm/lang"
	"nfvm/nf"
)

// A placement is where a statement may stand: chain types and hooks, nil for
// any.
type placement struct {
	what  string
	types []nf.ChainType
	hooks []nf.Hook
}

var (
	natTypes = []nf.ChainType{nf.ChainTypeNAT}

	placeSNAT     = placement{"snat", natTypes, []nf.Hook{nf.HookInput, nf.HookPostrouting}}
	placeDNAT     = placement{"dnat", natTypes, []nf.Hook{nf.HookPrerouting, nf.HookOutput}}
	placeMasq     = placement{"masquerade", natTypes, []nf.Hook{nf.HookPostrouting}}
	placeRedirect = placement{"redirect", natTypes, []nf.Hook{nf.HookPrerouting, nf.HookOutput}}
	natPlaces     = map[string]*placement{
		"snat": &placeSNAT, "dnat": &placeDNAT, "masquerade": &placeMasq, "redirect": &placeRedirect,
	}
	placeTProxy   = placement{"tproxy", nil, []nf.Hook{nf.HookPrerouting}}
	placeSynproxy = placement{"synproxy", nil, []nf.Hook{nf.HookInput, nf.HookForward}}
	placeSocket   = placement{"socket", nil, []nf.Hook{nf.HookPrerouting, nf.HookInput, nf.HookOutput}}
	placeFlow     = placement{"flow add", nil, []nf.Hook{nf.HookForward}}
	placeRtMTU    = placement{"rt mtu", nil, []nf.Hook{nf.HookForward, nf.HookOutput, nf.HookPostrouting}}
	placePktType  = placement{"meta pkttype set", nil, []nf.Hook{nf.HookPrerouting}}

	placeBroute = placement{"meta broute set", nil, []nf.Hook{nf.HookPrerouting}}

	placePktTypeNetdev = placement{"meta pkttype set", nil, []nf.Hook{nf.HookIngress}}

	placeReject = placement{"reject", nil, []nf.Hook{nf.HookIngress, nf.HookPrerouting, nf.HookInput, nf.HookForward, nf.HookOutput}}

	placeRejectBridge = placement{"reject", nil, []nf.Hook{nf.HookPrerouting, nf.HookInput}}
	placeRejectNetdev = placement{"reject", nil, []nf.Hook{nf.HookIngress}}

	placeFibIn  = placement{"fib with the input device or a route", nil, []nf.Hook{nf.HookPrerouting, nf.HookInput, nf.HookForward}}
	placeFibOut = placement{"fib with the output device", nil, []nf.Hook{nf.HookForward, nf.HookOutput, nf.HookPostrouting}}
	placeFibAny = placement{"fib", nil, nil}
)

func rejectPlace(f nf.Family) *placement {
	switch f {
	case nf.FamilyBridge:
		return &placeRejectBridge
	case nf.FamilyNetdev:
		return &placeRejectNetdev
	}
	return &placeReject
}

func placeFib(f *bytecode.Fib) *placement {
	switch {
	case f.Result != bytecode.FibResultType, f.Flags&bytecode.FibIif != 0:
		return &placeFibIn
	case f.Flags&bytecode.FibOif != 0:
		return &placeFibOut
	}
	return &placeFibAny
}

// place notes that the rule has a statement with a restricted place.
func (r *rule) place(p *placement, at span) {
	if r.out != nil && !r.loose {
		r.out.places = append(r.out.places, placed{p, at})
	}
}

// allows reports whether the placement allows a base chain.
func (p *placement) allows(b *bytecode.BaseChain) bool {
	return (p.types == nil || contains(p.types, b.Type)) && (p.hooks == nil || contains(p.hooks, b.Hook))
}

// where describes a placement for messages.
func (p *placement) where() string {
	var hooks []string
	for _, h := range p.hooks {
		hooks = append(hooks, h.String())
	}
	s := strings.Join(hooks, ", ")
	if p.types != nil {
		s = "chains of type " + p.types[0].String() + " at " + s
	}
	return s
}

// checkBase checks type, hook, priority and devices of a base chain.
func (c *compiler) checkBase(t *tableState, b *lang.Chain, name lang.Word, base *bytecode.BaseChain) bool {
	h := b.Hook
	if !nf.HasHook(t.Family, base.Hook) || !typeAllowed(t.Family, base) {
		c.refuse(name.Span, eopnotsupp, "no %s chain at hook %s in family %s", base.Type, base.Hook, t.Family).Note(h.Span, "")
		return false
	}
	if base.Type == nf.ChainTypeNAT && base.Priority <= nf.PriorityConntrack {
		c.refuse(name.Span, eopnotsupp, "a nat chain must run after conntrack: its priority must be above %d", nf.PriorityConntrack).Note(h.Priority.Span, "")
		return false
	}
	needs := base.Hook == nf.HookIngress || base.Hook == nf.HookEgress
	if needs && len(base.Devices) == 0 {
		c.errorf(h.Span, "Missing `device' in this chain definition")
		return false
	}
	if !needs && len(base.Devices) > 0 {
		c.refuse(h.Span, eopnotsupp, "only ingress and egress chains have a device")
		return false
	}
	return true
}

func typeAllowed(f nf.Family, b *bytecode.BaseChain) bool {
	ip := f == nf.FamilyIPv4 || f == nf.FamilyIPv6 || f == nf.FamilyInet
	switch b.Type {
	case nf.ChainTypeNAT:
		return ip && b.Hook != nf.HookForward && b.Hook != nf.HookIngress
	case nf.ChainTypeRoute:
		return ip && b.Hook == nf.HookOutput
	}
	return true
}
