//go:build linux

package rtnetlink

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"nfvm/host"
	"nfvm/nf"
)

// How often Read looks again when the machine changed under its eyes, and how
// long it waits in between.
const (
	readTries = 10
	readPause = 10 * time.Millisecond
)

// Read describes the machine as it is now. Where it keeps changing, the last
// look counts: it may lack what came and went meanwhile.
func (c *Conn) Read() (host.Config, error) {
	for try := 1; ; try++ {
		r, err := c.read(nil)
		if err != nil || !r.torn || try == readTries {
			return r.Config, err
		}
		time.Sleep(readPause)
	}
}

// A reader puts a Config together from the messages of several dumps.
type reader struct {
	host.Config
	links map[int]*nf.Link
	// known are the links of an earlier look.
	known map[int]*nf.Link
	// torn tells that the dumps are not of one moment.
	torn bool

	nexthops   map[uint32]nexthop // nil: not read yet
	unresolved []routeMsg

	remarks map[string]*remark
}

// read dumps all there is. Links of before that have not changed are taken
// over.
func (c *Conn) read(before []*nf.Link) (*reader, error) {
	r := &reader{links: map[int]*nf.Link{}, known: map[int]*nf.Link{}, remarks: map[string]*remark{}}
	for _, l := range before {
		r.known[l.Index] = l
	}
	r.NoLearning = true // the kernel knows its neighbours
	for _, step := range []func(*Conn) error{r.readLinks, r.readAddresses, r.readRoutes, r.resolveNexthops, r.readRules, r.readNeighbours} {
		if err := step(c); err != nil {
			return r, err
		}
	}
	r.Sysctls = c.settings.Read()
	r.finishRemarks()
	return r, nil
}

func (r *reader) dump(c *Conn, what string, kind int, request []byte, f func([]byte)) (known bool, err error) {
	torn, known, err := c.dump(kind, request, f)
	if err != nil {
		return known, fmt.Errorf("list of %s: %w", what, err)
	}
	r.torn = r.torn || torn
	return known, nil
}

var families = []byte{unix.AF_INET, unix.AF_INET6}

// both dumps the objects of a kind of IPv4 and of IPv6. size is that of the
// request, whose first byte is the family.
func (r *reader) both(c *Conn, what string, kind, size int, f func([]byte)) error {
	for _, family := range families {
		request := make([]byte, size)
		request[0] = family
		if _, err := r.dump(c, what, kind, request, f); err != nil {
			return err
		}
	}
	return nil
}

// skipStats (RTEXT_FILTER_SKIP_STATS) keeps the packet counters out of the list
// of links.
const skipStats = 1 << 3

func (r *reader) readLinks(c *Conn) error {
	request := make([]byte, unix.SizeofIfInfomsg)
	request = append(request, rtAttr(unix.IFLA_EXT_MASK, binary.NativeEndian.AppendUint32(nil, skipStats))...)
	_, err := r.dump(c, "links", unix.RTM_GETLINK, request, r.link)
	return err
}

// readAddresses lists the addresses by link, IPv4 first, as `ip addr` does.
func (r *reader) readAddresses(c *Conn) error {
	err := r.both(c, "addresses", unix.RTM_GETADDR, unix.SizeofIfAddrmsg, r.address)
	place := map[*nf.Link]int{}
	for i, l := range r.Links {
		place[l] = i
	}
	slices.SortStableFunc(r.Addresses, func(a, b host.Address) int { return cmp.Compare(place[a.Link], place[b.Link]) })
	return err
}

func (r *reader) readRoutes(c *Conn) error {
	return r.both(c, "routes", unix.RTM_GETROUTE, unix.SizeofRtMsg, r.route)
}

func (r *reader) readNeighbours(c *Conn) error {
	return r.both(c, "neighbours", unix.RTM_GETNEIGH, sizeofNdMsg, r.neighbour)
}

// readRules lists the rules. A kernel without policy routing, or without IPv6,
// acts by those that every other one starts with.
func (r *reader) readRules(c *Conn) error {
	for i, dst := range []*[]host.Rule{&r.Rules4, &r.Rules6} {
		request := make([]byte, sizeofRuleHdr)
		request[0] = families[i]
		rules := []host.Rule{}
		known, err := r.dump(c, "routing rules", unix.RTM_GETRULE, request, func(b []byte) {
			if rule, ok := r.rule(b); ok {
				rules = append(rules, rule)
			}
		})
		if err != nil {
			return err
		}
		if known {
			*dst = rules
		}
	}
	return nil
}

// byIndex finds a link; one that came after the links were listed makes the
// whole look worthless.
func (r *reader) byIndex(index uint32) *nf.Link {
	l := r.links[int(index)]
	r.torn = r.torn || l == nil && index != 0
	return l
}
