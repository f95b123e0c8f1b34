package vm

import (
	"nfvm/osf"
	"nfvm/xt"
)

// xtOSF matches packets that some fingerprint of a system fits, whatever others
// say of them.
type xtOSF struct {
	genre string
	ttl   osf.TTLCheck
}

func loadOSF(_ *loader, info []byte) (xtMatch, error) {
	var c xt.OSF
	err := xt.Decode(info, &c)
	return &xtOSF{xt.Text(c.Genre[:]), osf.TTLCheck(c.TTL)}, err
}

func (o *xtOSF) match(m *Machine) bool { return m.env.Systems().Any(m.p, o.genre, o.ttl) }
