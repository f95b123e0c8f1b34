package bytecode

import "nfvm/nf"

// RegBytes is the size of the data registers together.
const RegBytes = 64

// Offset is the place of a data register in the 64 bytes that all of them
// share; false for the verdict register and for numbers that mean none.
func (r Reg) Offset() (int, bool) {
	switch {
	case r >= Reg1 && r <= Reg4:
		return int(r-Reg1) * 16, true
	case r >= Reg32First && r < Reg32First+RegBytes/4:
		return int(r-Reg32First) * 4, true
	}
	return 0, false
}

// A RegUse is Len bytes from the start of a register.
type RegUse struct {
	Reg Reg
	Len uint32
}

// metaLens are the sizes of the keys that are not 4 bytes long, 0 for others.
var metaLens = [...]uint32{
	MetaProtocol: 2, MetaIifType: 2, MetaOifType: 2, MetaIifName: 16, MetaOifName: 16,
	MetaNFProto: 1, MetaL4Proto: 1, MetaBriIifName: 16, MetaBriOifName: 16, MetaPktType: 1,
	MetaSecpath: 1, MetaIifKind: 16, MetaOifKind: 16, MetaBriIifPVID: 2, MetaBriIifVProto: 2,
	MetaTimeNS: 8, MetaTimeDay: 1, MetaSdifName: 16, MetaNFTrace: 1, MetaBroute: 1, MetaBriIifHWAddr: 6,
}

// Len is the key's size in bytes in a register.
func (k MetaKey) Len() uint32 {
	if n := lenOf(metaLens[:], k); n != 0 {
		return n
	}
	return 4
}

var ctLens = map[CTKey]uint32{
	CTDirection: 1, CTHelper: 16, CTL3Proto: 1, CTProtocol: 1, CTProtoSrc: 2, CTProtoDst: 2,
	CTLabels: 16, CTPkts: 8, CTBytes: 8, CTAvgPkt: 8, CTZone: 2, CTSrcIP6: 16, CTDstIP6: 16,
}

// Len is the key's size in bytes in a register, in a table of family f: src
// and dst are as wide as the family's addresses.
func (k CTKey) Len(f nf.Family) uint32 {
	if k == CTSrc || k == CTDst {
		return addrLen(f)
	}
	if n, ok := ctLens[k]; ok {
		return n
	}
	return 4
}

func addrLen(f nf.Family) uint32 {
	if f == nf.FamilyIPv4 {
		return 4
	}
	return 16
}

var (
	rtLens     = [...]uint32{4, 4, 16, 2, 1}
	fibLens    = [...]uint32{0, 4, 16, 4}
	socketLens = [...]uint32{1, 4, 1, 8}
	xfrmLens   = [...]uint32{0, 4, 16, 4, 16, 4, 4}
)

func lenOf[I ~int | ~uint8 | ~uint32](lens []uint32, i I) uint32 {
	if int(i) < len(lens) {
		return lens[i]
	}
	return 0
}

