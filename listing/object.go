package listing

import (
	"fmt"
	"sort"
	"strings"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
)

func (p *printer) object(o *bytecode.Object) {
	p.printf("\t%s %s {", objectNames[o.Type], o.Name)
	p.handle(o.Handle)
	p.WriteByte('\n')
	if o.Comment != "" {
		p.printf("\t\tcomment %q\n", nft(o.Comment))
	}
	p.lines(p.objectLines(o))
	p.WriteString("\t}\n")
}

// objectLines are the settings of an object.
func (p *printer) objectLines(o *bytecode.Object) []string {
	q := &printer{table: p.table, opt: p.opt}
	switch {
	case o.Counter != nil:
		if p.opt.Stateless {
			return nil
		}
		q.printf("packets %d bytes %d", o.Counter.Packets, o.Counter.Bytes)
	case o.Quota != nil:
		q.WriteString(quotaText(o.Quota, p.opt.Stateless))
	case o.Limit != nil:
		q.WriteString(limitText(o.Limit)[len("limit "):])
	case o.Connlimit != nil:
		q.printf("ct count %s%d", over(o.Connlimit.Over), o.Connlimit.Count)
	case o.Synproxy != nil:
		return synproxyLines(o.Synproxy)
	case o.CTHelper != nil:
		q.printf("type %q protocol %s", nft(o.CTHelper.Helper), protoName(o.CTHelper.L4Proto))
		return []string{q.String(), "l3proto " + familyName(o.CTHelper.L3Proto)}
	case o.CTTimeout != nil:
		q.printf("protocol %s", protoName(o.CTTimeout.L4Proto))
		return []string{q.String(), "l3proto " + familyName(o.CTTimeout.L3Proto), p.timeoutPolicy(o.CTTimeout)}
	case o.CTExpect != nil:
		e := o.CTExpect
		q.printf("protocol %s\ndport %d\ntimeout %s\nsize %d\nl3proto %s", protoName(e.L4Proto), e.DPort,
			p.duration(uint64(e.Timeout)), e.Size, familyName(e.L3Proto))
		return splitLines(q.String())
	case o.Type == bytecode.ObjectSecmark:
		q.printf("%q", nft(o.Secmark))
	}
	return []string{q.String()}
}

func splitLines(s string) []string {
	var out []string
	start := 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == '\n' {
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return out
}

func protoName(n uint8) string { return datatype.Format(datatype.InetProto, []byte{n}, nil) }

func familyName(f nf.Family) string {
	if f == nf.FamilyUnspec {
		return nf.FamilyInet.String()
	}
	return f.String()
}

// synproxyLines are the options of a synproxy object; nft writes a blank between
// the last two, even if only one of them is there.
func synproxyLines(e *bytecode.Synproxy) (lines []string) {
	if e.Flags&(synproxyMSS|synproxyWscale) != 0 {
		lines = append(lines, fmt.Sprintf("mss %d", e.MSS), fmt.Sprintf("wscale %d", e.Wscale))
	}
	words := synproxyOptions(e)
	switch {
	case len(words) == 0:
		return lines
	case e.Flags&synproxyTimestamp == 0:
		return append(lines, " "+words[0])
	case len(words) == 1:
		return append(lines, words[0]+" ")
	}
	return append(lines, strings.Join(words, " "))
}

// timeoutDefaults are the timeouts in seconds that a policy does not list
// because they are the default, in the order of the states.
var timeoutDefaults = map[uint8][]struct {
	state   string
	seconds uint32
}{
	nf.ProtoTCP: {
		{"syn_sent", 120}, {"syn_recv", 60}, {"established", 432000}, {"fin_wait", 120}, {"close_wait", 60},
		{"last_ack", 30}, {"time_wait", 120}, {"close", 10}, {"syn_sent2", 120}, {"retrans", 300}, {"unack", 300},
	},
	nf.ProtoUDP: {{"unreplied", 30}, {"replied", 120}},
}

func (p *printer) timeoutPolicy(t *bytecode.CTTimeoutObject) string {
	var values, rest []string
	known := map[string]bool{}
	for _, d := range timeoutDefaults[t.L4Proto] {
		known[d.state] = true
		if v, ok := t.Values[d.state]; ok && v != d.seconds {
			values = append(values, d.state+" : "+p.policyTime(v))
		}
	}
	for name := range t.Values {
		if !known[name] {
			rest = append(rest, name)
		}
	}
	sort.Strings(rest)
	for _, name := range rest {
		values = append(values, name+" : "+p.policyTime(t.Values[name]))
	}
	return "policy = { " + strings.Join(values, ", ") + " }"
}
