package netfilter

import (
	"fmt"
	"slices"
	"strings"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/ct/helper"
	"nfvm/host"
)

// Warnings lists, a sentence each, what the host description and the ruleset
// in force ask for and the engine does not do, where that is no reason to
// refuse them.
func (e *Engine) Warnings() []string {
	out := append(sysctlWarnings(e.host), helperWarnings(e.program)...)
	out = append(out, contextWarnings(e.program)...)
	if e.opt.Systems.Len() == 0 {
		out = append(out, systemWarnings(e.program)...)
	}
	if err := Unbridged(e.program, e.host); err != nil {
		out = append(out, err.Error())
	}
	return out
}

// helperWarnings names the conntrack helpers that rules assign and that do not run here: they are
// listed with the connections, but do not read what these transfer.
func helperWarnings(p *bytecode.Program) []string {
	var out []string
	for _, t := range p.Tables {
		for _, o := range t.Objects {
			if o.Type != bytecode.ObjectCTHelper || helper.Known(o.CTHelper.Helper) || t.Dormant || !refersTo(t, o) {
				continue
			}
			out = append(out, fmt.Sprintf("%s:%d: ct helper %s: the helper %s does not run in this version: connections that it would expect are new, not related, and addresses in the payload are not translated",
				fileOf(p, o.Pos), o.Pos.Line, o.Name, o.CTHelper.Helper))
		}
	}
	return out
}

// contextWarnings names the security contexts that rules give packets: nobody
// acts on them where there is no security module.
func contextWarnings(p *bytecode.Program) []string {
	var out []string
	for _, t := range p.Tables {
		for _, o := range t.Objects {
			if o.Type == bytecode.ObjectSecmark && !t.Dormant && refersTo(t, o) {
				out = append(out, fmt.Sprintf("%s:%d: secmark %s: rules and connections carry the context %s as a number, and no security module reads it",
					fileOf(p, o.Pos), o.Pos.Line, o.Name, o.Secmark))
			}
		}
	}
	return out
}

// systemWarnings names the first rule that asks which operating system sent a
// packet, where none is known.
func systemWarnings(p *bytecode.Program) []string {
	for _, t := range p.Tables {
		for _, c := range t.Chains {
			for _, r := range c.Rules {
				if slices.ContainsFunc(r.Exprs, func(x bytecode.Expr) bool { _, is := x.(*bytecode.OSF); return is }) {
					return []string{fmt.Sprintf("%s:%d: osf: there are no fingerprints of operating systems (--osf-fingerprints names a file such as nftables' pf.os): each is unknown",
						fileOf(p, r.Pos), r.Pos.Line)}
				}
			}
		}
	}
	return nil
}

// refersTo reports whether a rule may run an object: it names it, or looks an
// object of its type up in a map.
func refersTo(t *bytecode.Table, o *bytecode.Object) bool {
	for _, c := range t.Chains {
		for _, r := range c.Rules {
			for _, x := range r.Exprs {
				if x, ok := x.(*bytecode.Objref); ok && x.Type == o.Type && (x.Object == o.Name || x.Set != "") {
					return true
				}
			}
		}
	}
	return false
}

// sysctlWarnings names the settings of connection tracking in the host
// description that have no effect.
func sysctlWarnings(h *host.Host) []string {
	defaults := ct.DefaultSysctls()
	var out, unknown []string
	h.Sysctls(func(name, value string) {
		switch _, known := defaults.Get(name); {
		case name == "net.netfilter.nf_conntrack_log_invalid" && strings.TrimSpace(value) != "0":
			out = append(out, "host description: "+name+": invalid packets are not logged in this version")
		case known || name == "net.netfilter.nf_conntrack_count": // the latter only tells
		case strings.HasPrefix(name, "net.netfilter.nf_conntrack_"):
			unknown = append(unknown, strings.TrimPrefix(name, "net.netfilter."))
		}
	})
	if slices.Sort(unknown); len(unknown) != 0 {
		out = append(out, "host description: settings of net.netfilter without effect here: "+strings.Join(unknown, ", "))
	}
	return out
}

func fileOf(p *bytecode.Program, pos bytecode.Pos) string {
	if int(pos.File) < len(p.Files) {
		return p.Files[pos.File]
	}
	return ""
}
