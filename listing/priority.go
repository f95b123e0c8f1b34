package listing

import (
	"fmt"

	"nfvm/nf"
)

// standard are the priorities that have a name in a family.
type standard struct {
	name string
	prio int32
}

var inetPriorities = []standard{
	{"raw", nf.PriorityRaw}, {"mangle", nf.PriorityMangle}, {"dstnat", nf.PriorityNATDst},
	{"filter", nf.PriorityFilter}, {"security", nf.PrioritySecurity}, {"srcnat", nf.PriorityNATSrc},
}

var bridgePriorities = []standard{{"dstnat", -300}, {"filter", -200}, {"out", 100}, {"srcnat", 300}}

var plainPriorities = []standard{{"filter", 0}}

// nearPriority is how far from a named priority one is still printed by it.
const nearPriority = 10

// Priority prints a chain's priority as nft does: by name where it is within 10
// of a named one (filter - 5), else as a number.
func Priority(f nf.Family, h nf.Hook, prio int32, numeric bool) string {
	return priority(f, h, prio, numeric, namedAt)
}

// priority takes the rule that tells whether a name is used at a hook.
func priority(f nf.Family, h nf.Hook, prio int32, numeric bool, named func(nf.Family, nf.Hook, string) bool) string {
	if !numeric {
		for _, s := range prioritiesOf(f) {
			if !named(f, h, s.name) {
				continue
			}
			switch off := int64(prio) - int64(s.prio); {
			case off == 0:
				return s.name
			case off > 0 && off <= nearPriority:
				return fmt.Sprintf("%s + %d", s.name, off)
			case off < 0 && -off <= nearPriority:
				return fmt.Sprintf("%s - %d", s.name, -off)
			}
		}
	}
	return fmt.Sprint(prio)
}

func prioritiesOf(f nf.Family) []standard {
	switch f {
	case nf.FamilyBridge:
		return bridgePriorities
	case nf.FamilyARP, nf.FamilyNetdev:
		return plainPriorities
	}
	return inetPriorities
}

// namedAt tells whether a name is used at a hook.
func namedAt(f nf.Family, h nf.Hook, name string) bool {
	switch name {
	case "dstnat":
		return h == nf.HookPrerouting
	case "srcnat":
		return h == nf.HookPostrouting
	case "out":
		return h == nf.HookOutput
	}
	return true
}

// newerAt is namedAt for nft 1.1, which has the names of translation at all
// hooks where a chain of that type may be.
func newerAt(f nf.Family, h nf.Hook, name string) bool {
	return namedAt(f, h, name) || f != nf.FamilyBridge && (name == "dstnat" && h == nf.HookOutput || name == "srcnat" && h == nf.HookInput)
}

// priority prints a chain's priority.
func (p *printer) priority(h nf.Hook, prio int32) string {
	named := namedAt
	if p.opt.Newer {
		named = newerAt
	}
	return priority(p.table.Family, h, prio, p.opt.NumericPriority, named)
}
