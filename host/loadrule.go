package host

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
)

type jsonRule struct {
	Priority uint32          `json:"priority"`
	Not      json.RawMessage `json:"not"` // present with null
	Src      string          `json:"src"`
	SrcLen   *int            `json:"srclen"`
	Dst      string          `json:"dst"`
	DstLen   *int            `json:"dstlen"`
	TOS      string          `json:"tos"`
	FwMark   string          `json:"fwmark"`
	FwMask   string          `json:"fwmask"`
	Iif      string          `json:"iif"`
	Oif      string          `json:"oif"`
	IPProto  any             `json:"ipproto"`
	SPort    uint16          `json:"sport"`
	SPortEnd uint16          `json:"sport_end"`
	SPortTo  uint16          `json:"sport_start"`
	DPort    uint16          `json:"dport"`
	DPortEnd uint16          `json:"dport_end"`
	DPortTo  uint16          `json:"dport_start"`
	Table    string          `json:"table"`
	Action   string          `json:"action"`
	Nop      json.RawMessage `json:"nop"` // present with null
	Goto     any             `json:"goto"`
	L3MDev   json.RawMessage `json:"l3mdev"` // present with null
	UIDStart uint32          `json:"uid_start"`
	TunID    any             `json:"tun_id"`
	SupprIf  string          `json:"suppress_ifgroup"`
	Suppress *int            `json:"suppress_prefixlength"`
	SuprLen  *int            `json:"suppress_prefixlen"`
}

func (l *loader) loadRules(j *jsonHost) error {
	for i, list := range [][]jsonRule{j.Rule, j.Rule6} {
		for k := range list {
			r, err := list[k].rule(i == 1)
			switch {
			case err != nil:
				return fmt.Errorf("rule %d: %w", list[k].Priority, err)
			case list[k].Nop != nil: // only a target of goto
			case list[k].lacks() != "":
				l.Remarks = append(l.Remarks, fmt.Sprintf("routing rule left out: nothing is known here of its %s (priority %d)", list[k].lacks(), r.Priority))
			case i == 0:
				l.Rules4 = append(l.Rules4, r)
			default:
				l.Rules6 = append(l.Rules6, r)
			}
		}
	}
	return nil
}

// lacks names a selector that the model does not have. Packets that are
// forwarded belong to user 0.
func (j *jsonRule) lacks() string {
	switch {
	case j.L3MDev != nil:
		return "l3mdev"
	case j.UIDStart != 0:
		return "uidrange"
	case j.TunID != nil:
		return "tun_id"
	case j.SupprIf != "":
		return "suppress_ifgroup"
	}
	return ""
}

func (j *jsonRule) rule(six bool) (Rule, error) {
	r := Rule{Priority: j.Priority, Not: j.Not != nil, Iif: j.Iif, Oif: j.Oif, SuppressBits: -1}
	var err error
	if r.Src, err = selector(j.Src, j.SrcLen, six); err != nil {
		return r, err
	}
	if r.Dst, err = selector(j.Dst, j.DstLen, six); err != nil {
		return r, err
	}
	for _, n := range []*int{j.Suppress, j.SuprLen} {
		if n != nil {
			r.SuppressBits = *n
		}
	}
	if err := r.numbers(j); err != nil {
		return r, err
	}
	r.SPort = [2]uint16{max(j.SPort, j.SPortTo), max(j.SPort, j.SPortEnd)}
	r.DPort = [2]uint16{max(j.DPort, j.DPortTo), max(j.DPort, j.DPortEnd)}
	return r, r.action(j)
}

func (r *Rule) numbers(j *jsonRule) error {
	var tos uint32
	var err error
	if j.TOS != "" {
		if tos, err = number(j.TOS, nil); err != nil {
			return err
		}
		r.TOS = uint8(tos)
	}
	if j.FwMark != "" {
		if r.Mark, err = number(j.FwMark, nil); err != nil {
			return err
		}
		r.Mask = ^uint32(0)
	}
	if j.FwMask != "" {
		if r.Mask, err = number(j.FwMask, nil); err != nil {
			return err
		}
	}
	if j.IPProto != nil {
		p, err := number(fmt.Sprint(j.IPProto), map[string]uint32{"tcp": 6, "udp": 17, "icmp": 1, "ipv6-icmp": 58, "sctp": 132})
		if err != nil {
			return err
		}
		r.L4Proto = uint8(p)
	}
	return nil
}

func (r *Rule) action(j *jsonRule) error {
	switch {
	case j.Nop != nil:
	case j.Action == "blackhole":
		r.Action = RuleBlackhole
	case j.Action == "unreachable":
		r.Action = RuleUnreachable
	case j.Action == "prohibit":
		r.Action = RuleProhibit
	case j.Goto != nil:
		n, err := number(fmt.Sprint(j.Goto), nil)
		if err != nil {
			return err
		}
		r.Action, r.Goto = RuleGoto, n
	case j.Action == "" || j.Action == "to_tbl" || j.Action == "lookup":
		t, err := number(j.Table, tableNames)
		if err != nil {
			return err
		}
		r.Table = t
	default:
		return fmt.Errorf("unknown action %q", j.Action)
	}
	return nil
}

// selector reads the from or to part of a rule.
func selector(s string, bits *int, six bool) (netip.Prefix, error) {
	if s == "" || s == "all" || s == "any" {
		return netip.Prefix{}, nil
	}
	if strings.Contains(s, "/") || bits == nil {
		return prefix(s, six)
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return a.Prefix(*bits)
}
