package listing

import (
	"encoding/binary"
	"strings"

	"nfvm/bytecode"
	"nfvm/nf"
)

// readers make expressions from the kernel's attributes, by name.
var readers = map[string]func(a attrs) bytecode.Expr{
	"immediate": readImmediate,
	"payload":   readPayload,
	"bitwise": func(a attrs) bytecode.Expr {
		b := &bytecode.Bitwise{Op: bytecode.BitwiseOp(a.num(6)), SReg: a.reg(1), DReg: a.reg(2), Len: a.u32(3), Mask: a.value(4),
			Xor: a.value(5), SReg2: a.reg(8)}
		if d := a.value(7); len(d) == 4 {
			b.Shift = uint32(d[0]) | uint32(d[1])<<8
		}
		return b
	},
	"byteorder": func(a attrs) bytecode.Expr {
		return &bytecode.Byteorder{SReg: a.reg(1), DReg: a.reg(2), Op: bytecode.ByteorderOp(a.num(3)), Len: a.u32(4), Size: a.u32(5)}
	},
	"cmp": func(a attrs) bytecode.Expr {
		return &bytecode.Cmp{SReg: a.reg(1), Op: bytecode.CmpOp(a.num(2)), Data: a.value(3)}
	},
	"range": func(a attrs) bytecode.Expr {
		return &bytecode.Range{SReg: a.reg(1), Op: bytecode.CmpOp(a.num(2)), From: a.value(3), To: a.value(4)}
	},
	"lookup": func(a attrs) bytecode.Expr {
		return &bytecode.Lookup{Set: a.str(1), SReg: a.reg(2), DReg: a.reg(3), HasDReg: a.has(3), Invert: a.num(5)&1 != 0}
	},
	"meta": func(a attrs) bytecode.Expr {
		if a.has(3) {
			return &bytecode.MetaSet{Key: bytecode.MetaKey(a.num(2)), SReg: a.reg(3)}
		}
		return &bytecode.Meta{Key: bytecode.MetaKey(a.num(2)), DReg: a.reg(1)}
	},
	"ct": func(a attrs) bytecode.Expr {
		dir := bytecode.DirNone
		if a.has(3) {
			dir = int8(a.num(3))
		}
		if a.has(4) {
			return &bytecode.CTSet{Key: bytecode.CTKey(a.num(2)), Dir: dir, SReg: a.reg(4)}
		}
		return &bytecode.CT{Key: bytecode.CTKey(a.num(2)), Dir: dir, DReg: a.reg(1)}
	},
	"exthdr": func(a attrs) bytecode.Expr {
		return &bytecode.Exthdr{DReg: a.reg(1), Type: uint8(a.num(2)), Offset: a.u32(3), Len: a.u32(4), Flags: a.u32(5),
			Op: bytecode.ExthdrOp(a.num(6)), SReg: a.reg(7), Reset: !a.has(1) && !a.has(7)}
	},
	"rt":     func(a attrs) bytecode.Expr { return &bytecode.Rt{DReg: a.reg(1), Key: bytecode.RtKey(a.num(2))} },
	"socket": func(a attrs) bytecode.Expr { return &bytecode.Socket{Key: a.u32(1), DReg: a.reg(2), Level: a.u32(3)} },
	"fib":    func(a attrs) bytecode.Expr { return &bytecode.Fib{DReg: a.reg(1), Result: a.u32(2), Flags: a.u32(3)} },
	"numgen": func(a attrs) bytecode.Expr {
		return &bytecode.Numgen{DReg: a.reg(1), Modulus: a.u32(2), Random: a.num(3) == 1, Offset: a.u32(4)}
	},
	"hash": func(a attrs) bytecode.Expr {
		return &bytecode.Hash{SReg: a.reg(1), DReg: a.reg(2), Len: a.u32(3), Modulus: a.u32(4), Seed: a.u32(5), HasSeed: a.has(5),
			Offset: a.u32(6), Symmetric: a.num(7) == 1}
	},
	"osf": func(a attrs) bytecode.Expr {
		return &bytecode.OSF{DReg: a.reg(1), TTL: uint8(a.num(2)), Flags: a.u32(3)}
	},
	"xfrm": func(a attrs) bytecode.Expr {
		return &bytecode.Xfrm{DReg: a.reg(1), Key: a.u32(2), Out: a.num(3) == 1, Spnum: a.u32(4)}
	},
}

