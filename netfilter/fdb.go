package netfilter

import "nfvm/nf"

// A forwarding database says behind which port of a bridge a station is: what
// the bridges of the host have learnt from the frames that came by (RFC 4188,
// section 4.4; br_fdb.c). An address is that of one VLAN, 0 without VLANs.
type fdb map[fdbKey]fdbEntry

type fdbKey struct {
	bridge int // ifindex
	vlan   uint16
	mac    [6]byte
}

type fdbEntry struct {
	port int   // ifindex
	seen int64 // nanoseconds since the epoch
	kept bool  // configured, and not forgotten
}

// maxStations bounds what a flood of made-up addresses costs.
const maxStations = 1 << 16

// learn notes that a station is behind a port.
func (f fdb) learn(k fdbKey, port *nf.Link, now int64) {
	e, known := f[k]
	if !known && len(f) >= maxStations {
		f.expire(port.Port.Bridge.Bridge.AgeingTime, now, expireStep)
		if len(f) >= maxStations {
			return
		}
	}
	f[k] = fdbEntry{port.Index, now, e.kept}
}

// find gives the port behind which a station is, 0 if that is unknown.
func (f fdb) find(k fdbKey, ageing, now int64) int {
	e, known := f[k]
	if !known || e.expired(ageing, now) {
		return 0
	}
	return e.port
}

// expireStep is how many stations are looked at for room for a new one, while its
// frame waits.
const expireStep = 64

// expire forgets those of n stations, wherever the map begins, that have expired.
func (f fdb) expire(ageing, now int64, n int) {
	for k, e := range f {
		if n--; n < 0 {
			return
		}
		if e.expired(ageing, now) {
			delete(f, k)
		}
	}
}

func (e fdbEntry) expired(ageing, now int64) bool { return !e.kept && e.seen+ageing <= now }

// know enters what the host's bridges know before the first frame, as if seen at
// that moment.
func (f fdb) know(links []*nf.Link, now int64) {
	for _, l := range links {
		if l.Bridge == nil {
			continue
		}
		for _, s := range l.Bridge.Stations {
			f[fdbKey{l.Index, s.VLAN, s.MAC}] = fdbEntry{s.Port.Index, now, s.Static}
		}
	}
}
