package vm

import (
	"nfvm/bytecode"
	"nfvm/osf"
)

// systemName is the length in bytes of the register that takes a system's name,
// with the zero that ends it (NFT_OSF_MAXGENRELEN).
const systemName = 16

// osfVersion asks for the version behind the name (NFT_OSF_F_VERSION).
const osfVersion = 1

// unknownSystem is the name where no fingerprint fits.
var unknownSystem = osf.System{Genre: "unknown"}

// osf loads the name of the system that sent the packet, with a colon and its
// version where that is asked for. It breaks on packets that begin no TCP
// connection over IPv4.
func (m *Machine) osf(in *instr) bool {
	e := in.ref.(*bytecode.OSF)
	sys, seen := m.env.Systems().Find(m.p, osf.TTLCheck(e.TTL))
	if !seen {
		return false
	}
	version := sys != nil && e.Flags&osfVersion != 0
	if sys == nil {
		sys = &unknownSystem
	}
	reg := m.regs[in.dst : in.dst+systemName]
	clear(reg)
	text := reg[:systemName-1]
	n := copy(text, sys.Genre)
	if version {
		n += copy(text[n:], ":")
		copy(text[n:], sys.Version)
	}
	return true
}
