package netfilter

import (
	"fmt"

	"nfvm/bytecode"
	"nfvm/nf"
)

// unsupported finds the first base chain on a hook that this path does not
// have, so that nobody takes rules that never run for a firewall.
func unsupported(p *bytecode.Program) error {
	for _, t := range p.Tables {
		for _, c := range t.Chains {
			if c.Base == nil || t.Dormant {
				continue
			}
			ip := t.Family == nf.FamilyIPv4 || t.Family == nf.FamilyIPv6 || t.Family == nf.FamilyInet
			if ip || t.Family == nf.FamilyNetdev {
				continue
			}
			return &bytecode.VerifyError{
				File: fileOf(p, c.Pos), Pos: c.Pos, Table: t.Family.String() + " " + t.Name, Chain: c.Name,
				Msg: fmt.Sprintf("packets are not filtered at the %s hook of the %s family in this version", c.Base.Hook, t.Family),
			}
		}
	}
	return nil
}

func fileOf(p *bytecode.Program, pos bytecode.Pos) string {
	if int(pos.File) < len(p.Files) {
		return p.Files[pos.File]
	}
	return ""
}
