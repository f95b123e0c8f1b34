package ct

import "nfvm/nf"

// Bits of a zone's direction mask (NF_CT_ZONE_DIR_ORIG, NF_CT_ZONE_DIR_REPL).
const (
	ZoneOriginal uint8 = 1
	ZoneReply    uint8 = 2
	ZoneBoth     uint8 = 3
)

// A Zone keeps flows with equal tuples apart. Dir says in which directions ID
// holds; in the others the zone is 0.
type Zone struct {
	ID  uint16
	Dir uint8
}

// DefaultZone is the zone of packets to which no rule gave another.
var DefaultZone = Zone{Dir: ZoneBoth}

// In gives the zone's effective number in a direction.
func (z Zone) In(d nf.Dir) uint16 {
	if z.Dir&(1<<d) != 0 {
		return z.ID
	}
	return 0
}

// zoneOf is the zone that rules gave a packet, by the template it carries.
func zoneOf(id uint16, dir uint8) Zone {
	if dir == 0 {
		return DefaultZone
	}
	return Zone{ID: id, Dir: dir}
}
