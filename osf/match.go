package osf

import (
	"encoding/binary"
	"iter"
	"slices"

	"nfvm/nf"
	"nfvm/packet"
)

// A TTLCheck says how the TTL of a packet is compared (`osf ttl`).
type TTLCheck uint8

const (
	// TTLExact wants the initial TTL of the fingerprint.
	TTLExact TTLCheck = iota
	// TTLLoose wants no more than that.
	TTLLoose
	// TTLSkip compares nothing.
	TTLSkip
)

// fits compares a packet's TTL with the initial one.
func (c TTLCheck) fits(ttl, initial uint8) bool {
	switch c {
	case TTLExact:
		return ttl == initial
	case TTLLoose:
		return ttl <= initial
	}
	return true
}

// A segment is what fingerprints are compared with.
type segment struct {
	size, window uint16
	ttl          uint8
	df           bool
	options      []byte
	cut          bool // the options are not all there: no fingerprint fits
}

// read finds what there is to compare in an IPv4 packet that holds a TCP segment
// with SYN.
func read(p *packet.Packet) (s segment, ok bool) {
	ip := p.IP()
	t, ok := p.TCP()
	if !ok || p.Family != nf.FamilyIPv4 || len(ip) < packet.IPv4Size || t.Flags()&nf.TCPSyn == 0 {
		return s, false
	}
	s = segment{size: binary.BigEndian.Uint16(ip[2:]), ttl: ip[8], df: ip[6]&0x40 != 0, window: binary.BigEndian.Uint16(t[14:])}
	if n := t.HeaderLen(); n > packet.TCPSize {
		if s.cut = n > len(t); !s.cut {
			s.options = t[packet.TCPSize:n]
		}
	}
	return s, true
}

// A Database is a list of fingerprints, of which the first that fits counts. The
// zero Database knows no system.
type Database struct {
	list [2][]Fingerprint // without and with DF
}

// Add appends a fingerprint.
func (d *Database) Add(f Fingerprint) {
	i := 0
	if f.DF {
		i = 1
	}
	d.list[i] = append(d.list[i], f)
}

// All gives the fingerprints, those without DF first.
func (d *Database) All() iter.Seq[Fingerprint] {
	return func(yield func(Fingerprint) bool) {
		for _, list := range d.list {
			for _, f := range list {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// Len is the number of fingerprints.
func (d *Database) Len() int {
	if d == nil {
		return 0
	}
	return len(d.list[0]) + len(d.list[1])
}

// Find names the system that sent a packet. Seen tells whether the packet begins
// a TCP connection over IPv4, so that there is something to say; a nil System
// then means that no fingerprint fits.
func (d *Database) Find(p *packet.Packet, c TTLCheck) (sys *System, seen bool) {
	s, ok := read(p)
	if !ok {
		return nil, false
	}
	list := d.of(&s)
	i := slices.IndexFunc(list, func(f Fingerprint) bool { return f.matches(&s, c) })
	if i < 0 {
		return nil, true
	}
	return &list[i].System, true
}

// Any reports whether any fingerprint of a genre fits a packet, whatever others
// do, as the osf match of iptables asks.
func (d *Database) Any(p *packet.Packet, genre string, c TTLCheck) bool {
	s, ok := read(p)
	return ok && slices.ContainsFunc(d.of(&s), func(f Fingerprint) bool {
		return f.Genre == genre && f.matches(&s, c)
	})
}

func (d *Database) of(s *segment) []Fingerprint {
	if d == nil {
		return nil
	}
	if s.df {
		return d.list[1]
	}
	return d.list[0]
}

func (f *Fingerprint) matches(s *segment, c TTLCheck) bool {
	if s.cut || s.size != f.Size || !c.fits(s.ttl, f.TTL) {
		return false
	}
	mss, rest := uint32(0), s.options
	for _, o := range f.Options {
		if len(rest) < int(o.Len) || rest[0] != o.Kind {
			return false
		}
		if o.Kind == optMSS {
			mss = uint32(binary.BigEndian.Uint16(rest[2:]))
		}
		rest = rest[o.Len:]
	}
	return len(rest) == 0 && f.Window.fits(uint32(s.window), mss)
}
