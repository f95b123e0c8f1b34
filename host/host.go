package host

import (
	"net/netip"

	"nfvm/nf"
)

// A Host is one machine as the packet path sees it.
type Host struct {
	links   []*nf.Link
	byName  map[string]*nf.Link
	byIndex map[int]*nf.Link
	conf    map[*nf.Link]*LinkConf

	addrs  []Address
	byLink map[*nf.Link][]Address
	owned  map[netip.Addr]*nf.Link

	tables         map[uint32]*table
	rules4, rules6 []Rule
	// customFIB tells that there are IPv4 rules or local routes besides those
	// that the kernel makes by itself.
	customFIB bool

	neighbours map[*nf.Link]*neighbours
	noLearning bool
	allGroups  bool
	sysctls    map[string]string

	// implicit marks a host that nobody described: it owns no address, and
	// forwards out of the other one of two interfaces.
	implicit bool
}

func newHost() *Host {
	return &Host{
		byName:     map[string]*nf.Link{},
		byIndex:    map[int]*nf.Link{},
		conf:       map[*nf.Link]*LinkConf{},
		byLink:     map[*nf.Link][]Address{},
		owned:      map[netip.Addr]*nf.Link{},
		tables:     map[uint32]*table{},
		neighbours: map[*nf.Link]*neighbours{},
		sysctls:    map[string]string{},
	}
}

// Implicit is the host that is meant when none is described: it forwards, owns
// no address, and sends packets out of the other interface where there are
// exactly two.
func Implicit() *Host {
	h := newHost()
	h.implicit = true
	h.sysctls["net.ipv4.ip_forward"] = "1"
	h.sysctls["net.ipv6.conf.all.forwarding"] = "1"
	h.addLink(loopback())
	h.addRules(&Config{})
	return h
}

// IsImplicit reports whether nobody described this host.
func (h *Host) IsImplicit() bool { return h.implicit }

func loopback() *nf.Link {
	l := nf.NewLink(1, "lo")
	l.Type, l.Ether, l.MTU = nf.ARPHRDLoopback, false, 65536
	return l
}

func (h *Host) addLink(l *nf.Link) {
	h.links = append(h.links, l)
	h.byName[l.Name], h.byIndex[l.Index] = l, l
	h.neighbours[l] = newNeighbours()
	h.conf[l] = h.linkConf(l)
}

// Links lists the host's links by index.
func (h *Host) Links() []*nf.Link { return h.links }

// LinkByName finds a link; nil if there is none.
func (h *Host) LinkByName(name string) *nf.Link { return h.byName[name] }

// LinkByIndex finds a link; nil if there is none.
func (h *Host) LinkByIndex(index int) *nf.Link { return h.byIndex[index] }

// EnsureLink finds the link called name, or adds one with the next free index,
// as for an interface that only the capture knows.
func (h *Host) EnsureLink(name string, ether bool) *nf.Link {
	if l := h.byName[name]; l != nil {
		return l
	}
	next := 1
	for _, l := range h.links {
		next = max(next, l.Index+1)
	}
	l := nf.NewLink(next, name)
	if l.Ether = ether; !ether {
		l.Type = nf.ARPHRDNone
	}
	h.addLink(l)
	return l
}

// Other gives the only link besides in and lo, or nil.
func (h *Host) Other(in *nf.Link) *nf.Link {
	var other *nf.Link
	for _, l := range h.links {
		if l == in || l.Name == "lo" {
			continue
		}
		if other != nil {
			return nil
		}
		other = l
	}
	return other
}

func (h *Host) table(id uint32) *table {
	t := h.tables[id]
	if t == nil {
		t = &table{}
		h.tables[id] = t
	}
	return t
}
