package netfilter

import (
	"cmp"
	"slices"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/vm"
)

// A stageKind says what a stage of a hook does.
type stageKind uint8

const (
	stageChain stageKind = iota
	stageDefrag
	stageTrack
	stageNAT
	stageProxy // of TCP handshakes
	stageConfirm
	stageBridgeChain
	stageBridgeTrack
	stageBridgeConfirm
	stageBridgeNF // the hooks of IP, for packets that are bridged
)

// A stage is one function on a hook, in the kernel's terms a registered hook
// entry.
type stage struct {
	kind     stageKind
	priority int64
	order    uint32 // moment of registration
	chain    *vm.Chain
}

// A ruleset is a loaded program with the pipelines built from it: the stages
// and the nat chains of each hook, by family.
type ruleset struct {
	rs     *vm.Ruleset
	stages [pipelines][nf.HookCount][]stage
	nat    [2][nf.HookCount][]*vm.Chain
	tracks [2]bool
	// Chains on links, in the order in which they run.
	ingress, egress []deviceChain
	flowtables      map[flowName]*flowtable
}

// Places of the pipelines; IPv4 and IPv6 come first (see familyIndex).
const (
	pipelineBridge = 2 + iota
	pipelineARP
	pipelines
)

// families are those of IP, in the order of their index.
var families = [2]nf.Family{nf.FamilyIPv4, nf.FamilyIPv6}

func familyIndex(f nf.Family) int {
	if f == nf.FamilyIPv6 {
		return 1
	}
	return 0
}

// newRuleset builds the pipelines of a loaded program.
func newRuleset(rs *vm.Ruleset, p *bytecode.Program) *ruleset {
	r := &ruleset{rs: rs}
	r.addDevices(rs, p)
	for i, f := range families {
		natOrder, hasNAT := uint32(0), false
		for h := nf.HookPrerouting; h <= nf.HookPostrouting; h++ {
			for _, c := range rs.BaseChains(f, h) {
				if c.Base.Type != nf.ChainTypeNAT {
					r.add(i, h, stage{kind: stageChain, priority: int64(c.Base.Priority), order: c.Order, chain: c})
					continue
				}
				r.nat[i][h] = append(r.nat[i][h], c)
				if !hasNAT || c.Order < natOrder {
					hasNAT, natOrder = true, c.Order
				}
			}
		}
		r.addConntrack(i, rs, f)
		if hasNAT {
			r.addNAT(i, natOrder)
		}
	}
	r.addBridge(rs)
	r.addARP(rs)
	for i := range r.stages {
		for h := range r.stages[i] {
			slices.SortStableFunc(r.stages[i][h], before)
		}
	}
	return r
}

// before orders stages: by priority, and of equal ones the last registered
// first. The rule that made tracking begin came behind the chain of its moment.
func before(a, b stage) int {
	if c := cmp.Compare(a.priority, b.priority); c != 0 {
		return c
	}
	if c := cmp.Compare(b.order, a.order); c != 0 {
		return c
	}
	return cmp.Compare(b.kind, a.kind)
}

func (r *ruleset) add(family int, h nf.Hook, s stage) {
	r.stages[family][h] = append(r.stages[family][h], s)
}

// addConntrack puts defragmentation and tracking on the hooks, if any rule
// needs them; they are registered at the moment of the first such rule.
func (r *ruleset) addConntrack(i int, rs *vm.Ruleset, f nf.Family) {
	order, used := rs.ConntrackOrder(f)
	if r.tracks[i] = used; !used {
		return
	}
	for _, h := range []nf.Hook{nf.HookPrerouting, nf.HookOutput} {
		r.add(i, h, stage{kind: stageDefrag, priority: nf.PriorityConntrackDefrag, order: order})
		r.add(i, h, stage{kind: stageTrack, priority: nf.PriorityConntrack, order: order})
	}
	confirm := int64(nf.PriorityConntrackConfirm)
	if rs.UsesSynproxy(f) {
		r.add(i, nf.HookInput, stage{kind: stageProxy, priority: confirm - 1, order: order})
		r.add(i, nf.HookPostrouting, stage{kind: stageProxy, priority: confirm - 1, order: order})
	}
	r.add(i, nf.HookPostrouting, stage{kind: stageConfirm, priority: confirm, order: order})
	if f == nf.FamilyIPv6 {
		confirm--
	}
	r.add(i, nf.HookInput, stage{kind: stageConfirm, priority: confirm, order: order})
}

// addNAT puts the translation on its four hooks; the chains of type nat are
// called by it, whatever their own priority.
func (r *ruleset) addNAT(i int, order uint32) {
	for h, priority := range map[nf.Hook]int64{
		nf.HookPrerouting: nf.PriorityNATDst, nf.HookOutput: nf.PriorityNATDst,
		nf.HookInput: nf.PriorityNATSrc, nf.HookPostrouting: nf.PriorityNATSrc,
	} {
		r.add(i, h, stage{kind: stageNAT, priority: priority, order: order})
	}
}
