package vm

import (
	"fmt"

	"nfvm/nf"
	"nfvm/xt"
)

// xtTTL sets the time to live or hop limit, or moves it within its bounds.
type xtTTL struct{ xt.TTL }

func loadTTL(_ *loader, info []byte) (xtTarget, error) {
	t := &xtTTL{}
	err := xt.Decode(info, &t.TTL)
	if err == nil && t.Mode > xt.TTLDec {
		err = fmt.Errorf("unknown mode %d", t.Mode)
	}
	return t, err
}

func (t *xtTTL) target(m *Machine) nf.Verdict {
	n := int(m.p.TTL())
	switch t.Mode {
	case xt.TTLSet:
		n = int(t.Value)
	case xt.TTLInc:
		n = min(n+int(t.Value), 255)
	case xt.TTLDec:
		n = max(n-int(t.Value), 0)
	}
	m.p.SetTTL(uint8(n))
	return nf.Continue
}

// xtTOS changes bits of the type of service or traffic class.
type xtTOS struct{ xt.TOS }

func loadTOS(_ *loader, info []byte) (xtTarget, error) {
	t := &xtTOS{}
	return t, xt.Decode(info, &t.TOS)
}

func (t *xtTOS) target(m *Machine) nf.Verdict {
	m.p.SetTOS(m.p.TOS()&^t.Mask ^ t.Value)
	return nf.Continue
}
