//go:build linux

package rtnetlink

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"nfvm/host"
)

// sizeofNdMsg is the size of struct ndmsg: family, 3 bytes of padding, the
// link's index, state (2 bytes), flags, type.
const sizeofNdMsg = 12

// usable are the states of a neighbour whose link-layer address serves.
const usable = unix.NUD_REACHABLE | unix.NUD_STALE | unix.NUD_DELAY | unix.NUD_PROBE | unix.NUD_PERMANENT | unix.NUD_NOARP

// A neighbourMsg is what a message says of a neighbour.
type neighbourMsg struct {
	neighbourKey
	state uint16
	mac   [6]byte
	ether bool // there is a link-layer address, of six bytes
}

type neighbourKey struct {
	index int
	addr  netip.Addr
}

func (m *neighbourMsg) usable() bool { return m.state&usable != 0 && m.ether }

// parseNeighbour reads a neighbour; not those that the host answers for
// (proxies), and not a bridge's table of addresses.
func parseNeighbour(b []byte) (m neighbourMsg, ok bool) {
	if len(b) < sizeofNdMsg || b[0] != unix.AF_INET && b[0] != unix.AF_INET6 || b[10]&unix.NTF_PROXY != 0 {
		return m, false
	}
	m.index, m.state = int(int32(u32(b[4:]))), u16(b[8:])
	for t, v := range below(b, sizeofNdMsg) {
		switch t {
		case unix.NDA_DST:
			m.addr = addr(v)
		case unix.NDA_LLADDR:
			if m.ether = len(v) == 6; m.ether {
				m.mac = [6]byte(v)
			}
		}
	}
	return m, m.addr.IsValid()
}

func (r *reader) neighbour(b []byte) {
	m, ok := parseNeighbour(b)
	if !ok || !m.usable() {
		return
	}
	if l := r.byIndex(uint32(m.index)); l != nil {
		r.Neighbours = append(r.Neighbours, host.Neighbour{Link: l, Addr: m.addr, MAC: m.mac})
	}
}
