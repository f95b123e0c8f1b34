package iptables

import (
	"strings"

	"nfvm/xt"
)

// sctpMatch compares ports like those of other protocols, unless chunks are
// asked for too, which no expression does.
var sctpMatch = extension{name: "sctp", protos: []uint8{protoSCTP}, opts: []option{
	portOption("source-port", "sport", "sctp", "sport", (*spec).portRange),
	portOption("destination-port", "dport", "sctp", "dport", (*spec).portRange),
	{name: "chunk-types", args: 2, negate: true},
}, lower: lowerSCTP}

// sctpChunks are the types of chunks that iptables has names for.
var sctpChunks = map[string]uint8{
	"DATA": 0, "INIT": 1, "INIT_ACK": 2, "SACK": 3, "HEARTBEAT": 4, "HEARTBEAT_ACK": 5, "ABORT": 6, "SHUTDOWN": 7, "SHUTDOWN_ACK": 8,
	"ERROR": 9, "COOKIE_ECHO": 10, "COOKIE_ACK": 11, "ECN_ECNE": 12, "ECN_CWR": 13, "SHUTDOWN_COMPLETE": 14, "I_DATA": 64,
	"ASCONF_ACK": 128, "RE_CONFIG": 130, "PAD": 132, "ASCONF": 193, "FORWARD_TSN": 192, "I_FORWARD_TSN": 194,
}

// sctpFlags are the letters of a chunk's flags, the highest first; a dash is a
// flag without a letter.
func sctpFlags(chunk uint8) string {
	switch chunk {
	case 0, 64:
		return "----IUBE"
	case 6, 14:
		return "-------T"
	}
	return "--------"
}

var sctpKinds = map[string]uint32{"ANY": xt.SCTPAny, "ALL": xt.SCTPAll, "ONLY": xt.SCTPOnly}

func lowerSCTP(r *lowering, x *use) {
	chunks := x.option("chunk-types")
	if chunks == nil {
		r.each(x)
		return
	}
	info := xt.SCTP{SrcMax: 0xffff, DstMax: 0xffff, Options: xt.SCTPChunks}
	r.build = build{chunks.span}
	ok := r.sctpChunks(chunks, &info)
	for _, o := range []struct {
		name     string
		bit      uint32
		min, max *uint16
	}{
		{"source-port", xt.SCTPSrcPorts, &info.SrcMin, &info.SrcMax},
		{"destination-port", xt.SCTPDstPorts, &info.DstMin, &info.DstMax},
	} {
		if g := x.option(o.name); g != nil {
			p, good := r.portRange(g.args[0])
			*o.min, *o.max, ok = uint16(p.low), uint16(p.high), ok && good
			info.Options |= o.bit
			info.Invert |= g.bit(o.bit)
		}
	}
	if info.Invert |= chunks.bit(xt.SCTPChunks); ok {
		r.matchXT("sctp", 0, &info)
	}
}

// sctpChunks reads how chunks are compared and the list of their types, each
// with its flags: a letter in upper case is one that is on, in lower case off.
func (l *lowering) sctpChunks(g *given, info *xt.SCTP) (ok bool) {
	kind, list := g.args[0], g.args[1]
	if info.Match, ok = sctpKinds[strings.ToUpper(kind.text)]; !ok {
		l.errorf(kind.span, "chunks are compared by any, all or only, not %s", kind.text)
	}
	switch strings.ToUpper(list.text) {
	case "ALL":
		for i := range info.Chunks {
			info.Chunks[i] = 0xffffffff
		}
		return ok
	case "NONE":
		return ok
	}
	for _, w := range list.split(",") {
		if w.text == "" {
			continue
		}
		name, letters, _ := w.cut(":")
		chunk, known := sctpChunks[strings.ToUpper(name.text)]
		if !known {
			l.errorf(name.span, "unknown type of SCTP chunk: %s%s", name.text, didYouMean(strings.ToUpper(name.text), keys(sctpChunks)))
			ok = false
			continue
		}
		info.Chunks[chunk/32] |= 1 << (chunk % 32)
		ok = l.sctpLetters(letters, chunk, info) && ok
	}
	return ok
}

// sctpLetters adds the flags of one chunk, of which there is room for four.
func (l *lowering) sctpLetters(letters word, chunk uint8, info *xt.SCTP) bool {
	if letters.text == "" {
		return true
	}
	n := 0
	for n < int(info.NumFlags) && info.Flags[n].Chunk != chunk {
		n++
	}
	if n == len(info.Flags) {
		l.errorf(letters.span, "flags of no more than %d types of chunks can be compared", n)
		return false
	}
	f := &info.Flags[n]
	f.Chunk, info.NumFlags = chunk, max(info.NumFlags, int32(n)+1)
	for i := range len(letters.text) {
		c := letters.text[i : i+1]
		bit := strings.Index(sctpFlags(chunk), strings.ToUpper(c))
		if bit < 0 {
			l.errorf(letters.part(i, c).span, "%s is no flag of this chunk: %s", c, flagsExpected(chunk))
			return false
		}
		f.Mask |= 0x80 >> bit
		if "A" <= c && c <= "Z" {
			f.Flags |= 0x80 >> bit
		}
	}
	return true
}

// flagsExpected tells the flags that a type of chunk has.
func flagsExpected(chunk uint8) string {
	have := strings.ReplaceAll(sctpFlags(chunk), "-", "")
	if have == "" {
		return "it has none"
	}
	return "it has " + strings.Join(strings.Split(have, ""), ", ")
}
