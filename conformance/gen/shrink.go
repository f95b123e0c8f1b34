package gen

import (
	"regexp"
	"strings"
)

// Shrink takes away steps, tables, chains, rules, sets and words of rules as
// long as fails still says yes, until nothing more can go or the budget of
// tries is used up.
func Shrink(s *Scenario, tries int, fails func(*Scenario) bool) *Scenario {
	for again := true; again; {
		again = false
		for _, smaller := range reductions(s) {
			for i := 0; tries > 0; {
				c, more := smaller(i)
				if !more {
					break
				}
				tries--
				if c != nil && fails(c) {
					s, again = c, true
					break // the reductions were made from the old scenario
				}
				i++
			}
			if again {
				break
			}
		}
	}
	return s
}

// reduction gives the i-th smaller scenario (nil: nothing to try there), and
// whether there is one.
type reduction func(i int) (*Scenario, bool)

func reductions(s *Scenario) []reduction {
	var out []reduction
	for n := len(s.Steps) / 2; n >= 1; n /= 2 {
		out = append(out, s.withoutSteps(n))
	}
	return append(out, s.withoutTable, s.withoutChain, s.withoutSet, s.withoutRule, s.withoutPart)
}

func (s *Scenario) withoutSteps(n int) reduction {
	return func(i int) (*Scenario, bool) {
		if i*n >= len(s.Steps) {
			return nil, false
		}
		c := s.clone()
		c.Steps = without(s.Steps, i*n, n)
		return c, true
	}
}

func (s *Scenario) withoutTable(i int) (*Scenario, bool) {
	if i >= len(s.Tables) {
		return nil, false
	}
	c := s.clone()
	c.Tables = without(s.Tables, i, 1)
	return c, true
}

func (s *Scenario) withoutSet(i int) (*Scenario, bool) {
	for t := range s.Tables {
		if i < len(s.Tables[t].Sets) {
			c := s.clone()
			c.Tables[t].Sets = without(s.Tables[t].Sets, i, 1)
			return c, true
		}
		i -= len(s.Tables[t].Sets)
	}
	return nil, false
}

func (s *Scenario) withoutChain(i int) (*Scenario, bool) {
	for t := range s.Tables {
		if i < len(s.Tables[t].Chains) {
			c := s.clone()
			c.Tables[t].Chains = without(s.Tables[t].Chains, i, 1)
			return c, true
		}
		i -= len(s.Tables[t].Chains)
	}
	return nil, false
}

func (s *Scenario) withoutRule(i int) (*Scenario, bool) {
	return s.editRule(i, func(rules []string, j int) ([]string, bool) { return without(rules, j, 1), true })
}

// part is a piece of a rule that may go while the rest stays a rule.
var part = regexp.MustCompile(`^(.*)( counter| (ip6?|tcp|udp|th|icmp|meta|ct|iifname|oifname|fib) .*)$`)

// withoutPart cuts the end or the beginning of a rule.
func (s *Scenario) withoutPart(i int) (*Scenario, bool) {
	return s.editRule(i/2, func(rules []string, j int) ([]string, bool) {
		head := part.FindStringSubmatch(rules[j])
		if head == nil {
			return nil, false
		}
		kept := head[1]
		if i%2 == 1 {
			kept = strings.TrimSpace(head[2])
		}
		c := append([]string{}, rules...)
		c[j] = kept
		return c, true
	})
}

// editRule applies an edit to the i-th rule of all.
func (s *Scenario) editRule(i int, edit func(rules []string, j int) ([]string, bool)) (*Scenario, bool) {
	for t := range s.Tables {
		for ch := range s.Tables[t].Chains {
			rules := s.Tables[t].Chains[ch].Rules
			if i >= len(rules) {
				i -= len(rules)
				continue
			}
			edited, ok := edit(rules, i)
			if !ok {
				return nil, true
			}
			c := s.clone()
			c.Tables[t].Chains[ch].Rules = edited
			return c, true
		}
	}
	return nil, false
}
