package iptables

import (
	"nfvm/nf"
	"nfvm/xt"
)

var nptTargets = []extension{
	{name: "SNPT", family: nf.FamilyIPv6, tables: mangleTable, hooks: sourceHooks, opts: nptOptions, lower: lowerNPT},
	{name: "DNPT", family: nf.FamilyIPv6, tables: mangleTable, hooks: destHooks, opts: nptOptions, lower: lowerNPT},
}

var nptOptions = []option{{name: "src-pfx", args: 1, needed: true}, {name: "dst-pfx", args: 1, needed: true}}

// lowerNPT fills in a translation of prefixes (RFC 6296).
func lowerNPT(r *lowering, x *use) {
	var info xt.NPT
	src, ok1 := r.nptPrefix(x.option("src-pfx").args[0], &info.Src)
	dst, ok2 := r.nptPrefix(x.option("dst-pfx").args[0], &info.Dst)
	if info.SrcLen, info.DstLen = uint8(src), uint8(dst); ok1 && ok2 {
		r.targetXT(x.ext.name, 0, &info)
	}
}

// nptPrefix reads a prefix of at most 64 bits, behind which all bits are 0.
func (l *lowering) nptPrefix(w word, to *xt.Addr) (n int, ok bool) {
	host, tail, has := w.cut("/")
	addr, ok := l.parseAddr(host)
	if !ok {
		return 0, false
	}
	a := addrArg{mask: fullMask(len(addr))}
	if has {
		if a.mask, ok = l.parseMask(tail); !ok {
			return 0, false
		}
	}
	n, isPrefix := a.prefix()
	if !isPrefix || n > 64 {
		l.errorf(w.span, "a prefix of at most 64 bits is expected, as fd00::/48")
		return 0, false
	}
	for i, b := range addr {
		if b&^a.mask[i] != 0 {
			l.errorf(w.span, "%s has bits behind its prefix of %d", w.text, n)
			return 0, false
		}
	}
	copy(to[:], addr)
	return n, true
}
