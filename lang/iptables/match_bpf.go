package iptables

import (
	"strconv"
	"strings"

	"nfvm/xt"
)

var bpfMatches = []extension{{name: "bpf", opts: []option{
	{name: "bytecode", args: 1},
	{name: "object-pinned", args: 1, refuse: "programs of the kernel are not run here; --bytecode has one in the rule"},
}, lower: lowerBPF}}

// lowerBPF reads a program of classic BPF: how many instructions it has, then
// each of them, four decimal numbers, all behind commas.
func lowerBPF(r *lowering, x *use) {
	g := x.option("bytecode")
	if g == nil {
		r.lacks(x, x.at.span, "bpf needs --bytecode")
		return
	}
	parts := g.args[0].split(",")
	if n := len(parts); n > 1 && strings.TrimSpace(parts[n-1].text) == "" {
		parts = parts[:n-1]
	}
	count, err := strconv.ParseUint(strings.TrimSpace(parts[0].text), 10, 16)
	if err != nil || count < 1 || count > xt.BPFSize {
		r.errorf(parts[0].span, "a program starts with how many instructions it has, 1 to %d, and a comma", xt.BPFSize)
		return
	}
	info := xt.BPF{Len: uint16(count)}
	if len(parts)-1 != int(count) {
		r.errorf(g.span, "the program says that it has %d instructions, but has %d", count, len(parts)-1)
		return
	}
	for i, w := range parts[1:] {
		var ok bool
		if info.Program[i], ok = bpfInsn(w.text); !ok {
			r.errorf(w.span, "an instruction is four decimal numbers: the code, where to jump if true and if false, and a value, as 21 0 1 6")
			return
		}
	}
	if at, err := xt.CheckBPF(info.Program[:count]); err != nil {
		r.errorf(parts[at+1].span, "instruction %d: %v", at, err)
		return
	}
	r.matchXT("bpf", 1, &info)
}

// bpfInsn reads an instruction as sscanf does: numbers that are too large lose
// their upper bits, and what stands behind the last is passed over.
func bpfInsn(text string) (in xt.BPFInsn, ok bool) {
	f := strings.Fields(text)
	if len(f) < 4 {
		return in, false
	}
	var n [4]uint64
	for i := range n {
		digits, negative := strings.CutPrefix(f[i], "-")
		digits = leadingDigits(digits)
		if digits == "" || i < 3 && digits != strings.TrimPrefix(strings.TrimLeft(f[i], "-"), "+") {
			return in, false
		}
		n[i], _ = strconv.ParseUint(digits, 10, 64) // too large: the largest
		if negative {
			n[i] = -n[i]
		}
	}
	return xt.BPFInsn{Code: uint16(n[0]), JT: uint8(n[1]), JF: uint8(n[2]), K: uint32(n[3])}, true
}
