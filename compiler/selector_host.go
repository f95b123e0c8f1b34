package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
	"nfvm/nf"
	"nfvm/proto"
)

// simple makes an expression that loads a value by itself.
func simple(t *datatype.Type, order datatype.Byteorder, width int, at span, load func(bytecode.Reg) bytecode.Expr) *simpleExpr {
	return &simpleExpr{info: info{typ: t, order: order, width: width, at: at}, load: load}
}

var fibFlags = map[string]uint32{
	"saddr": bytecode.FibSaddr, "daddr": bytecode.FibDaddr, "mark": bytecode.FibMark,
	"iif": bytecode.FibIif, "oif": bytecode.FibOif,
}

func (r *rule) fib(e *lang.Fib) expr {
	var flags uint32
	for _, w := range e.Flags {
		f, ok := fibFlags[w.Text]
		if !ok {
			r.errorf(w.Span, "unknown fib key %s%s", w.Text, orKnown(w.Text, keys(fibFlags)))
			return nil
		}
		flags |= f
	}
	at := e.Flags[0].Span.To(e.Flags[len(e.Flags)-1].Span)
	switch flags & (bytecode.FibSaddr | bytecode.FibDaddr) {
	case 0:
		r.errorf(at, "fib: need either saddr or daddr")
		return nil
	case bytecode.FibSaddr | bytecode.FibDaddr:
		r.errorf(at, "fib: saddr and daddr are mutually exclusive")
		return nil
	}
	if flags&bytecode.FibIif != 0 && flags&bytecode.FibOif != 0 {
		r.errorf(at, "fib: iif and oif are mutually exclusive")
		return nil
	}
	result, t := uint32(0), (*datatype.Type)(nil)
	switch e.Result.Text {
	case "oif":
		result, t = bytecode.FibResultOif, datatype.IfaceIndex
	case "oifname":
		result, t = bytecode.FibResultOifName, datatype.IfName
	case "type":
		result, t = bytecode.FibResultType, datatype.FibAddr
	case "check":
		result, t, flags = bytecode.FibResultOif, datatype.Boolean, flags|bytecode.FibPresent
	default:
		r.errorf(e.Result.Span, "unknown fib result %s%s", e.Result.Text,
			orKnown(e.Result.Text, []string{"oif", "oifname", "type", "check"}))
		return nil
	}
	if result != bytecode.FibResultType && flags&bytecode.FibOif != 0 {
		r.refuse(e.Span, einval, "fib %s does not look at the output device", e.Result.Text)
		return nil
	}
	width := t.Size
	if t == datatype.Boolean {
		width = 32 // that of the index
	}
	f := &bytecode.Fib{Result: result, Flags: flags}
	x := simple(t, datatype.HostEnd, width, e.Span, func(d bytecode.Reg) bytecode.Expr {
		g := *f
		g.DReg = d
		return &g
	})
	x.fib = f
	return x
}

func (r *rule) rt(e *lang.Rt) expr {
	name := e.Key.Text
	if name == "nexthop" {
		l3 := e.L3.Text
		switch f := r.familyOfNetwork(); {
		case l3 == "ip6":
		case f == nf.FamilyIPv6: // `rt ip nexthop` too
			l3 = "ip6"
		case f == nf.FamilyIPv4:
			l3 = "ip"
		case l3 == "":
			r.errorf(e.Span, `cannot determine ip protocol version, use "rt ip nexthop" or "rt ip6 nexthop" instead`)
			return nil
		}
		if f := r.ctx.family; f == nf.FamilyIPv4 && l3 == "ip6" || f == nf.FamilyIPv6 && l3 == "ip" {
			r.errorf(e.Span, "%s nexthop will not match", l3)
			return nil
		}
		name = l3 + " nexthop"
	}
	i, ok := proto.FindKey(proto.RtKeys, name)
	if !ok {
		r.errorf(e.Key.Span, "unknown rt key %s%s", name, orKnown(name, keyNames(proto.RtKeys)))
		return nil
	}
	k := proto.RtKeys[i]
	return simple(k.Type, k.Order, k.Len, e.Span, func(d bytecode.Reg) bytecode.Expr {
		return &bytecode.Rt{Key: bytecode.RtKey(i), DReg: d}
	})
}

func (r *rule) socket(e *lang.Socket) expr {
	var key uint32
	t, width, most := datatype.Integer, 8, uint64(1)
	switch e.Key.Text {
	case "transparent":
		key = bytecode.SocketTransparent
	case "wildcard":
		key = bytecode.SocketWildcard
	case "mark":
		key, t, width, most = bytecode.SocketMark, datatype.Mark, 32, 0
	case "cgroupv2":
		key, t, width, most = bytecode.SocketCgroupV2, datatype.CgroupV2, 64, 0
		if e.Level.Value > 255 {
			r.errorf(e.Level.Span, "the level of a cgroup is at most 255")
			return nil
		}
	default:
		r.errorf(e.Key.Span, "unknown socket key %s", e.Key.Text)
		return nil
	}
	x := simple(t, datatype.HostEnd, width, e.Span, func(d bytecode.Reg) bytecode.Expr {
		return &bytecode.Socket{Key: key, Level: uint32(e.Level.Value), DReg: d}
	})
	x.max = most
	return x
}

