package compiler

import (
	"maps"

	"nfvm/bytecode"
	"nfvm/lang"
	"nfvm/nf"
)

// statement evaluates one statement of the rule.
func (r *rule) statement(s lang.Stmt) {
	switch s := s.(type) {
	case *lang.Match:
		r.match(s)
	case *lang.VerdictStmt:
		r.verdict(s)
	case *lang.VMap:
		r.vmap(s)
	case *lang.Counter, *lang.Quota, *lang.Limit, *lang.Last, *lang.ConnCount:
		if x := r.stateful(s); x != nil {
			r.plainAt(s.At(), x)
		}
	case *lang.ObjRef:
		r.objectRef(s)
	case *lang.Log:
		r.log(s)
	case *lang.Reject:
		r.reject(s)
	case *lang.NAT:
		r.nat(s)
	case *lang.Assign:
		r.assign(s)
	case *lang.ResetOption:
		r.resetOption(s)
	case *lang.SetUpdate:
		r.setUpdate(s)
	case *lang.Meter:
		r.meter(s)
	case *lang.Notrack:
		r.plainAt(s.Span, &bytecode.Notrack{})
	case *lang.FlowAdd:
		r.flowAdd(s)
	default:
		r.hostStatement(s)
	}
}

// hostStatement evaluates statements that need more than the packet.
func (r *rule) hostStatement(s lang.Stmt) {
	switch s := s.(type) {
	case *lang.Queue:
		r.queue(s)
	case *lang.Dup:
		r.dup(s)
	case *lang.Fwd:
		r.fwd(s)
	case *lang.TProxy:
		r.tproxy(s)
	case *lang.Synproxy:
		if !r.synproxyFamily(s.Span) {
			return
		}
		if x := r.synproxyExpr(s); x != nil {
			r.plainAt(s.Span, x)
		}
	case *lang.XT:
		if s.Info != nil {
			r.plainAt(s.Span, &bytecode.XT{Target: s.Type.Text == "target", Ext: s.Name.Text, Rev: s.Rev, Info: s.Info})
			return
		}
		r.errorf(s.Span, "unsupported xtables compat expression, use iptables-nft with this ruleset")
	default:
		r.errorf(s.At(), "this statement is not supported")
	}
}

func (r *rule) plainAt(at span, e bytecode.Expr) {
	r.stmts = append(r.stmts, &plainStmt{at: at, e: e})
}

// terminal reports whether nothing after the statement can have an effect. A
// verdict map may hold continue, or nothing for the packet.
func terminal(s lang.Stmt) bool {
	switch s := s.(type) {
	case *lang.VerdictStmt:
		return s.Verdict.Kind != lang.VerdictContinue
	case *lang.Reject, *lang.NAT, *lang.Queue, *lang.Fwd:
		return true
	}
	return false
}

func (r *rule) verdict(s *lang.VerdictStmt) {
	v := s.Verdict
	out := r.room().verdicts.add(verdictStmt{at: s.Span, verdict: verdicts[v.Kind]})
	if v.Kind == lang.VerdictJump || v.Kind == lang.VerdictGoto {
		to, at, ok := (*chainState)(nil), s.Span, false
		if v.Block != nil {
			to, ok = r.anonymousChain(v.Block)
		} else {
			to, at, ok = r.target(v)
		}
		if !ok {
			return
		}
		out.chain = to.Name
		r.out.jumps = append(r.out.jumps, jumpTo{to, at})
	}
	r.stmts = append(r.stmts, out)
}

// anonymousChain makes the chain of `jump { … }`.
func (r *rule) anonymousChain(b *lang.Chain) (*chainState, bool) {
	if r.leave() {
		return nil, false
	}
	r.nameSets(r.table, r.out.pending)
	t := r.table
	name := "__chain" + itoa(t.blocks)
	t.blocks++
	ch := &chainState{Chain: &bytecode.Chain{Name: name, Handle: t.nextHandle(), Pos: r.pos.at(b.Span)}, table: t, at: b.Span, uses: 1, anonymous: true}
	t.chains[name] = ch
	t.chainList.add(ch)
	r.addRules(t, ch, b.Rules)
	return ch, true
}

