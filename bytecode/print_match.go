package bytecode

import (
	"fmt"
	"strings"
)

func (e *Payload) String() string {
	return fmt.Sprintf("[ payload load %db @ %s header + %d => reg %d ]", e.Len, e.Base, e.Offset, e.DReg)
}

func (e *PayloadSet) String() string {
	return fmt.Sprintf("[ payload write reg %d => %db @ %s header + %d csum_type %d csum_off %d csum_flags 0x%x ]",
		e.SReg, e.Len, e.Base, e.Offset, e.ChecksumType, e.ChecksumOffset, e.ChecksumFlags)
}

func (e *Meta) String() string    { return fmt.Sprintf("[ meta load %s => reg %d ]", e.Key, e.DReg) }
func (e *MetaSet) String() string { return fmt.Sprintf("[ meta set %s with reg %d ]", e.Key, e.SReg) }

func ctDir(dir int8) string {
	names := [...]string{"original", "reply"}
	if dir < 0 || int(dir) >= len(names) {
		return ""
	}
	return ", dir " + names[dir]
}

func (e *CT) String() string {
	return line(fmt.Sprintf("ct load %s => reg %d", e.Key, e.DReg), ctDir(e.Dir))
}

func (e *CTSet) String() string {
	return line(fmt.Sprintf("ct set %s with reg %d", e.Key, e.SReg), ctDir(e.Dir))
}

func (e *Cmp) String() string {
	return line(fmt.Sprintf("cmp %s reg %d", e.Op, e.SReg), dataWords(e.Data))
}

func (e *Range) String() string {
	return line(fmt.Sprintf("range %s reg %d", e.Op, e.SReg), dataWords(e.From), dataWords(e.To))
}

func (e *Bitwise) String() string {
	switch e.Op {
	case BitwiseMaskXor:
		return fmt.Sprintf("[ bitwise reg %d = ( reg %d & %s) ^ %s]", e.DReg, e.SReg, dataWords(e.Mask), dataWords(e.Xor))
	case BitwiseLshift, BitwiseRshift:
		return fmt.Sprintf("[ bitwise reg %d = ( reg %d %s 0x%08x ) ]", e.DReg, e.SReg, e.Op, e.Shift)
	}
	if e.SReg2 != 0 {
		return fmt.Sprintf("[ bitwise reg %d = ( reg %d %s reg %d ) ]", e.DReg, e.SReg, e.Op, e.SReg2)
	}
	return fmt.Sprintf("[ bitwise reg %d = ( reg %d %s %s) ]", e.DReg, e.SReg, e.Op, dataWords(e.Data))
}

func (e *Byteorder) String() string {
	return fmt.Sprintf("[ byteorder reg %d = %s(reg %d, %d, %d) ]", e.DReg, e.Op, e.SReg, e.Size, e.Len)
}

func (e *Lookup) String() string {
	return line(fmt.Sprintf("lookup reg %d set %s", e.SReg, listedName(e.Set)),
		when(e.HasDReg, "dreg %d", e.DReg), when(e.Invert, "0x1"))
}

func (e *Exthdr) String() string {
	if e.Reset {
		return fmt.Sprintf("[ exthdr reset %s %d ]", e.Op, e.Type)
	}
	at := fmt.Sprintf("%db @ %d + %d", e.Len, e.Type, e.Offset)
	if e.SReg != 0 {
		return line("exthdr write", e.Op.String(), fmt.Sprintf("reg %d =>", e.SReg), at)
	}
	return line("exthdr load", e.Op.String(), at, when(e.Flags&ExthdrPresent != 0, "present"), fmt.Sprintf("=> reg %d", e.DReg))
}

func (e *Rt) String() string { return fmt.Sprintf("[ rt load %s => reg %d ]", e.Key, e.DReg) }

func (e *Fib) String() string {
	var keys []string
	for i, name := range []string{"saddr", "daddr", "mark", "iif", "oif"} {
		if e.Flags&(1<<i) != 0 {
			keys = append(keys, name)
		}
	}
	return line("fib", strings.Join(keys, " . "), nameOf(fibResultNames[:], int(e.Result)),
		when(e.Flags&FibPresent != 0, "present"), fmt.Sprintf("=> reg %d", e.DReg))
}

func (e *Socket) String() string {
	return line("socket load", nameOf(socketNames[:], int(e.Key)), fmt.Sprintf("=> reg %d", e.DReg))
}

func (e *Numgen) String() string {
	kind := "inc"
	if e.Random {
		kind = "random"
	}
	return line(fmt.Sprintf("numgen reg %d = %s mod %d", e.DReg, kind, e.Modulus), when(e.Offset != 0, "offset %d", e.Offset))
}

func (e *Hash) String() string {
	call := fmt.Sprintf("jhash(reg %d, %d, 0x%x)", e.SReg, e.Len, e.Seed)
	if e.Symmetric {
		call = "symhash()"
	}
	return line(fmt.Sprintf("hash reg %d = %s %% mod %d", e.DReg, call, e.Modulus), when(e.Offset != 0, "offset %d", e.Offset))
}

func (e *OSF) String() string { return fmt.Sprintf("[ osf dreg %d ]", e.DReg) }

func (e *Xfrm) String() string {
	dir := "in"
	if e.Out {
		dir = "out"
	}
	return fmt.Sprintf("[ xfrm load %s %d %s => reg %d ]", dir, e.Spnum, nameOf(xfrmNames[:], int(e.Key)), e.DReg)
}

func (e *Inner) String() string {
	inner := ""
	if e.Expr != nil {
		inner = e.Expr.String()
	}
	return line(fmt.Sprintf("inner type %d hdrsize %d flags %x", e.Type, e.HdrSize, e.Flags), inner)
}