// Registers gives the data registers that an expression of table t reads and
// those it writes. Of an expression that Verify refuses it may say nothing.
func Registers(t *Table, e Expr) (reads, writes []RegUse) {
	one := func(r Reg, n uint32) []RegUse { return []RegUse{{r, n}} }
	switch e := e.(type) {
	case *Payload:
		return nil, one(e.DReg, e.Len)
	case *PayloadSet:
		return one(e.SReg, e.Len), nil
	case *Meta:
		return nil, one(e.DReg, e.Key.Len())
	case *MetaSet:
		return one(e.SReg, e.Key.Len()), nil
	case *CT:
		return nil, one(e.DReg, e.Key.Len(t.Family))
	case *CTSet:
		return one(e.SReg, e.Key.Len(t.Family)), nil
	case *Cmp:
		return one(e.SReg, uint32(len(e.Data))), nil
	case *Range:
		return one(e.SReg, uint32(len(e.From))), nil
	case *Bitwise:
		reads = one(e.SReg, e.Len)
		if e.SReg2 != 0 {
			reads = append(reads, RegUse{e.SReg2, e.Len})
		}
		return reads, one(e.DReg, e.Len)
	case *Byteorder:
		return one(e.SReg, e.Len), one(e.DReg, e.Len)
	case *Exthdr:
		return exthdrRegisters(e)
	case *Rt:
		return nil, one(e.DReg, lenOf(rtLens[:], e.Key))
	case *Fib:
		return nil, one(e.DReg, lenOf(fibLens[:], e.Result))
	case *Socket:
		return nil, one(e.DReg, lenOf(socketLens[:], e.Key))
	case *Numgen:
		return nil, one(e.DReg, 4)
	case *Hash:
		if !e.Symmetric {
			reads = one(e.SReg, e.Len)
		}
		return reads, one(e.DReg, 4)
	case *OSF:
		return nil, one(e.DReg, 16)
	case *Xfrm:
		return nil, one(e.DReg, lenOf(xfrmLens[:], e.Key))
	case *Inner:
		if e.Expr != nil {
			return Registers(t, e.Expr)
		}
	case *Immediate:
		if e.DReg != RegVerdict {
			return nil, one(e.DReg, uint32(len(e.Data)))
		}
	case *Lookup, *Dynset, *Objref:
		return setRegisters(t, e)
	default:
		return actionRegisters(t, e), nil
	}
	return nil, nil
}

func exthdrRegisters(e *Exthdr) (reads, writes []RegUse) {
	switch {
	case e.Reset:
		return nil, nil
	case e.SReg != 0:
		return []RegUse{{e.SReg, e.Len}}, nil
	case e.Flags&ExthdrPresent != 0:
		return nil, []RegUse{{e.DReg, 1}}
	}
	return nil, []RegUse{{e.DReg, e.Len}}
}

// setRegisters gives the registers of the expressions that use a set.
func setRegisters(t *Table, e Expr) (reads, writes []RegUse) {
	switch e := e.(type) {
	case *Lookup:
		s := t.SetByID(e.SetID)
		if s == nil {
			return nil, nil
		}
		if e.HasDReg && e.DReg != RegVerdict {
			writes = []RegUse{{e.DReg, s.DataLen}}
		}
		return []RegUse{{e.SReg, s.KeyLen}}, writes
	case *Dynset:
		s := t.SetByID(e.SetID)
		if s == nil {
			return nil, nil
		}
		reads = []RegUse{{e.SReg, s.KeyLen}}
		if e.SRegData != 0 {
			reads = append(reads, RegUse{e.SRegData, s.DataLen})
		}
		return reads, nil
	case *Objref:
		if s := t.SetByID(e.SetID); e.Set != "" && s != nil {
			return []RegUse{{e.SReg, s.KeyLen}}, nil
		}
	}
	return nil, nil
}

// actionRegisters gives the registers of statements with optional operands.
func actionRegisters(t *Table, e Expr) (reads []RegUse) {
	add := func(r Reg, n uint32) {
		if r != 0 {
			reads = append(reads, RegUse{r, n})
		}
	}
	switch e := e.(type) {
	case *NAT:
		add(e.AddrMin, addrLen(e.Family))
		add(e.AddrMax, addrLen(e.Family))
		add(e.ProtoMin, 2)
		add(e.ProtoMax, 2)
	case *Masq:
		add(e.ProtoMin, 2)
		add(e.ProtoMax, 2)
	case *Redir:
		add(e.ProtoMin, 2)
		add(e.ProtoMax, 2)
	case *TProxy:
		add(e.Addr, addrLen(e.Family))
		add(e.Port, 2)
	case *Dup:
		add(e.Addr, addrLen(t.Family))
		add(e.Dev, 4)
	case *Fwd:
		add(e.Dev, 4)
		add(e.Addr, addrLen(e.Family))
	case *Queue:
		add(e.SReg, 4)
	}
	return reads
}
