package listing

import (
	"io"
	"sort"
	"strings"

	"nfvm/bytecode"
)

// The release of nft whose JSON this is.
const (
	jsonVersion = "1.1.4"
	jsonRelease = "Commodore Bullmoose #5"
)

// JSON writes a whole program as `nft -j list ruleset` prints it: one line.
func JSON(w io.Writer, prog *bytecode.Program, opt *Options) error {
	opt = opt.forJSON()
	items := array{one("metainfo", obj{{"version", jsonVersion}, {"release_name", jsonRelease}, {"json_schema_version", 1}})}
	for _, t := range Tables(prog) {
		p := &printer{table: t, opt: opt}
		items = append(items, p.tableJSON(t)...)
	}
	_, err := w.Write(append(appendJSON(nil, one("nftables", items)), '\n'))
	return err
}

// forJSON gives the options with what only the newer JSON has.
func (o *Options) forJSON() *Options {
	newer := Options{}
	if o != nil {
		newer = *o
	}
	newer.Newer = true
	return &newer
}

// tableHeadJSON is a table without what is in it.
func tableHeadJSON(t *bytecode.Table) obj {
	o := obj{{"family", t.Family.String()}, {"name", t.Name}, {"handle", t.Handle}}
	if flags := tableFlags(t); len(flags) > 0 {
		o.add("flags", single(wordList(flags)))
	}
	if t.Comment != "" {
		o.add("comment", t.Comment)
	}
	return one("table", o)
}

func (p *printer) tableJSON(t *bytecode.Table) array {
	out := array{tableHeadJSON(t)}
	// Maps and rules may name chains, so these come first.
	for _, c := range t.Chains {
		if !anonymous(c) {
			out = append(out, p.chainJSON(c))
		}
	}
	objects := append([]*bytecode.Object(nil), t.Objects...)
	sort.SliceStable(objects, func(i, j int) bool { return objects[i].Handle < objects[j].Handle })
	for _, x := range objects {
		out = append(out, p.objectJSON(x))
	}
	for _, s := range t.Sets {
		if p.named(s) {
			out = append(out, p.setJSON(s))
		}
	}
	for _, f := range t.Flowtables {
		out = append(out, p.flowtableJSON(f))
	}
	for _, c := range t.Chains {
		if anonymous(c) {
			continue
		}
		for _, r := range c.Rules {
			out = append(out, p.ruleJSON(c, r))
		}
	}
	return out
}

func (p *printer) chainJSON(c *bytecode.Chain) obj {
	o := obj{{"family", p.table.Family.String()}, {"table", p.table.Name}, {"name", c.Name}, {"handle", c.Handle}}
	if c.Comment != "" {
		o.add("comment", c.Comment)
	}
	if b := c.Base; b != nil {
		if len(b.Devices) > 0 {
			o.add("dev", single(wordList(sorted(b.Devices))))
		}
		o.add("type", b.Type.String())
		o.add("hook", b.Hook.String())
		o.add("prio", int(b.Priority))
		o.add("policy", b.Policy.String())
	}
	return one("chain", o)
}

func (p *printer) ruleJSON(c *bytecode.Chain, r *bytecode.Rule) obj {
	o := obj{{"family", p.table.Family.String()}, {"table", p.table.Name}, {"chain", c.Name}, {"handle", r.Handle}}
	if r.Comment != "" {
		o.add("comment", r.Comment)
	}
	o.add("expr", p.ruleExprJSON(r))
	return one("rule", o)
}

func (p *printer) flowtableJSON(f *bytecode.Flowtable) obj {
	o := obj{{"family", p.table.Family.String()}, {"name", f.Name}, {"table", p.table.Name}, {"handle", f.Handle},
		{"hook", f.Hook.String()}, {"prio", int(f.Priority)}}
	if len(f.Devices) > 0 {
		o.add("dev", single(wordList(sorted(f.Devices))))
	}
	return one("flowtable", o)
}

func (p *printer) objectJSON(x *bytecode.Object) obj {
	o := obj{{"family", p.table.Family.String()}, {"name", x.Name}, {"table", p.table.Name}, {"handle", x.Handle}}
	if x.Comment != "" {
		o.add("comment", x.Comment)
	}
	switch {
	case x.Counter != nil:
		if !p.opt.Stateless {
			o = append(o, obj{{"packets", x.Counter.Packets}, {"bytes", x.Counter.Bytes}}...)
		}
	case x.Quota != nil:
		o = append(o, obj{{"bytes", x.Quota.Bytes}, {"used", x.Quota.Used}, {"inv", x.Quota.Over}}...)
	case x.Limit != nil:
		o = append(o, limitObjectJSON(x.Limit)...)
	case x.Connlimit != nil:
		o.add("val", uint64(x.Connlimit.Count))
		o.add("inv", x.Connlimit.Over)
	case x.CTHelper != nil:
		o = append(o, obj{{"type", x.CTHelper.Helper}, {"protocol", protoName(x.CTHelper.L4Proto)},
			{"l3proto", familyName(x.CTHelper.L3Proto)}}...)
	case x.CTTimeout != nil:
		o = append(o, obj{{"protocol", protoName(x.CTTimeout.L4Proto)}, {"l3proto", familyName(x.CTTimeout.L3Proto)},
			{"policy", policyJSON(x.CTTimeout)}}...)
	case x.CTExpect != nil:
		e := x.CTExpect
		o = append(o, obj{{"protocol", protoName(e.L4Proto)}, {"dport", uint64(e.DPort)}, {"timeout", uint64(e.Timeout)},
			{"size", uint64(e.Size)}, {"l3proto", familyName(e.L3Proto)}}...)
	case x.Synproxy != nil:
		o = append(o, synproxyJSON(x.Synproxy)...)
	case x.Type == bytecode.ObjectSecmark:
		o.add("context", x.Secmark)
	}
	return one(objectNames[x.Type], o)
}

// limitObjectJSON has a limit's members in the order of a named one, which has
// no burst of zero.
func limitObjectJSON(e *bytecode.Limit) obj {
	in := limitJSON(e)
	var o obj
	for _, key := range []string{"rate", "per", "inv", "rate_unit", "burst", "burst_unit"} {
		for _, m := range in {
			if m.key == key && (e.Burst != 0 || !strings.HasPrefix(key, "burst")) {
				o = append(o, m)
			}
		}
	}
	return o
}

func policyJSON(t *bytecode.CTTimeoutObject) obj {
	o := obj{}
	for _, d := range timeoutDefaults[t.L4Proto] {
		if v, ok := t.Values[d.state]; ok && v != d.seconds {
			o.add(d.state, uint64(v))
		}
	}
	return o
}