// actions are the expressions that act.
var actions = map[string]func(a attrs) bytecode.Expr{
	"limit": func(a attrs) bytecode.Expr {
		return &bytecode.Limit{Rate: a.num(1), Unit: a.num(2), Burst: a.u32(3), Type: bytecode.LimitType(a.num(4)), Over: a.num(5)&1 != 0}
	},
	"connlimit": func(a attrs) bytecode.Expr { return &bytecode.Connlimit{Count: a.u32(1), Over: a.num(2)&1 != 0} },
	"counter":   func(a attrs) bytecode.Expr { return &bytecode.Counter{Bytes: a.num(1), Packets: a.num(2)} },
	"quota": func(a attrs) bytecode.Expr {
		return &bytecode.Quota{Bytes: a.num(1), Over: a.num(2)&1 != 0, Used: a.num(4)}
	},
	"last": func(a attrs) bytecode.Expr { return &bytecode.Last{Set: a.num(1) != 0, Msec: a.num(2)} },
	"log": func(a attrs) bytecode.Expr {
		return &bytecode.Log{Group: uint16(a.num(1)), HasGroup: a.has(1), Prefix: a.str(2), Snaplen: a.u32(3), HasSnaplen: a.num(3) != 0,
			QThreshold: uint16(a.num(4)), HasQThreshold: a.num(4) != 0, Level: a.u32(5), HasLevel: a.has(5), Flags: a.u32(6)}
	},
	"queue": func(a attrs) bytecode.Expr {
		return &bytecode.Queue{Num: uint16(a.num(1)), Total: uint16(a.num(2)), Flags: uint16(a.num(3)), SReg: a.reg(4)}
	},
	"reject": func(a attrs) bytecode.Expr {
		return &bytecode.Reject{Type: bytecode.RejectType(a.num(1)), Code: uint8(a.num(2))}
	},
	"nat": func(a attrs) bytecode.Expr {
		return &bytecode.NAT{Type: bytecode.NATType(a.num(1)), Family: nf.Family(a.num(2)), AddrMin: a.reg(3), AddrMax: a.reg(4),
			ProtoMin: a.reg(5), ProtoMax: a.reg(6), Flags: a.u32(7)}
	},
	"masq": func(a attrs) bytecode.Expr {
		return &bytecode.Masq{Flags: a.u32(1), ProtoMin: a.reg(2), ProtoMax: a.reg(3)}
	},
	"redir": func(a attrs) bytecode.Expr {
		return &bytecode.Redir{Flags: a.u32(3), ProtoMin: a.reg(1), ProtoMax: a.reg(2)}
	},
	"tproxy": func(a attrs) bytecode.Expr {
		return &bytecode.TProxy{Family: nf.Family(a.num(1)), Addr: a.reg(2), Port: a.reg(3)}
	},
	"dup": func(a attrs) bytecode.Expr { return &bytecode.Dup{Addr: a.reg(1), Dev: a.reg(2)} },
	"fwd": func(a attrs) bytecode.Expr {
		return &bytecode.Fwd{Dev: a.reg(1), Addr: a.reg(2), Family: nf.Family(a.num(3))}
	},
	"objref": func(a attrs) bytecode.Expr {
		return &bytecode.Objref{Type: bytecode.ObjectType(a.num(1)), Object: a.str(2), SReg: a.reg(3), Set: a.str(4)}
	},
	"synproxy": func(a attrs) bytecode.Expr {
		return &bytecode.Synproxy{MSS: uint16(a.num(1)), Wscale: uint8(a.num(2)), Flags: a.u32(3)}
	},
	"notrack":      func(attrs) bytecode.Expr { return &bytecode.Notrack{} },
	"flow_offload": func(a attrs) bytecode.Expr { return &bytecode.FlowOffload{Table: a.str(1)} },
}

func readExpr(e attrs) bytecode.Expr {
	name := strings.TrimRight(string(e.get(1)), "\x00")
	if name == "dynset" {
		return readDynset(e.nested(2))
	}
	if f := readers[name]; f != nil {
		return f(e.nested(2))
	}
	if f := actions[name]; f != nil {
		return f(e.nested(2))
	}
	panic("no reader for " + name)
}

func readImmediate(a attrs) bytecode.Expr {
	d := a.nested(2)
	i := &bytecode.Immediate{DReg: a.reg(1), Data: d.get(1)}
	if d.has(2) {
		i.Verdict, i.Chain = nf.Verdict(int32(d.nested(2).u32(1))), d.nested(2).str(2)
	}
	return i
}

func readPayload(a attrs) bytecode.Expr {
	base := bytecode.PayloadBase(a.num(2))
	if a.has(5) {
		return &bytecode.PayloadSet{Base: base, Offset: a.u32(3), Len: a.u32(4), SReg: a.reg(5), ChecksumType: bytecode.ChecksumType(a.num(6)),
			ChecksumOffset: a.u32(7), ChecksumFlags: a.u32(8)}
	}
	return &bytecode.Payload{Base: base, Offset: a.u32(3), Len: a.u32(4), DReg: a.reg(1)}
}

func readObject(m message) *bytecode.Object {
	o := &bytecode.Object{Name: m.str(2), Type: bytecode.ObjectType(m.u32(3)), Handle: m.num(6), Comment: comment(m.get(8), 0)}
	d := m.nested(4)
	switch o.Type {
	case bytecode.ObjectCounter:
		o.Counter = actions["counter"](d).(*bytecode.Counter)
	case bytecode.ObjectQuota:
		o.Quota = actions["quota"](d).(*bytecode.Quota)
	case bytecode.ObjectLimit:
		o.Limit = actions["limit"](d).(*bytecode.Limit)
	case bytecode.ObjectConnlimit:
		o.Connlimit = actions["connlimit"](d).(*bytecode.Connlimit)
	case bytecode.ObjectSynproxy:
		o.Synproxy = actions["synproxy"](d).(*bytecode.Synproxy)
	case bytecode.ObjectCTHelper:
		o.CTHelper = &bytecode.CTHelperObject{Helper: d.str(1), L3Proto: nf.Family(d.num(2)), L4Proto: uint8(d.num(3))}
	case bytecode.ObjectCTExpect:
		o.CTExpect = &bytecode.CTExpectObject{L3Proto: nf.Family(d.num(1)), L4Proto: uint8(d.num(2)), DPort: uint16(d.num(3)),
			Timeout: binary.LittleEndian.Uint32(d.get(4)), Size: uint8(d.num(5))}
	}
	return o
}

func readDynset(a attrs) bytecode.Expr {
	d := &bytecode.Dynset{Set: a.str(1), Op: bytecode.DynsetOp(a.num(3)), SReg: a.reg(4), SRegData: a.reg(5), Timeout: a.num(6)}
	if a.has(7) && !a.has(10) {
		d.Exprs = append(d.Exprs, readExpr(a.nested(7)))
	}
	for _, e := range a.nested(10) {
		d.Exprs = append(d.Exprs, readExpr(parseAttrs(e.data)))
	}
	return d
}
