package netfilter

import (
	"nfvm/bytecode"
	"nfvm/host"
	"nfvm/nf"
)

// Unbridged finds the first base chain of the bridge family, if no link of the
// host is a port of a bridge: such chains see no packet, and nobody should take
// them for a firewall. It is a *bytecode.VerifyError.
func Unbridged(p *bytecode.Program, h *host.Host) error {
	for _, l := range h.Links() {
		if l.Port != nil {
			return nil
		}
	}
	for _, t := range p.Tables {
		for _, c := range t.Chains {
			if c.Base == nil || t.Dormant || t.Family != nf.FamilyBridge {
				continue
			}
			return &bytecode.VerifyError{
				File: fileOf(p, c.Pos), Pos: c.Pos, Table: t.Family.String() + " " + t.Name, Chain: c.Name,
				Msg: "no interface of the host is a port of a bridge that nfvm runs: the chain sees no packet",
			}
		}
	}
	return nil
}