// stateful makes the expression of a statement that keeps state.
func (r *rule) stateful(s lang.Stmt) bytecode.Expr {
	switch s := s.(type) {
	case *lang.Counter:
		return counter(s)
	case *lang.Quota:
		if q := r.quota(s); q != nil {
			return q
		}
		return nil
	case *lang.Limit:
		if l := r.limit(s); l != nil {
			return l
		}
		return nil
	case *lang.Last:
		return &bytecode.Last{Set: s.Used.Set() && !s.Used.Never, Msec: s.Used.Millis}
	case *lang.ConnCount:
		if !r.tracked(s.Span) {
			return nil
		}
		if s.Count.Value > 0xffffffff {
			r.errorf(s.Count.Span, "value too large")
			return nil
		}
		return &bytecode.Connlimit{Count: uint32(s.Count.Value), Over: s.Over}
	}
	r.errorf(s.At(), "this statement keeps no state of an element")
	return nil
}

func counter(s *lang.Counter) *bytecode.Counter {
	return &bytecode.Counter{Packets: s.Packets.Value, Bytes: s.Bytes.Value}
}

func (r *rule) quota(s *lang.Quota) *bytecode.Quota {
	q := &bytecode.Quota{Bytes: s.Size.Value, Used: s.Used.Value, Over: s.Over}
	if !r.inBounds(s.Span, q) {
		return nil
	}
	return q
}

func (r *rule) limit(s *lang.Limit) *bytecode.Limit {
	l := &bytecode.Limit{Rate: s.Rate.Value, Unit: s.Unit, Burst: 5, Over: s.Over}
	if s.Bytes {
		l.Type, l.Burst = bytecode.LimitBytes, 0
	}
	if s.Burst.Set() {
		if s.Burst.Value > 0xffffffff {
			r.errorf(s.Burst.Span, "value too large")
			return nil
		}
		if s.Burst.Value == 0 && !s.Bytes {
			r.errorf(s.Burst.Span, "packet limit burst must be > 0")
			return nil
		}
		if s.BurstBytes != s.Bytes {
			r.errorf(s.Burst.Span, "rate and burst must count the same: packets or bytes")
			return nil
		}
		l.Burst = uint32(s.Burst.Value)
	}
	if !r.inBounds(s.Span, l) {
		return nil
	}
	return l
}

var logLevels = map[string]uint32{
	"emerg": 0, "alert": 1, "crit": 2, "err": 3, "warn": 4, "notice": 5, "info": 6, "debug": 7, "audit": bytecode.LogLevelAudit,
}

var logFlags = map[string]uint32{
	"tcp sequence": bytecode.LogTCPSeq, "tcp options": bytecode.LogTCPOpt, "ip options": bytecode.LogIPOpt,
	"skuid": bytecode.LogUID, "ether": bytecode.LogMACDecode, "all": bytecode.LogFlagsAll,
}

// maxPrefix is the longest log prefix (NF_LOG_PREFIXLEN less the closing zero).
const maxPrefix = 127

func (r *rule) log(s *lang.Log) {
	l := &bytecode.Log{Prefix: s.Prefix.Text, Level: 4}
	if len(l.Prefix) > maxPrefix {
		r.errorf(s.Prefix.Span, "log prefix is too long: at most %d characters", maxPrefix)
		return
	}
	if s.Level.Set() {
		lv, ok := logLevels[s.Level.Text]
		if !ok {
			r.errorf(s.Level.Span, "invalid log level%s", orKnown(s.Level.Text, keys(logLevels)))
			return
		}
		l.Level, l.HasLevel = lv, true
	}
	for _, f := range s.Flags {
		bit, ok := logFlags[f.Text]
		if !ok {
			r.errorf(f.Span, "unknown log flag %s%s", f.Text, orKnown(f.Text, keys(logFlags)))
			return
		}
		l.Flags |= bit
	}
	for _, n := range []struct {
		n   lang.Number
		max uint64
	}{{s.Group, 0xffff}, {s.Snaplen, 0xffffffff}, {s.Threshold, 0xffff}} {
		if n.n.Value > n.max { // nft takes the lower bits, in silence
			r.compiler.diags.Warnf(n.n.Span, "value too large: %d is taken", n.n.Value&n.max)
		}
	}
	l.Group, l.HasGroup = uint16(s.Group.Value), s.Group.Set()
	l.Snaplen, l.HasSnaplen = uint32(s.Snaplen.Value), s.Snaplen.Set()
	l.QThreshold, l.HasQThreshold = uint16(s.Threshold.Value), s.Threshold.Set()
	if r.logTarget(s, l) {
		r.plainAt(s.Span, l)
	}
}

