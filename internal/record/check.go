package main

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// check refuses a recording that can't be explained: frames lost, packets of the
// host that changed or vanished behind the output hook, or forwarded frames
// without the arrival that they came from.
func (rec *recording) check(out *outcome) error {
	return errors.Join(rec.checkCounts(), out.checkOutput(), rec.checkForwarded(), rec.checkTimeouts())
}

// checkTimeouts refuses a table that a moment later would have been another one.
func (rec *recording) checkTimeouts() error {
	var errs []error
	for _, line := range strings.Split(string(rec.texts["kernel-conntrack.txt"]), "\n") {
		f := strings.Fields(line) // l3 name and number, l4 name and number, seconds, ...
		if len(f) > 4 && (f[4] == "0" || f[4] == "1") {
			errs = append(errs, fmt.Errorf("a connection is about to expire, record again: %s", line))
		}
	}
	return errors.Join(errs...)
}

// checkCounts compares the frames seen with the interfaces' own counters.
func (rec *recording) checkCounts() error {
	seen := map[string]linkCount{}
	for _, f := range rec.frames {
		c := seen[f.link]
		if f.out {
			c.tx++
		} else {
			c.rx++
		}
		seen[f.link] = c
	}
	var errs []error
	for name, want := range rec.links {
		if rec.bridges.bridge[name] { // counts what its input hook drops, too
			want.rx = min(want.rx, seen[name].rx)
		}
		if seen[name] != want {
			errs = append(errs, fmt.Errorf("%s: saw %+v frames, the interface counted %+v", name, seen[name], want))
		}
	}
	return errors.Join(errs...)
}

// checkOutput wants every packet of the output hook to have left unchanged; those
// cut into fragments are exempt.
func (out *outcome) checkOutput() error {
	var errs []error
	for id := range out.left {
		p, _ := parseIP([]byte(id))
		if len(p.raw) <= 1500 {
			errs = append(errs, fmt.Errorf("a packet of the host did not leave as it was sent: %v, %d bytes", p.flow(), len(p.raw)))
		}
	}
	return errors.Join(errs...)
}

// arrivalKey is what NAT and routing leave alone (they change addresses, ports,
// the TTL by one, and checksums).
type arrivalKey struct {
	v6         bool
	proto, ttl byte
	id         uint32
	size       int
	tail       string // the transport part behind ports and checksum
}

func keyOf(p ipPacket, ttl byte) arrivalKey {
	k := arrivalKey{v6: p.src.Is6(), proto: p.proto, ttl: ttl, id: p.id}
	if p.fragment { // may have been cut anew
		if k.v6 {
			k.id = 0 // a router that reassembles gives IPv6 fragments a new one
		}
		return k
	}
	k.size = len(p.raw)
	skip := map[byte]int{protoTCP: 18, protoUDP: 8}[p.proto]
	if _, isError := p.quoted(); isError {
		skip = len(p.transport) // the quotation is translated too
	} else if p.proto == protoICMP {
		skip = 6
	}
	k.tail = string(p.transport[min(skip, len(p.transport)):])
	return k
}

// rewritable are the ports of the protocols whose text conntrack's helpers rewrite.
var rewritable = map[uint16]bool{21: true, 5060: true}

// rewrittenKey is keyOf for packets whose text a helper may have changed.
func rewrittenKey(p ipPacket, ttl byte) arrivalKey {
	k := keyOf(p, ttl)
	k.size, k.tail = 0, ""
	return k
}

func mayBeRewritten(p ipPacket) bool {
	s, d := p.ports()
	return rewritable[s] || rewritable[d]
}

// checkForwarded wants each forwarded frame to follow an arrival that it can be.
// A datagram that only became too large for the next link counts by its number.
func (rec *recording) checkForwarded() error {
	o, b := newOrigins(rec), newPassage(rec.bridges)
	proxied := proxiedFlows(rec)
	arrived := map[arrivalKey]bool{}
	cut := map[uint32]bool{} // numbers of datagrams that may leave in pieces
	var errs []error
	for i, f := range rec.frames {
		p, ok := parseFrame(f.data)
		own, _ := b.see(f)
		switch {
		case !ok, own:
		case b.isPort(f.link) && f.out && arrived[keyOf(p, p.ttl)]: // bridged
		case b.isPort(f.link) && f.out && (p.isReset() || p.isError()): // of a reject rule: it leaves by the port, past all hooks
		case !f.out:
			arrived[keyOf(p, p.ttl)] = true
			arrived[rewrittenKey(p, p.ttl)] = true
			cut[p.id] = true
		case o.of(p) != forwarded || arrived[keyOf(p, p.ttl+1)]:
		case p.fragment && cut[p.id], (mayBeRewritten(p) || proxied[p.flow()]) && arrived[rewrittenKey(p, p.ttl+1)]:
		default:
			errs = append(errs, fmt.Errorf("frame %d, %s: no arrival explains %v, %d bytes", i+1, f.link, p.flow(), len(p.raw)))
		}
	}
	return errors.Join(errs...)
}

// linkNames lists the interfaces that carried frames, in order of name.
func (rec *recording) linkNames() []string {
	seen := map[string]bool{}
	var names []string
	for _, f := range rec.frames {
		if !seen[f.link] {
			seen[f.link] = true
			names = append(names, f.link)
		}
	}
	sort.Strings(names)
	return names
}
