package main

import "net/netip"

// The SYN proxy speaks in the names of both sides. Its segments, and those that it
// passes on, have their sequence numbers and timestamps changed behind the output
// hook.

// inAnothersName reports whether a packet that passed the output hook is a segment
// of the proxy's. own has the host's addresses.
func inAnothersName(p ipPacket, own map[netip.Addr]bool) bool {
	return p.proto == protoTCP && len(own) > 0 && !own[p.src]
}

// proxiedFlows finds the flows of connections that the proxy began.
func proxiedFlows(rec *recording) map[flow]bool {
	flows := map[flow]bool{}
	for _, l := range rec.output {
		if p, ok := parseIP(l.data); ok && inAnothersName(p, rec.own) {
			flows[p.flow()], flows[p.flow().reversed()] = true, true
		}
	}
	return flows
}

// proxiedIdentity is identity for segments of the proxy's: without what changes.
func (p ipPacket) proxiedIdentity() string {
	b := append([]byte(nil), p.raw...)
	if t := b[len(p.raw)-len(p.transport):]; len(t) >= 20 {
		clear(t[4:12])
		clear(t[16:18])
		clear(t[20:min(int(t[12]>>4)*4, len(t))])
	}
	return string(b)
}