func (r *rule) osf(e *lang.Osf) expr {
	o := bytecode.OSF{}
	switch e.TTL.Text {
	case "loose":
		o.TTL = 1
	case "skip":
		o.TTL = 2
	case "":
	default:
		r.errorf(e.TTL.Span, "invalid ttl option %s: loose and skip are known", e.TTL.Text)
		return nil
	}
	if e.Key.Text == "version" {
		o.Flags = 1
	}
	return simple(datatype.String, datatype.HostEnd, 128, e.Span, func(d bytecode.Reg) bytecode.Expr {
		x := o
		x.DReg = d
		return &x
	})
}

// ipsecKeys are the keys of `ipsec`: kernel number (enum nft_xfrm_keys), type.
var ipsecKeys = map[string]struct {
	key   uint32
	typ   *datatype.Type
	width int
	order datatype.Byteorder
}{
	"ip daddr": {1, datatype.IPv4Addr, 32, datatype.BigEndian}, "ip6 daddr": {2, datatype.IPv6Addr, 128, datatype.BigEndian},
	"ip saddr": {3, datatype.IPv4Addr, 32, datatype.BigEndian}, "ip6 saddr": {4, datatype.IPv6Addr, 128, datatype.BigEndian},
	"reqid": {5, datatype.Integer, 32, datatype.HostEnd}, "spi": {6, datatype.Integer, 32, datatype.BigEndian},
}

// maxIPsecDepth is the kernel's XFRM_MAX_DEPTH.
const maxIPsecDepth = 6

func (r *rule) ipsec(e *lang.Ipsec) expr {
	if !routed(r.ctx.family) && !r.loose {
		r.errorf(e.Span, "ipsec expression is only valid in ip/ip6/inet tables")
		return nil
	}
	name := e.Key.Text
	if e.L3.Set() {
		name = e.L3.Text + " " + name
	}
	k, ok := ipsecKeys[name]
	if !ok {
		r.errorf(e.Span, "unknown ipsec key %s%s", name, orKnown(name, keys(ipsecKeys)))
		return nil
	}
	if e.Spnum.Value > 255 {
		r.errorf(e.Spnum.Span, "value too large")
		return nil
	}
	if e.Spnum.Value >= maxIPsecDepth {
		r.refuse(e.Spnum.Span, erange, "a packet has at most %d transformations, counted from 0", maxIPsecDepth)
		return nil
	}
	x := bytecode.Xfrm{Out: e.Dir.Text == "out", Key: k.key, Spnum: uint32(e.Spnum.Value)}
	return simple(k.typ, k.order, k.width, e.Span, func(d bytecode.Reg) bytecode.Expr {
		y := x
		y.DReg = d
		return &y
	})
}

// generated is the info of a number that numgen or a hash makes.
func generated(mod, offset lang.Number, at span) info {
	return info{typ: datatype.Integer, order: datatype.HostEnd, width: 32, at: at, max: mod.Value + offset.Value - 1}
}

func (r *rule) modulus(mod, offset lang.Number) bool {
	if mod.Value == 0 || mod.Value > 0xffffffff || offset.Value > 0xffffffff || mod.Value+offset.Value > 0x100000000 {
		r.refuse(mod.Span, erange, "modulus and offset must fit in 32 bits, the modulus above 0")
		return false
	}
	return true
}

func (r *rule) numgen(e *lang.Numgen) expr {
	if !r.modulus(e.Mod, e.Offset) {
		return nil
	}
	n := bytecode.Numgen{Random: e.Mode.Text == "random", Modulus: uint32(e.Mod.Value), Offset: uint32(e.Offset.Value)}
	if e.Mode.Text != "random" && e.Mode.Text != "inc" {
		r.errorf(e.Mode.Span, "unknown numgen type %s: inc and random are known", e.Mode.Text)
		return nil
	}
	return &simpleExpr{info: generated(e.Mod, e.Offset, e.Span), load: func(d bytecode.Reg) bytecode.Expr {
		x := n
		x.DReg = d
		return &x
	}}
}

func (r *rule) jhash(e *lang.JHash) expr {
	arg := r.eval(e.Expr, info{})
	if arg == nil || !r.modulus(e.Mod, e.Offset) {
		return nil
	}
	if isConstant(arg) {
		r.errorf(e.Expr.At(), "a hash needs a packet field")
		return nil
	}
	return &jhash{info: generated(e.Mod, e.Offset, e.Span), arg: arg, mod: uint32(e.Mod.Value), seed: uint32(e.Seed.Value),
		seeded: e.Seed.Set(), offset: uint32(e.Offset.Value)}
}

func (r *rule) symhash(e *lang.SymHash) expr {
	if !r.modulus(e.Mod, e.Offset) {
		return nil
	}
	h := bytecode.Hash{Symmetric: true, Modulus: uint32(e.Mod.Value), Offset: uint32(e.Offset.Value)}
	return &simpleExpr{info: generated(e.Mod, e.Offset, e.Span), load: func(d bytecode.Reg) bytecode.Expr {
		x := h
		x.DReg = d
		return &x
	}}
}