// logTarget checks that the options are those of one target: the kernel log, a
// netlink group, or the audit log.
func (r *rule) logTarget(s *lang.Log, l *bytecode.Log) bool {
	netlink := l.HasGroup || l.HasSnaplen || l.HasQThreshold
	switch {
	case s.Prefix.Set() && l.Prefix == "":
		r.errorf(s.Span, "log prefix must have a minimum length of 1 character")
		return false
	case netlink && l.HasLevel:
		r.errorf(s.Span, "level and group are mutually exclusive")
		return false
	case netlink && l.Flags != 0:
		r.errorf(s.Span, "flags and group are mutually exclusive")
		return false
	case l.Level == bytecode.LogLevelAudit && (s.Prefix.Set() || l.Flags != 0 || l.HasSnaplen || l.HasQThreshold):
		r.errorf(s.Span, "log level audit doesn't support any further options")
		return false
	}
	if !l.HasGroup {
		// nft drops what only a group has a use for.
		l.HasSnaplen, l.Snaplen, l.HasQThreshold, l.QThreshold = false, 0, false, 0
	}
	return true
}

func (r *rule) flowAdd(s *lang.FlowAdd) {
	f := r.table.flowtables[s.Flowtable.Text]
	if f == nil {
		r.failed = true
		r.missing(s.Flowtable.Span, r.table, "flowtable", s.Flowtable.Text, maps.Keys(r.table.flowtables))
		return
	}
	r.count(&f.uses)
	r.out.flows = append(r.out.flows, f)
	r.plainAt(s.Span, &bytecode.FlowOffload{Table: f.Name})
}

// resetOption strips a TCP option.
func (r *rule) resetOption(s *lang.ResetOption) {
	x := r.tcpOption(s.Option)
	if x == nil {
		return
	}
	e, ok := x.(*exthdr)
	if !ok || !e.present {
		r.errorf(s.Span, "only a whole option can be reset")
		return
	}
	r.plainAt(s.Span, &bytecode.Exthdr{Op: bytecode.ExthdrTCPOpt, Type: e.kind, Reset: true})
}

// synproxy flags (NF_SYNPROXY_OPT_).
const (
	synproxyMSS       = 1
	synproxyWscale    = 2
	synproxySackPerm  = 4
	synproxyTimestamp = 8
)

func (r *rule) synproxyFamily(at span) bool {
	switch r.ctx.family {
	case nf.FamilyIPv4, nf.FamilyIPv6, nf.FamilyInet:
		return true
	}
	r.refuse(at, eproto, "synproxy works in families ip, ip6 and inet")
	return false
}

func (r *rule) synproxyExpr(s *lang.Synproxy) *bytecode.Synproxy {
	x := &bytecode.Synproxy{MSS: uint16(s.MSS.Value), Wscale: uint8(s.Wscale.Value)}
	if s.MSS.Value > 0xffff || s.Wscale.Value > 0xff {
		r.errorf(s.Span, "mss is at most 65535, wscale at most 255")
		return nil
	}
	if s.MSS.Set() {
		x.Flags |= synproxyMSS
	}
	if s.Wscale.Set() {
		x.Flags |= synproxyWscale
	}
	if s.SackPerm {
		x.Flags |= synproxySackPerm
	}
	if s.Timestamp {
		x.Flags |= synproxyTimestamp
	}
	if s.ECN {
		x.Flags |= bytecode.SynproxyECN
	}
	if s.SynOnly {
		x.Flags |= bytecode.SynproxySynOnly
	}
	return x
}

// familyConflict reports an address family that the packet can't have.
func (r *rule) familyConflict(at span, what string, is, want nf.Family) {
	r.errorf(at, "conflicting protocols specified: %s vs. %s. You must specify ip or ip6 family in %s statement", is, want, what)
}

// familyFor is the address family that a statement with addresses works on.
func (r *rule) familyFor(what string, word lang.Word, at span) (nf.Family, bool) {
	if word.Set() {
		f, ok := nf.ParseFamily(word.Text)
		if !ok || f != nf.FamilyIPv4 && f != nf.FamilyIPv6 {
			r.errorf(word.Span, "ip or ip6 is needed here")
			return 0, false
		}
		if t := r.ctx.family; t != f && (t == nf.FamilyIPv4 || t == nf.FamilyIPv6) {
			r.familyConflict(at, what, t, f)
			return 0, false
		}
		if n := r.familyOfNetwork(); n != nf.FamilyUnspec && n != f {
			r.familyConflict(at, what, n, f)
			return 0, false
		}
		return f, true
	}
	if f := r.ctx.family; f == nf.FamilyIPv4 || f == nf.FamilyIPv6 {
		return f, true
	}
	return r.familyOfNetwork(), true
}
