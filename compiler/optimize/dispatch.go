package optimize

import (
	"nfvm/bytecode"
	"nfvm/classify"
)

const (
	// minRun is the least number of rules that are worth an index.
	minRun = 8
	// head is how many rules are gone through before an index is asked: the
	// first rules of a chain are those that most packets match.
	head = 4
	// maxGap is how many rules in a row a run may hold that no index can skip.
	maxGap = 4
	// enoughRules are as many as must be looked at to judge an index.
	enoughRules = 1024
	// A selector must be asked for by one rule in commonShare, or by enough.
	commonShare, enough = 8, 32
)

// dispatch gives runs of rules an index:
//
//	...                       # dispatch rules 5-32 by meta l4proto,
//	tcp dport 22 accept       # payload 2b @ transport header + 2
//	tcp dport 80 accept
//	udp dport 53 accept
//	counter
//	...
//
// A packet to port 80 then looks at the second of these rules and, because it
// asks nothing of the packet, at the fourth: those that it skips could not have
// matched. Each rule keeps its own counter, and is traced where it matched, as before. The
// index keeps masks apart, so that `tcp flags syn` and `tcp flags ack` are both
// found for a SYN-ACK.
func dispatch(p *planner) {
	if p.chain.Dispatch = nil; len(p.chain.Rules) >= minRun {
		p.profile()
		p.plan()
	}
}

// A planner finds the runs of a chain.
type planner struct {
	reader *classify.Reader
	survey *Survey
	chain  *bytecode.Chain
	asked  func() []Asks
	fields fields
	asks   [][]int // of each rule: the fields it asks for
}

// profile finds what each rule asks for.
func (p *planner) profile() {
	p.asks = make([][]int, len(p.chain.Rules))
	known := make(map[Asks][]int)
	for i, a := range p.asked() {
		list, ok := known[a]
		if !ok {
			for _, f := range p.survey.asked[a] {
				if n := p.fields.number(p.survey.list[f]); n >= 0 {
					list = append(list, n)
				}
			}
			known[a] = list
		}
		p.asks[i] = list
	}
}

// plan cuts the chain where too many rules in a row ask for nothing.
func (p *planner) plan() {
	for first := 0; first < len(p.asks); {
		if len(p.asks[first]) == 0 {
			first++
			continue
		}
		end, gap := first+1, 0
		for n := first + 1; n < len(p.asks) && gap <= maxGap; n++ {
			if gap++; len(p.asks[n]) > 0 {
				end, gap = n+1, 0
			}
		}
		p.run(first, end)
		first = end
	}
}

// run annotates rules, if an index is worth it. Rules at the ends that do not
// share what most ask for stay outside: `ct state established accept` first
// in a chain is to be as fast as ever.
func (p *planner) run(first, end int) {
	uses := make([]int, len(p.fields.list))
	for _, asks := range p.asks[first:end] {
		for _, f := range asks {
			uses[f]++
		}
	}
	least := min(max((end-first)/commonShare, 4), enough)
	shared := func(n int) bool {
		for _, f := range p.asks[n] {
			if uses[f] >= least {
				return true
			}
		}
		return false
	}
	for first < end && !shared(first) {
		first++
	}
	for first < end && !shared(end-1) {
		end--
	}
	first += head
	if end-first < minRun {
		return
	}
	key := p.worth(sample(p.chain.Rules[first:end]), p.fields.key(uses, least))
	if len(key) > 0 {
		p.chain.Dispatch = append(p.chain.Dispatch, bytecode.Dispatch{First: uint32(first), Count: uint32(end - first), Key: key})
	}
}

// worth gives as much of a key, beginning with what is used most, as makes an
// index that is worth it: rules that ask for many fields in many ways need more
// look-ups the more of these are in the key.
func (p *planner) worth(rules []*bytecode.Rule, key []bytecode.Expr) []bytecode.Expr {
	for ; len(key) > 0; key = key[:len(key)-1] {
		index := p.reader.Index(rules, key)
		if index != nil && index.Cost() <= len(rules)*3/4 {
			return key
		}
	}
	return nil
}

// sample gives some of many rules, evenly spread, by which an index for all of
// them is judged.
func sample(rules []*bytecode.Rule) []*bytecode.Rule {
	n := min(len(rules), enoughRules)
	some := make([]*bytecode.Rule, n)
	for i := range some {
		some[i] = rules[i*len(rules)/n].Unpacked()
	}
	return some
}
