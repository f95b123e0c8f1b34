package iptables

import (
	"encoding/binary"
	"strconv"

	"nfvm/xt"
)

// stpFields are the options about spanning tree messages, with the bit of each.
var stpFields = []struct {
	name string
	bit  uint16
}{
	{"type", xt.STPType}, {"flags", xt.STPFlags}, {"root-prio", xt.STPRootPrio}, {"root-addr", xt.STPRootAddr}, {"root-cost", xt.STPRootCost},
	{"sender-prio", xt.STPSenderPrio}, {"sender-addr", xt.STPSenderAddr}, {"port", xt.STPPort}, {"msg-age", xt.STPMsgAge},
	{"max-age", xt.STPMaxAge}, {"hello-time", xt.STPHelloTime}, {"forward-delay", xt.STPForward},
}

var (
	stpTypes = []bitName{{"config", 0}, {"tcn", 0x80}}
	stpFlags = []bitName{{"topology-change", 1}, {"topology-change-ack", 0x80}}
)

func stpOptions() (out []option) {
	for _, f := range stpFields {
		out = append(out, option{name: "stp-" + f.name, args: 1, negate: true})
	}
	return out
}

// lowerSTP fills in the comparison of a spanning tree message.
func lowerSTP(r *lowering, x *use) {
	var info xt.STP
	ok := true
	for _, f := range stpFields {
		g := x.option("stp-" + f.name)
		if g == nil {
			continue
		}
		r.build = build{g.span}
		info.Match |= f.bit
		info.Invert |= uint16(g.bit(uint32(f.bit)))
		ok = r.stpField(&info, f.bit, g.args[0]) && ok
	}
	if ok {
		r.matchXT("stp", 0, &info)
	}
}

// stpField reads the value of one field.
func (l *lowering) stpField(info *xt.STP, bit uint16, w word) (ok bool) {
	var n uint64
	ranges := map[uint16]*xt.STPRange{xt.STPRootPrio: &info.RootPrio, xt.STPSenderPrio: &info.SenderPrio, xt.STPPort: &info.Port,
		xt.STPMsgAge: &info.MsgAge, xt.STPMaxAge: &info.MaxAge, xt.STPHelloTime: &info.HelloTime, xt.STPForward: &info.Forward}
	switch bit {
	case xt.STPType:
		n, ok = l.namedNumber(w, 0xff, stpTypes)
		info.Type = uint8(n)
	case xt.STPFlags:
		n, ok = l.namedNumber(w, 0xff, stpFlags)
		info.Flags = uint8(n)
	case xt.STPRootAddr:
		ok = l.stpAddr(&info.RootAddr, w)
	case xt.STPSenderAddr:
		ok = l.stpAddr(&info.SenderAddr, w)
	case xt.STPRootCost:
		var b bounds
		b, ok = l.decimalRange(w, 0xffffffff)
		info.RootCost.Low, info.RootCost.High = uint32(b.low), uint32(b.high)
	default:
		var b bounds
		b, ok = l.decimalRange(w, 0xffff)
		*ranges[bit] = xt.STPRange{Low: uint16(b.low), High: uint16(b.high)}
	}
	return ok
}

// decimalRange reads a range of numbers, which are decimal whatever they start
// with.
func (s *spec) decimalRange(w word, high uint64) (r bounds, ok bool) {
	low, top, isRange := w.cut(":")
	one := func(w word, missing uint64) (n uint64) {
		switch {
		case w.text == "" && isRange:
			return missing
		case w.text == "":
			return 0
		}
		n, err := strconv.ParseUint(w.text, 10, 64)
		if err != nil || n > high {
			s.errorf(w.span, "a decimal number up to %d is expected, not %q", high, w.text)
			ok = false
		}
		return n
	}
	ok = true
	if r.low = one(low, 0); isRange {
		r.high = one(top, high)
	} else {
		r.high = r.low
	}
	if ok && r.low > r.high {
		s.errorf(w.span, "the range %s runs backwards", w.text)
		ok = false
	}
	return r, ok
}

func (l *lowering) stpAddr(to *xt.STPAddr, w word) bool {
	a, mask, ok := l.readMAC(w)
	copy(to.Addr[:], a)
	copy(to.Mask[:], mask)
	return ok
}

// lowerLLCType compares the type behind a header of SNAP, whose place depends on
// another field.
func lowerLLCType(r *lowering, g *given) {
	n, ok := r.hexNumber(g.args[0], 0xffff)
	if !ok || !r.needsLength(g) {
		return
	}
	info := xt.LLC{Match: xt.LLCType, Invert: uint8(g.bit(xt.LLCType))}
	binary.BigEndian.PutUint16(info.Type[:], uint16(n))
	r.matchXT("802_3", 0, &info)
}
