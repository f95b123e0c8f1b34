package vm

import "nfvm/bytecode"

// reset makes a counter or a quota begin anew; other states have nothing to
// reset (nft_counter_dump, nft_quota_dump with reset).
func (s *State) reset() {
	if s.conf == nil {
		return
	}
	switch s.conf.kind {
	case stateCounter:
		s.a, s.b = 0, 0
	case stateQuota:
		s.a = 0
	}
}

// ResetObjects makes the named counters and quotas that match picks begin anew.
func (r *Ruleset) ResetObjects(match func(*bytecode.Table, *bytecode.Object) bool) {
	for _, t := range r.tables {
		for _, o := range t.objects {
			if match(t.decl, o.decl) {
				o.state.reset()
			}
		}
	}
}

// ResetRules makes the counters and quotas in the rules that match picks begin
// anew.
func (r *Ruleset) ResetRules(match func(*bytecode.Table, *bytecode.Chain, *bytecode.Rule) bool) {
	for _, t := range r.tables {
		for _, c := range t.chains {
			for i := range c.rules {
				if x := &c.rules[i]; x.states != nil && match(t.decl, c.Chain, x.decl) {
					for _, s := range x.states {
						s.reset()
					}
				}
			}
		}
	}
}
