package helper

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Params are the parameters of the kernel's helper modules, by the names that the
// kernel's command line has for them, such as nf_conntrack_sip.sip_timeout.
type Params struct {
	// SIPTimeout is for how many seconds a SIP connection lives from its last
	// packet on.
	SIPTimeout uint32
	// SIPDirectSignalling expects calls from the registrar only.
	SIPDirectSignalling bool
	// SIPDirectMedia expects media only between those who signal.
	SIPDirectMedia bool
	// SIPExternalMedia, where SIPDirectMedia is not set, expects no media to
	// addresses on the side that signalling goes to.
	SIPExternalMedia bool

	// H323Lifetime is for how many seconds a terminal registers that does not say.
	H323Lifetime uint32
	// H323RoutedOnly expects calls from the gatekeeper only.
	H323RoutedOnly bool
	// H323ForwardFilter expects no call that is forwarded to a party on the caller's
	// side.
	H323ForwardFilter bool
}

// DefaultParams are those of a kernel that was told nothing.
func DefaultParams() Params {
	return Params{SIPTimeout: 3600, SIPDirectSignalling: true, SIPDirectMedia: true,
		H323Lifetime: 300, H323RoutedOnly: true, H323ForwardFilter: true}
}

// params finds the parameters.
var params = map[string]func(*Params) any{
	"nf_conntrack_h323.default_rrq_ttl":      func(p *Params) any { return &p.H323Lifetime },
	"nf_conntrack_h323.gkrouted_only":        func(p *Params) any { return &p.H323RoutedOnly },
	"nf_conntrack_h323.callforward_filter":   func(p *Params) any { return &p.H323ForwardFilter },
	"nf_conntrack_sip.sip_timeout":           func(p *Params) any { return &p.SIPTimeout },
	"nf_conntrack_sip.sip_direct_signalling": func(p *Params) any { return &p.SIPDirectSignalling },
	"nf_conntrack_sip.sip_direct_media":      func(p *Params) any { return &p.SIPDirectMedia },
	"nf_conntrack_sip.sip_external_media":    func(p *Params) any { return &p.SIPExternalMedia },
}

// IsParam reports whether a setting is a parameter.
func IsParam(name string) bool { return params[name] != nil }

// ParamNames are the names of all parameters, sorted.
func ParamNames() []string { return slices.Sorted(maps.Keys(params)) }

// Set changes a parameter.
func (p *Params) Set(name, value string) error {
	of := params[name]
	if of == nil {
		return fmt.Errorf("%s is no parameter of a helper", name)
	}
	value = strings.TrimSpace(value)
	switch value {
	case "Y", "y":
		value = "1"
	case "N", "n":
		value = "0"
	}
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil {
		return fmt.Errorf("%s: %q is not a number from 0 to %d", name, value, uint32(math.MaxUint32))
	}
	switch at := of(p).(type) {
	case *bool:
		*at = n != 0
	case *uint32:
		*at = uint32(n)
	}
	return nil
}
