package iptables

import (
	"math"
	"strings"

	"nfvm/nf"
	"nfvm/xt"
)

// lowerRT expresses a match of a routing header. Fields that nft has are compared
// by expressions, the addresses of a header of type 0 and values that no header
// has by the match itself.
func lowerRT(r *lowering, x *use) {
	info := xt.RT{}
	compat := false
	for _, g := range x.given {
		r.build = build{g.span}
		odd, ok := r.routingOption(g, &info)
		if !ok {
			return
		}
		compat = compat || odd
	}
	r.build = build{x.at.span}
	switch {
	case compat:
		r.matchXT("rt", 0, &info)
	case len(x.given) == 0:
		r.lowerPresence("rt")
	default:
		r.routingFields(&info)
	}
}

// routingOption takes an option in, and reports whether nft can't say it.
func (l *lowering) routingOption(g *given, info *xt.RT) (odd, ok bool) {
	flag := func(bit uint8) {
		info.Flags |= bit
		if g.negated() {
			info.InvFlags |= bit
		}
	}
	const all = 0xffffffff
	switch name := g.opt.name; name {
	case "rt-type":
		n, ok := l.number(g.args[0], 0, all)
		info.Type = uint32(n)
		flag(xt.RTType)
		return n > 255, ok
	case "rt-segsleft":
		b, ok := l.numbers(g.args[0], all)
		info.SegsLeft = [2]uint32{uint32(b.low), uint32(b.high)}
		flag(xt.RTSegsLeft)
		return b.low > b.high || b.high > 255 && b.high != all || b.low > 255, ok
	case "rt-len":
		n, ok := l.number(g.args[0], 0, all)
		info.Len = uint32(n)
		flag(xt.RTLen)
		return n%8 != 0 || n == 0 || n > 2048, ok
	case "rt-0-not-strict":
		if info.Flags&xt.RTAddrs == 0 {
			l.errorf(g.span, "--rt-0-addrs is needed before --rt-0-not-strict")
			return true, false
		}
		info.Flags |= xt.RTNotStrict
		return true, true
	default:
		if info.Flags&xt.RTType == 0 || info.InvFlags&xt.RTType != 0 || info.Type != 0 {
			l.errorf(g.span, "--rt-type 0 is needed before --%s", name)
			return true, false
		}
		if name == "rt-0-res" {
			info.Flags |= xt.RTReserved
			return true, true
		}
		info.Flags |= xt.RTAddrs
		return true, l.routingAddresses(g, info)
	}
}

// routingAddresses reads a list of addresses.
func (l *lowering) routingAddresses(g *given, info *xt.RT) bool {
	list := g.args[0].split(",")
	if len(list) > len(info.Addrs) {
		l.errorf(g.args[0].span, "there can be at most %d addresses", len(info.Addrs))
		return false
	}
	for i, w := range list {
		a, ok := l.parseAddr(w)
		if !ok {
			return false
		}
		info.Addrs[i] = xt.Addr(a)
	}
	info.NumAddrs = uint8(len(list))
	return true
}

// routingFields compares the fields that nft knows.
func (l *lowering) routingFields(info *xt.RT) {
	inverted := func(bit uint8) bool { return info.InvFlags&bit != 0 }
	if info.Flags&xt.RTType != 0 {
		l.emit(l.equal(l.ext6("rt", "type"), l.value(uint64(info.Type)), inverted(xt.RTType)))
	}
	if info.Flags&xt.RTSegsLeft != 0 {
		b := bounds{uint64(info.SegsLeft[0]), uint64(min(info.SegsLeft[1], 255))}
		l.emit(l.equal(l.ext6("rt", "seg-left"), l.between(b), inverted(xt.RTSegsLeft)))
	}
	if info.Flags&xt.RTLen != 0 {
		l.emit(l.equal(l.ext6("rt", "hdrlength"), l.value(uint64(info.Len)/8-1), inverted(xt.RTLen)))
	}
}

