//go:build linux

package rtnetlink

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"nfvm/host"
)

// sizeofRuleHdr is the size of struct fib_rule_hdr: family, length of
// destination and source, TOS, table, 2 bytes of padding, action, flags
// (4 bytes).
const sizeofRuleHdr = 12

// The newer attributes and the flag of linux/fib_rules.h.
const (
	fraDSCP      = 25
	fraSPortMask = 28
	fraDPortMask = 29
	fraDSCPMask  = 30

	ruleInvert = 2 // FIB_RULE_INVERT
)

var ruleActions = map[uint8]host.RuleAction{
	unix.FR_ACT_TO_TBL: host.RuleLookup, unix.FR_ACT_GOTO: host.RuleGoto, unix.FR_ACT_BLACKHOLE: host.RuleBlackhole,
	unix.FR_ACT_UNREACHABLE: host.RuleUnreachable, unix.FR_ACT_PROHIBIT: host.RuleProhibit,
}

// rule reads a routing rule. One that asks for what the model does not have
// is left out, which a remark says.
func (r *reader) rule(b []byte) (host.Rule, bool) {
	if len(b) < sizeofRuleHdr {
		return host.Rule{}, false
	}
	rule := host.Rule{TOS: b[3], Table: uint32(b[4]), Not: u32(b[8:])&ruleInvert != 0, SuppressBits: -1}
	lacks := ""
	for t, v := range below(b, sizeofRuleHdr) {
		if what := ruleAttr(&rule, t, v, b); what != "" {
			lacks = what
		}
	}
	action, known := ruleActions[b[7]]
	rule.Action = action
	if action != host.RuleLookup {
		rule.Table = 0
	}
	if b[7] == unix.FR_ACT_NOP {
		return rule, false
	}
	if !known {
		lacks = fmt.Sprintf("action %d", b[7])
	}
	if lacks != "" {
		r.remark("routing rule left out: nothing is known here of its "+lacks, fmt.Sprintf("priority %d", rule.Priority))
		return rule, false
	}
	return rule, true
}

// ruleAttr reads one attribute of the rule whose header is hdr, and names what
// the model lacks.
func ruleAttr(rule *host.Rule, t uint16, v, hdr []byte) (lacks string) {
	switch t {
	case unix.FRA_DST:
		rule.Dst = netip.PrefixFrom(addr(v), int(hdr[1])).Masked()
	case unix.FRA_SRC:
		rule.Src = netip.PrefixFrom(addr(v), int(hdr[2])).Masked()
	case unix.FRA_IIFNAME:
		rule.Iif = text(v)
	case unix.FRA_OIFNAME:
		rule.Oif = text(v)
	case unix.FRA_GOTO:
		rule.Goto = u32(v)
	case unix.FRA_PRIORITY:
		rule.Priority = u32(v)
	case unix.FRA_TABLE:
		rule.Table = u32(v)
	case unix.FRA_FWMARK:
		rule.Mark = u32(v)
	case unix.FRA_FWMASK:
		rule.Mask = u32(v)
	case unix.FRA_SUPPRESS_PREFIXLEN:
		rule.SuppressBits = int(int32(u32(v)))
	case unix.FRA_IP_PROTO:
		rule.L4Proto = u8(v)
	case unix.FRA_SPORT_RANGE:
		rule.SPort = portRange(v)
	case unix.FRA_DPORT_RANGE:
		rule.DPort = portRange(v)
	case fraDSCP:
		rule.TOS = u8(v) << 2
		if rule.TOS == 0 {
			return "dscp 0"
		}
	default:
		return ruleLacks(t, v)
	}
	return ""
}

func portRange(v []byte) [2]uint16 {
	if len(v) < 4 {
		return [2]uint16{}
	}
	return [2]uint16{u16(v), u16(v[2:])}
}

// ruleLacks names the selectors that the model does not have. Packets that are
// forwarded belong to user 0.
func ruleLacks(t uint16, v []byte) string {
	switch {
	case t == unix.FRA_UID_RANGE && u32(v) != 0:
		return "uidrange"
	case t == unix.FRA_L3MDEV && u8(v) != 0:
		return "l3mdev"
	case t == unix.FRA_TUN_ID:
		return "tun_id"
	case t == unix.FRA_SUPPRESS_IFGROUP && u32(v) != ^uint32(0):
		return "suppress_ifgroup"
	case t == fraDSCPMask && u8(v) == 0x3f:
	case (t == fraSPortMask || t == fraDPortMask) && u16(v) == 0xffff:
	case t > fraDSCP:
		return fmt.Sprintf("selector %d", t)
	}
	return ""
}
