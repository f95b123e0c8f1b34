package vm

import (
	"nfvm/nf"
	"nfvm/xt"
)

// A physdevMatch compares the ports by which a packet came to a bridge and
// leaves it (xt_physdev.c).
type physdevMatch struct{ xt.Physdev }

func loadPhysdev(_ *loader, info []byte) (xtMatch, error) {
	p := new(physdevMatch)
	return p, xt.Decode(info, &p.Physdev)
}

func (p *physdevMatch) match(m *Machine) bool {
	pkt := m.p
	if !pkt.Bridged { // then only what is negated is true
		return p.Options&^p.Invert == 0
	}
	known := func(option uint8, port *nf.Link) bool {
		return p.Options&option == 0 || (port != nil) == (p.Invert&option == 0)
	}
	if !known(xt.PhysdevBridged, pkt.PhysOut) || !known(xt.PhysdevIsIn, pkt.PhysIn) || !known(xt.PhysdevIsOut, pkt.PhysOut) {
		return false
	}
	if p.Options&xt.PhysdevIn != 0 && pkt.PhysIn != nil && sameName(pkt.PhysIn, &p.In, &p.InMask) != (p.Invert&xt.PhysdevIn == 0) {
		return false
	}
	return p.Options&xt.PhysdevOut == 0 || pkt.PhysOut != nil && sameName(pkt.PhysOut, &p.Out, &p.OutMask) == (p.Invert&xt.PhysdevOut == 0)
}

// sameName reports whether a link has a name, as far as the mask reaches.
func sameName(l *nf.Link, name, mask *[nf.IfNameSize]byte) bool {
	var own [nf.IfNameSize]byte
	copy(own[:], l.Name)
	for i := range own {
		if (own[i]^name[i])&mask[i] != 0 {
			return false
		}
	}
	return true
}
