package vm

import (
	"strings"

	"nfvm/nf"
	"nfvm/xt"
)

// xtState is conntrack --ctstate where the list holds states and translations:
// one of the list is enough.
type xtState struct {
	states uint32 // as `ct state` has them
	status nf.CTStatus
	invert bool
}

func loadConntrack(_ *loader, info []byte) (xtMatch, error) {
	var c xt.Conntrack
	if err := xt.Decode(info, &c); err != nil {
		return nil, err
	}
	s := &xtState{states: uint32(c.StateMask) & 0xf, invert: c.InvertFlags&xt.ConntrackState != 0}
	if c.StateMask&xt.StateUntracked != 0 {
		s.states |= nf.CTStateUntracked
	}
	if c.StateMask&xt.StateSNAT != 0 {
		s.status |= nf.CTStatusSrcNAT
	}
	if c.StateMask&xt.StateDNAT != 0 {
		s.status |= nf.CTStatusDstNAT
	}
	return s, nil
}

func (s *xtState) match(m *Machine) bool {
	found := m.state()&s.states != 0
	if e := m.entry(); e != nil {
		found = found || e.Status&s.status != 0
	}
	return found != s.invert
}

// xtHelper is the helper of the connection's master: one of a name, or any
// without. What has no master, or one without a helper, has only what is negated.
type xtHelper struct {
	name   string
	invert bool
}

func loadHelper(_ *loader, info []byte) (xtMatch, error) {
	var h xt.Helper
	err := xt.Decode(info, &h)
	return &xtHelper{xt.Text(h.Name[:]), h.Invert != 0}, err
}

func (h *xtHelper) match(m *Machine) bool {
	e := m.entry()
	if e == nil || e.Master == 0 {
		return h.invert
	}
	t := m.env.Conntrack()
	master := t.Entry(e.Master)
	if master == nil || master.Helper == 0 {
		return h.invert
	}
	// The name given may go on after the helper's.
	return (h.name == "" || strings.HasPrefix(h.name, t.HelperName(master.Helper))) != h.invert
}

// xtCT is the target CT: what the connection that the packet begins shall have.
type xtCT struct {
	zone    uint16
	dir     int8
	mark    bool // the zone is the packet's mark
	notrack bool
	helper  string
}

func loadCT(_ *loader, info []byte) (xtTarget, error) {
	var c xt.CT
	if err := xt.Decode(info, &c); err != nil {
		return nil, err
	}
	t := &xtCT{zone: c.Zone, notrack: c.Flags&xt.CTNotrack != 0, mark: c.Flags&xt.CTZoneMark != 0, dir: -1, helper: xt.Text(c.Helper[:])}
	switch {
	case c.Flags&xt.CTZoneOrig != 0:
		t.dir = int8(nf.DirOriginal)
	case c.Flags&xt.CTZoneRepl != 0:
		t.dir = int8(nf.DirReply)
	}
	return t, nil
}

// target gives the packet the template that it is tracked by. One that is
// tracked already, or not to be, or has a template, keeps what it has; so does an
// answer to a packet that is not tracked.
func (t *xtCT) target(m *Machine) nf.Verdict {
	p := m.p
	if p.CT != 0 || p.ZoneDir != 0 || p.CTInfo != 0 {
		return nf.Continue
	}
	if t.notrack {
		m.notrack()
		return nf.Continue
	}
	zone := t.zone
	if t.mark {
		zone = uint16(p.Mark)
	}
	m.setZone(zone, t.dir)
	if t.helper != "" {
		p.Helper, _ = m.env.Conntrack().RegisterHelper(t.helper)
	}
	return nf.Continue
}
