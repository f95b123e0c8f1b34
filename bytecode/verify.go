package bytecode

import (
	"fmt"
	"strings"

	"nfvm/nf"
)

// MaxDepth is the number of chains that a packet may be inside of, the base
// chain included.
const MaxDepth = 16

// A VerifyError says why a program can't be loaded, and where.
type VerifyError struct {
	File         string // name of the source file, if known
	Pos          Pos
	Table, Chain string // "inet filter", "input"; empty where not inside one
	Rule         int    // position of the rule in its chain, from 1; 0: none
	Msg          string
}

// Error is "file:line:col-col: table inet filter, chain input, rule 3: message"
// as far as the parts are known.
func (e *VerifyError) Error() string {
	var b strings.Builder
	if e.File != "" && e.Pos.Line != 0 {
		fmt.Fprintf(&b, "%s:%d:%d-%d: ", e.File, e.Pos.Line, e.Pos.Col, e.Pos.EndCol)
	}
	if e.Table != "" {
		fmt.Fprintf(&b, "table %s", e.Table)
		b.WriteString(when(e.Chain != "", ", chain %s", e.Chain))
		b.WriteString(when(e.Rule != 0, ", rule %d", e.Rule))
		b.WriteString(": ")
	}
	b.WriteString(e.Msg)
	return b.String()
}

// Verify checks what the kernel checks when it loads a ruleset: registers and
// lengths, references to sets, objects and chains, depth of jumps, and which
// statements may be reached from which hooks. The error is a *VerifyError.
func Verify(p *Program) error {
	v := &verifier{p: p}
	tables := make(map[string]bool)
	for _, t := range p.Tables {
		v.enter(t)
		if tables[v.name] {
			return v.errorf("the table occurs twice")
		}
		tables[v.name] = true
		if err := v.table(); err != nil {
			return err
		}
	}
	return nil
}

// A verifier knows where it is; its methods give the first error.
type verifier struct {
	p     *Program
	t     *Table
	name  string // of the table, with its family
	chain *Chain
	rule  int
	pos   Pos

	chains  map[string]*Chain
	targets map[*Set][]string // distinct jump targets of verdict maps
	reached map[*Chain]Places
}

func (v *verifier) enter(t *Table) {
	*v = verifier{p: v.p, t: t, name: t.Family.String() + " " + t.Name, pos: t.Pos,
		chains: make(map[string]*Chain), targets: make(map[*Set][]string), reached: make(map[*Chain]Places)}
}

func (v *verifier) errorf(format string, a ...any) error {
	e := &VerifyError{Pos: v.pos, Table: v.name, Rule: v.rule, Msg: fmt.Sprintf(format, a...)}
	if v.chain != nil {
		e.Chain = v.chain.Name
	}
	if int64(v.pos.File) < int64(len(v.p.Files)) {
		e.File = v.p.Files[v.pos.File]
	}
	return e
}

var families = map[nf.Family]bool{
	nf.FamilyInet: true, nf.FamilyIPv4: true, nf.FamilyIPv6: true,
	nf.FamilyARP: true, nf.FamilyBridge: true, nf.FamilyNetdev: true,
}

func (v *verifier) table() error {
	if !families[v.t.Family] {
		return v.errorf("unknown family")
	}
	for _, c := range v.t.Chains {
		v.chain, v.pos = c, c.Pos
		if v.chains[c.Name] != nil {
			return v.errorf("the chain occurs twice")
		}
		v.chains[c.Name] = c
	}
	v.chain = nil
	if err := first(v.t.Objects, v.object); err != nil {
		return err
	}
	if err := first(v.t.Sets, v.set); err != nil {
		return err
	}
	if err := first(v.t.Chains, v.chainBody); err != nil {
		return err
	}
	if err := v.depths(); err != nil {
		return err
	}
	if err := v.work(); err != nil {
		return err
	}
	return v.hooks()
}

// first applies check to each item until one fails.
func first[T any](items []T, check func(T) error) error {
	for _, x := range items {
		if err := check(x); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) chainBody(c *Chain) error {
	v.chain, v.rule, v.pos = c, 0, c.Pos
	if c.Base != nil {
		if err := v.base(c.Base); err != nil {
			return err
		}
	}
	for i, r := range c.Rules {
		v.rule, v.pos = i+1, r.Pos
		if err := v.ruleBody(r); err != nil {
			return err
		}
	}
	v.rule, v.pos = 0, c.Pos
	return v.dispatches(c)
}

func (v *verifier) base(b *BaseChain) error {
	f := v.t.Family
	switch {
	case !nf.HasHook(f, b.Hook):
		return v.errorf("family %s has no hook %s", f, b.Hook)
	case b.Policy != nf.Accept && b.Policy != nf.Drop:
		return v.errorf("policy %s is neither accept nor drop", b.Policy)
	}
	ip := f == nf.FamilyIPv4 || f == nf.FamilyIPv6 || f == nf.FamilyInet
	switch b.Type {
	case nf.ChainTypeFilter:
		return nil
	case nf.ChainTypeNAT:
		if !ip || b.Hook == nf.HookForward || b.Hook > nf.HookPostrouting {
			return v.errorf("chain type nat is not supported at hook %s of family %s", b.Hook, f)
		}
		if b.Priority <= nf.PriorityConntrack {
			return v.errorf("chain type nat needs a priority above %d", nf.PriorityConntrack)
		}
		return nil
	case nf.ChainTypeRoute:
		if !ip || b.Hook != nf.HookOutput {
			return v.errorf("chain type route is not supported at hook %s of family %s", b.Hook, f)
		}
		return nil
	}
	return v.errorf("unknown chain type %d", b.Type)
}

// ruleBody checks a rule's expressions by themselves, and that they only read
// registers that the rule has written.
func (v *verifier) ruleBody(r *Rule) error {
	if len(r.ExprPos) != 0 && len(r.ExprPos) != len(r.Exprs) {
		return v.errorf("the rule has %d expressions and %d positions", len(r.Exprs), len(r.ExprPos))
	}
	if err := v.skips(r); err != nil {
		return err
	}
	var written uint16 // a bit for each 4-byte register
	for i, e := range r.Exprs {
		if len(r.ExprPos) != 0 {
			v.pos = r.ExprPos[i]
		}
		if e == nil {
			return v.errorf("expression %d is missing", i+1)
		}
		if err := v.expr(e); err != nil {
			return err
		}
		reads, writes := Registers(v.t, e)
		for _, u := range reads {
			mask, err := v.registers(u)
			if err != nil {
				return err
			}
			if mask&^written != 0 {
				return v.errorf("%s reads register %d, which the rule has not written", e.Name(), u.Reg)
			}
		}
		for _, u := range writes {
			mask, err := v.registers(u)
			if err != nil {
				return err
			}
			written |= mask
		}
	}
	return nil
}

// registers gives the 4-byte registers of a use as bits.
func (v *verifier) registers(u RegUse) (uint16, error) {
	at, ok := u.Reg.Offset()
	switch {
	case !ok:
		return 0, v.errorf("register %d does not exist", u.Reg)
	case u.Len == 0:
		return 0, v.errorf("use of 0 bytes of register %d", u.Reg)
	case uint64(at)+uint64(u.Len) > RegBytes:
		return 0, v.errorf("%d bytes from register %d reach beyond the last register", u.Len, u.Reg)
	}
	words := (u.Len + 3) / 4
	return uint16((uint32(1)<<words - 1) << (at / 4)), nil
}
