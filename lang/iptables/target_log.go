package iptables

import (
	"strings"

	"nfvm/lang"
	"nfvm/nf"
)

var logTargets = []extension{
	{name: "LOG", opts: []option{
		{name: "log-level", args: 1}, {name: "log-prefix", args: 1}, {name: "log-tcp-sequence"},
		{name: "log-tcp-options"}, {name: "log-ip-options"}, {name: "log-uid"}, {name: "log-macdecode"},
	}, lower: lowerLog},
	{name: "NFLOG", opts: []option{
		{name: "nflog-group", args: 1}, {name: "nflog-prefix", args: 1}, {name: "nflog-range", args: 1},
		{name: "nflog-size", args: 1}, {name: "nflog-threshold", args: 1},
	}, lower: lowerNFLog},
	{name: "AUDIT", opts: []option{{name: "type", args: 1, needed: true, lower: func(r *lowering, g *given) {
		switch strings.ToLower(g.args[0].text) {
		case "accept", "drop", "reject":
			r.emit(&lang.Log{Pos: r.pos(), Level: r.word("audit")})
		default:
			r.errorf(g.args[0].span, "the type is accept, drop or reject")
		}
	}}}},
}

// logLevels are syslog's levels by number, as nft calls them.
var logLevels = []string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}

// logLevelNames are the words for levels.
var logLevelNames = []bitName{
	{"alert", 1}, {"crit", 2}, {"debug", 7}, {"emerg", 0}, {"error", 3}, {"info", 6}, {"notice", 5}, {"panic", 0}, {"warning", 4},
}

// maxLogPrefix and maxNFLogPrefix are the sizes of the prefixes in struct
// xt_log_info and xt_nflog_info less the closing zero.
const (
	maxLogPrefix   = 29
	maxNFLogPrefix = 63
)

// prefix reads the text before a log line; what is too long is cut off.
func (l *lowering) prefix(g *given, most int) lang.Word {
	t := g.args[0].text
	if t == "" {
		l.errorf(g.span, "the prefix is empty")
	}
	if strings.Contains(t, "\n") {
		l.errorf(g.span, "a prefix has no line breaks")
	}
	if len(t) > most { // iptables cuts it, in silence
		l.diags.Warnf(g.args[0].span, "a prefix has at most %d characters: the rest is not logged", most)
		t = t[:most]
	}
	return lang.Word{Pos: l.pos(), Text: t, Quoted: true}
}

func lowerLog(r *lowering, x *use) {
	log := &lang.Log{Pos: r.pos()}
	if g := x.option("log-prefix"); g != nil {
		log.Prefix = r.prefix(g, maxLogPrefix)
	}
	if g := x.option("log-level"); g != nil {
		n, ok := r.logLevel(g.args[0])
		if !ok {
			return
		}
		log.Level = r.word(logLevels[n])
	}
	for _, f := range [][2]string{{"log-tcp-sequence", "tcp sequence"}, {"log-tcp-options", "tcp options"},
		{"log-ip-options", "ip options"}, {"log-uid", "skuid"}, {"log-macdecode", "ether"}} {
		if x.has(f[0]) {
			log.Flags = append(log.Flags, r.word(f[1]))
		}
	}
	r.emit(log)
}

func (s *spec) logLevel(w word) (uint64, bool) {
	if n, err := parseNumber(w.text); err == nil {
		if n > 7 {
			s.errorf(w.span, "a log level is a number from 0 to 7")
		}
		return n, n <= 7
	}
	var known []string
	for _, l := range logLevelNames {
		if l.name == w.text {
			return l.bit, true
		}
		known = append(known, l.name)
	}
	s.errorf(w.span, "unknown log level %s%s", w.text, didYouMean(strings.ToLower(w.text), known))
	return 0, false
}

// lowerNFLog expresses NFLOG; --nflog-range is the older --nflog-size, which
// the kernel did not act on.
func lowerNFLog(r *lowering, x *use) {
	if x.has("nflog-range") && x.has("nflog-size") {
		r.lacks(x, x.at.span, "--nflog-range and --nflog-size exclude each other")
		return
	}
	log := &lang.Log{Pos: r.pos(), Group: r.num(0)}
	if g := x.option("nflog-range"); g != nil {
		if _, ok := r.number(g.args[0], 0, 0xffffffff); !ok {
			return
		}
	}
	for _, o := range []struct {
		name string
		max  uint64
		to   *lang.Number
	}{{"nflog-group", 0xffff, &log.Group}, {"nflog-size", 0xffffffff, &log.Snaplen}, {"nflog-threshold", 0xffff, &log.Threshold}} {
		if g := x.option(o.name); g != nil {
			n, ok := r.number(g.args[0], 0, o.max)
			if !ok {
				return
			}
			*o.to = r.num(n)
		}
	}
	if g := x.option("nflog-prefix"); g != nil && (r.family != nf.FamilyBridge || g.args[0].text != "" && r.prefixFits(g, maxNFLogPrefix)) {
		log.Prefix = r.prefix(g, maxNFLogPrefix)
	}
	r.emit(log)
}