// lowerOpts6 expresses a list TYPE[:LENGTH],… of options, with the header's length
// where that is given too. Of larger numbers iptables keeps the last byte.
func lowerOpts6(r *lowering, g *given) {
	info := xt.Opts6{Flags: xt.OptsOpts}
	list := g.args[0].split(",")
	if len(list) > len(info.Opts) {
		r.errorf(g.args[0].span, "there can be at most %d options", len(info.Opts))
		return
	}
	for i, w := range list {
		typ, length, has := w.cut(":")
		t, ok := r.optionNumber(typ)
		n := uint64(xt.OptAnyLen)
		if has && ok {
			n, ok = r.optionNumber(length)
		}
		if ok && has && t&0xff == 0 {
			r.errorf(length.span, "the option 0, a byte of padding, has no length")
			return
		}
		if !ok {
			return
		}
		info.Opts[i] = uint16(t&0xff<<8 | n&0xff)
	}
	info.NumOpts = uint8(len(list))
	r.matchXT(strings.TrimSuffix(g.opt.name, "-opts"), 0, &info)
}

// optionNumber reads a number of any size, which may be negative.
func (s *spec) optionNumber(w word) (uint64, bool) {
	text, negative := strings.CutPrefix(w.text, "-")
	if n, err := parseNumber(text); err == nil && negative {
		return -n, true
	}
	return s.number(w, 0, math.MaxUint64)
}

// srhMatch looks into a segment routing header (RFC 8754).
var srhMatch = extension{name: "srh", family: nf.FamilyIPv6, opts: []option{
	srhOption("srh-next-hdr"), srhOption("srh-hdr-len-eq"), srhOption("srh-hdr-len-gt"), srhOption("srh-hdr-len-lt"),
	srhOption("srh-segs-left-eq"), srhOption("srh-segs-left-gt"), srhOption("srh-segs-left-lt"),
	srhOption("srh-last-entry-eq"), srhOption("srh-last-entry-gt"), srhOption("srh-last-entry-lt"),
	srhOption("srh-tag"), srhOption("srh-psid"), srhOption("srh-nsid"), srhOption("srh-lsid"),
}, lower: lowerSRH}

func srhOption(name string) option { return option{name: name, args: 1, negate: true} }

// lowerSRH fills in what is asked of the header. There is one number for each of
// its fields, so that the last of -eq, -gt and -lt counts for all three.
func lowerSRH(r *lowering, x *use) {
	info := xt.SRH{}
	for _, g := range x.given {
		bit := uint16(1)
		for i := range x.ext.opts {
			if x.ext.opts[i].name == g.opt.name {
				bit <<= i
			}
		}
		info.Flags |= bit
		if g.negated() {
			info.InvFlags |= bit
		}
		if !r.srhValue(g, bit, &info) {
			return
		}
	}
	r.matchXT("srh", 1, &info)
}

// srhValue reads the value of an option with a bit of its own.
func (l *lowering) srhValue(g *given, bit uint16, info *xt.SRH) bool {
	var addr, mask *xt.Addr
	var to *uint8
	switch {
	case bit == xt.SRHTag:
		n, ok := l.number(g.args[0], 0, 0xffff)
		info.Tag = uint16(n)
		return ok
	case bit == xt.SRHPrevSID:
		addr, mask = &info.PrevSID, &info.PrevMask
	case bit == xt.SRHNextSID:
		addr, mask = &info.NextSID, &info.NextMask
	case bit == xt.SRHLastSID:
		addr, mask = &info.LastSID, &info.LastMask
	case bit&xt.SRHNextHdr != 0:
		to = &info.NextHdr
	case bit&(xt.SRHLenEq|xt.SRHLenGt|xt.SRHLenLt) != 0:
		to = &info.HdrLen
	case bit&(xt.SRHSegsEq|xt.SRHSegsGt|xt.SRHSegsLt) != 0:
		to = &info.SegsLeft
	default:
		to = &info.LastEntry
	}
	if to != nil {
		n, ok := l.number(g.args[0], 0, 255)
		*to = uint8(n)
		return ok
	}
	a, ok := l.address(g.args[0])
	if ok {
		*addr, *mask = xt.Addr(a.addr), xt.Addr(a.mask)
	}
	return ok
}
