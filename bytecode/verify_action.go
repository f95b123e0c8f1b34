package bytecode

import "nfvm/nf"

func (v *verifier) verdict(code nf.Verdict, chain string) error {
	switch code {
	case nf.Accept, nf.Drop, nf.Continue, nf.Return, nf.Break:
		return nil
	case nf.Jump, nf.Goto:
		return v.target(chain)
	}
	return v.errorf("verdict %s can't be given by a rule", code)
}

// target checks the chain that a verdict names.
func (v *verifier) target(chain string) error {
	c := v.chains[chain]
	switch {
	case c == nil:
		return v.errorf("chain %s does not exist", chain)
	case c.Base != nil:
		return v.errorf("chain %s is a base chain and can't be jumped to", chain)
	}
	return nil
}

// statement checks the expressions that have an effect.
func (v *verifier) statement(e Expr) error {
	switch e := e.(type) {
	case *Limit:
		return v.limit(e)
	case *Quota:
		return v.bounds(e)
	case *Counter, *Last, *Notrack, *OSF, *Synproxy:
		return nil
	case *Connlimit:
		return nil
	case *Log:
		return v.log(e)
	case *Reject:
		return v.reject(e)
	case *NAT:
		// In inet tables a port alone is translated for both families.
		both := e.Family == nf.FamilyInet && e.AddrMin == 0 && e.AddrMax == 0
		if e.Type > DNAT || e.Family != nf.FamilyIPv4 && e.Family != nf.FamilyIPv6 && !both {
			return v.errorf("nat of type %d, family %s", e.Type, e.Family)
		}
		return v.ranges(e.AddrMin, e.AddrMax, e.ProtoMin, e.ProtoMax)
	case *Masq:
		return v.ranges(e.ProtoMin, e.ProtoMax)
	case *Redir:
		return v.ranges(e.ProtoMin, e.ProtoMax)
	case *Numgen:
		return v.modulus("numgen", e.Modulus, e.Offset)
	case *Hash:
		return v.modulus("hash", e.Modulus, e.Offset)
	case *TProxy:
		if e.Addr != 0 && e.Family != nf.FamilyIPv4 && e.Family != nf.FamilyIPv6 {
			return v.errorf("tproxy to an address of family %s", e.Family)
		}
		return nil
	case *Dup:
		if e.Addr == 0 && v.t.Family != nf.FamilyNetdev {
			return v.errorf("dup without an address")
		}
		return nil
	case *Fwd, *Queue:
		return nil
	case *FlowOffload:
		return v.flowtable(e.Table)
	case *Inner:
		return v.inner(e)
	case *XT:
		return v.xt(e)
	}
	return v.errorf("expression %s is unknown", e.Name())
}

func (v *verifier) limit(e *Limit) error {
	if e.Type > LimitBytes {
		return v.errorf("unknown kind of limit %d", e.Type)
	}
	return v.bounds(e)
}

func (v *verifier) bounds(e interface{ Bounds() error }) error {
	if err := e.Bounds(); err != nil {
		return v.errorf("%v", err)
	}
	return nil
}

func (v *verifier) log(e *Log) error {
	switch {
	case len(e.Prefix) > 127:
		return v.errorf("log prefix of %d bytes", len(e.Prefix))
	case e.HasGroup && (e.HasLevel || e.Flags != 0):
		return v.errorf("log to a group has no level or flags")
	case !e.HasGroup && (e.HasSnaplen || e.HasQThreshold):
		return v.errorf("log without a group has no snaplen or queue threshold")
	case e.Level > LogLevelAudit:
		return v.errorf("unknown log level %d", e.Level)
	}
	return nil
}

func (v *verifier) reject(e *Reject) error {
	if e.Type > RejectICMPX || e.Type == RejectICMPX && e.Code > 3 {
		return v.errorf("reject of type %d, code %d", e.Type, e.Code)
	}
	return nil
}

// ranges checks pairs of first and last: a last needs a first.
func (v *verifier) ranges(pairs ...Reg) error {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != 0 && pairs[i] == 0 {
			return v.errorf("range with an end and no start")
		}
	}
	return nil
}

func (v *verifier) modulus(kind string, modulus, offset uint32) error {
	if modulus == 0 {
		return v.errorf("%s modulo 0", kind)
	}
	if offset+modulus-1 < offset {
		return v.errorf("%s results overflow 32 bits", kind)
	}
	return nil
}

func (v *verifier) flowtable(name string) error {
	for _, f := range v.t.Flowtables {
		if f.Name == name {
			return nil
		}
	}
	return v.errorf("flowtable %s does not exist", name)
}

func (v *verifier) inner(e *Inner) error {
	switch e.Expr.(type) {
	case *Payload, *Meta:
		return v.expr(e.Expr)
	}
	return v.errorf("inner expression holds neither payload nor meta")
}
