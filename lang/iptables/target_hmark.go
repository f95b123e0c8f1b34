package iptables

import (
	"encoding/binary"
	"strings"

	"nfvm/xt"
)

var hmarkTargets = []extension{{name: "HMARK", opts: []option{
	{name: "hmark-tuple", args: 1}, {name: "hmark-mod", args: 1}, {name: "hmark-rnd", args: 1}, {name: "hmark-offset", args: 1},
	{name: "hmark-src-prefix", args: 1}, {name: "hmark-dst-prefix", args: 1},
	{name: "hmark-sport", args: 1}, {name: "hmark-dport", args: 1}, {name: "hmark-sport-mask", args: 1}, {name: "hmark-dport-mask", args: 1},
	{name: "hmark-spi", args: 1}, {name: "hmark-spi-mask", args: 1}, {name: "hmark-proto-mask", args: 1},
}, lower: lowerHMark}}

// hmarkParts are the words of --hmark-tuple. All but the last have an option that
// says the same more finely: both can't be given, unless that comes first.
var hmarkParts = map[string]uint32{"src": xt.HMarkSrcMask, "dst": xt.HMarkDstMask, "sport": xt.HMarkSPortMask, "dport": xt.HMarkDPortMask,
	"spi": xt.HMarkSPIMask, "proto": xt.HMarkProtoMask, "ct": xt.HMarkCT}

// hmarkPorts and hmarkPortMasks are the flags of what lies in the same place as the
// index of IPsec, and its mask.
const (
	hmarkPorts     = xt.HMarkSPort | xt.HMarkDPort
	hmarkPortMasks = xt.HMarkSPortMask | xt.HMarkDPortMask
	hmarkAny       = xt.HMarkRnd - 1 | xt.HMarkCT
)

func lowerHMark(r *lowering, x *use) {
	for _, name := range []string{"hmark-mod", "hmark-rnd"} {
		if !x.has(name) {
			r.lacks(x, x.at.span, "HMARK needs --%s", name)
			return
		}
	}
	var info xt.HMark
	ok := true
	for _, g := range x.given {
		r.build = build{g.span}
		ok = r.hmarkOption(&info, g) && ok
	}
	f := info.Flags
	switch {
	case !ok:
	case f&hmarkAny == 0:
		r.lacks(x, x.at.span, "HMARK needs --hmark-tuple, or another option that says what the hash is of")
	case f&xt.HMarkSPI != 0 && f&hmarkPorts != 0 || f&xt.HMarkSPIMask != 0 && f&hmarkPortMasks != 0:
		r.errorf(x.at.span, "HMARK takes ports or the index of IPsec (spi), which lie in the same place, but not both")
	default:
		r.targetXT("HMARK", 0, &info)
	}
}

// hmarkOption fills in what one option says.
func (l *lowering) hmarkOption(info *xt.HMark, g *given) (ok bool) {
	w := g.args[0]
	number := func(bit uint32, low, high uint64) (n uint64) {
		n, ok = l.number(w, low, high)
		info.Flags |= bit
		return n
	}
	port := func(bit uint32, to []byte) { binary.BigEndian.PutUint16(to, uint16(number(bit, 0, 0xffff))) }
	switch g.opt.name {
	case "hmark-tuple":
		return l.hmarkTuple(info, w)
	case "hmark-mod":
		info.Mod = uint32(number(xt.HMarkMod, 1, 0xffffffff))
	case "hmark-rnd":
		info.Rnd = uint32(number(xt.HMarkRnd, 0, 0xffffffff))
	case "hmark-offset":
		info.Offset = uint32(number(xt.HMarkOffset, 0, 0xffffffff))
	case "hmark-sport":
		port(xt.HMarkSPort, info.PortSet[:])
	case "hmark-dport":
		port(xt.HMarkDPort, info.PortSet[2:])
	case "hmark-spi":
		binary.BigEndian.PutUint32(info.PortSet[:], uint32(number(xt.HMarkSPI, 0, 0xffffffff)))
	case "hmark-proto-mask":
		if l.onlyOnce(info, xt.HMarkProtoMask, g) {
			info.ProtoMask = uint16(number(xt.HMarkProtoMask, 0, 0xffff))
		}
	case "hmark-sport-mask":
		if l.onlyOnce(info, xt.HMarkSPortMask, g) {
			port(xt.HMarkSPortMask, info.PortMask[:])
		}
	case "hmark-dport-mask":
		if l.onlyOnce(info, xt.HMarkDPortMask, g) {
			port(xt.HMarkDPortMask, info.PortMask[2:])
		}
	case "hmark-spi-mask":
		if l.onlyOnce(info, xt.HMarkSPIMask, g) {
			binary.BigEndian.PutUint32(info.PortMask[:], uint32(number(xt.HMarkSPIMask, 0, 0xffffffff)))
		}
	case "hmark-src-prefix":
		return l.onlyOnce(info, xt.HMarkSrcMask, g) && l.hmarkPrefix(info, xt.HMarkSrcMask, &info.SrcMask, w)
	case "hmark-dst-prefix":
		return l.onlyOnce(info, xt.HMarkDstMask, g) && l.hmarkPrefix(info, xt.HMarkDstMask, &info.DstMask, w)
	}
	return ok
}

// onlyOnce refuses an option whose part --hmark-tuple has before it.
func (l *lowering) onlyOnce(info *xt.HMark, bit uint32, g *given) bool {
	if info.Flags&bit != 0 {
		l.errorf(g.span, "--%s says again what --hmark-tuple has said", g.opt.name)
		return false
	}
	return true
}

// hmarkPrefix reads a length or a mask; all bits count for a mask that is none.
func (l *lowering) hmarkPrefix(info *xt.HMark, bit uint32, to *xt.Addr, w word) bool {
	a := addrArg{}
	var ok bool
	if a.mask, ok = l.parseMask(w); !ok {
		return false
	}
	info.Flags |= bit
	if _, isPrefix := a.prefix(); !isPrefix {
		a.mask = fullMask(len(a.mask))
	}
	if copy(to[:], a.mask) == 4 && a.mask[3] == 0xff {
		*to = allBits
	}
	return true
}

var allBits = xt.Addr{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}

// hmarkTuple reads what the hash is of: all bits of each part.
func (l *lowering) hmarkTuple(info *xt.HMark, w word) bool {
	for _, p := range w.split(",") {
		part, known := hmarkParts[strings.ToLower(p.text)]
		if !known {
			l.errorf(p.span, "unknown part %q: a list of src, dst, sport, dport, spi, proto and ct is expected", p.text)
			return false
		}
		info.Flags |= part
		switch part {
		case xt.HMarkSrcMask:
			info.SrcMask = allBits
		case xt.HMarkDstMask:
			info.DstMask = allBits
		case xt.HMarkSPortMask:
			info.PortMask[0], info.PortMask[1] = 0xff, 0xff
		case xt.HMarkDPortMask:
			info.PortMask[2], info.PortMask[3] = 0xff, 0xff
		case xt.HMarkSPIMask:
			info.PortMask = [4]byte{255, 255, 255, 255}
		case xt.HMarkProtoMask:
			info.ProtoMask = 0xffff
		}
	}
	return true
}
