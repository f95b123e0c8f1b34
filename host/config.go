package host

import (
	"fmt"
	"net/netip"
	"strings"

	"nfvm/nf"
)

// A Config describes a machine: what iproute2's JSON (ParseConfig) or the
// kernel itself (package rtnetlink) says about it. Addresses and next hops
// point to the links listed. New keeps what a Config holds, so it is not to be
// changed afterwards.
type Config struct {
	Links     []*nf.Link
	Addresses []Address // by link, and within one in the kernel's order
	// Routes are those of all tables, local included; of the same prefix, TOS
	// and metric the first listed wins.
	Routes []Route
	// Rules4 and Rules6 are the routing rules; nil stands for those that every
	// kernel starts with, while an empty list means that there are none.
	Rules4, Rules6 []Rule
	Neighbours     []Neighbour
	Sysctls        map[string]string // by dotted name
	// NoLearning keeps the host from learning neighbours from frames: another
	// source, such as the kernel, keeps the table.
	NoLearning bool
	// AllGroups lets the host take packets to any multicast group: what programs
	// have joined is theirs to know.
	AllGroups bool
	// Remarks say what of the machine the model leaves out, for people to read.
	Remarks []string
}

// A Neighbour is an entry of the neighbour table with a known link-layer
// address.
type Neighbour struct {
	Link *nf.Link
	Addr netip.Addr
	MAC  [6]byte
}

// New makes the host that c describes. It fails when a link has no name or
// index of its own, or when something refers to a link that is not listed.
func New(c Config) (*Host, error) {
	h := newHost()
	h.noLearning, h.allGroups = c.NoLearning, c.AllGroups
	for k, v := range c.Sysctls {
		h.sysctls[strings.ReplaceAll(k, "/", ".")] = strings.TrimSpace(v)
	}
	for _, l := range c.Links {
		if l.Name == "" || len(l.Name) >= nf.IfNameSize {
			return nil, fmt.Errorf("interface name %q is empty or longer than 15 bytes", l.Name)
		}
		if l.Index <= 0 || h.byIndex[l.Index] != nil || h.byName[l.Name] != nil {
			return nil, fmt.Errorf("interface %q has no ifindex of its own", l.Name)
		}
		h.addLink(l)
	}
	if err := h.addAddresses(c.Addresses); err != nil {
		return nil, err
	}
	if err := h.addRoutes(c.Routes); err != nil {
		return nil, err
	}
	h.addRules(&c)
	for _, n := range c.Neighbours {
		if !h.has(n.Link) {
			return nil, fmt.Errorf("neighbour %s is on no interface of the host", n.Addr)
		}
		h.neighbours[n.Link].set(n.Addr, n.MAC)
	}
	return h, nil
}

// has reports whether l is one of the host's links.
func (h *Host) has(l *nf.Link) bool { return l != nil && h.byIndex[l.Index] == l }

func (h *Host) addAddresses(list []Address) error {
	h.addrs = list
	for _, a := range list {
		if !h.has(a.Link) {
			return fmt.Errorf("address %s is on no interface of the host", a.Local)
		}
		h.byLink[a.Link] = append(h.byLink[a.Link], a)
		h.owned[a.Local] = a.Link
	}
	return nil
}

func (h *Host) addRoutes(list []Route) error {
	for i := range list {
		r := &list[i]
		for _, hop := range r.Hops {
			if !h.has(hop.Dev) {
				return fmt.Errorf("route to %s leaves by no interface of the host", r.Dst)
			}
		}
		h.table(r.Table).insert(r)
		h.customFIB = h.customFIB || r.Type == Local && r.Dst.Addr().Is4() && !r.Kernel
	}
	return nil
}
