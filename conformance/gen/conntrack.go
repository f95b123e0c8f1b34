package gen

import "fmt"

// tracking draws a statement about connection tracking. Zones count only where
// the chain comes before it; elsewhere they must do nothing.
func (p *place) tracking(r source) string {
	zone := fmt.Sprint("zone set ", 1+r.IntN(3))
	return pick(r, "ct "+zone, "ct "+zone, "ct original "+zone, "ct reply "+zone, "notrack",
		"ct label set "+r.label(), "ct label set "+r.label(),
		"ct event set "+pick(r, "new", "new,reply", "assured,destroy", "mark,label", "protoinfo"))
}

func (r source) label() string { return pick(r, "0", "3", "31", "32", "127") }

// connection draws a match of what is rarer in a connection than its state.
func (p *place) connection(r source) string {
	dir := pick(r, "original ", "reply ")
	return pick(r, "ct zone "+pick(r, "0", "1", "2"), "ct "+dir+"zone "+pick(r, "0", "1", "2"), "ct label "+r.label(),
		"ct "+pick(r, "", dir)+"packets "+pick(r, "1", "2", "> 2", "< 5"), "ct "+pick(r, "", dir)+"bytes "+pick(r, "< 100", "> 100"),
		"ct avgpkt "+pick(r, "28", "> 40"), "ct protocol "+pick(r, "tcp", "udp", "132"), "ct l3proto "+pick(r, "ipv4", "ipv6"),
		"ct expiration "+pick(r, "> 20s", "< 1m", "> 5m"), "ct status "+pick(r, "0x80", "0x100", "0x188", "0x8"))
}

// settings draws sysctls of connection tracking, as lines of a host.
func settings(r source) string {
	out := ""
	for _, s := range []struct {
		name    string
		percent int
		values  []string
	}{
		{"acct", 15, []string{"1"}},
		{"checksum", 6, []string{"0"}},
		{"tcp_loose", 8, []string{"0"}},
		{"tcp_be_liberal", 8, []string{"1"}},
		{"tcp_ignore_invalid_rst", 6, []string{"1"}},
		{"tcp_max_retrans", 6, []string{"0", "1"}},
		{"events", 4, []string{"0", "1"}},
		{"tcp_timeout_established", 5, []string{"100"}},
		{"tcp_timeout_unacknowledged", 5, []string{"50"}},
		{"udp_timeout", 5, []string{"77"}},
	} {
		if r.chance(s.percent) {
			out += "\nsysctl net.netfilter.nf_conntrack_" + s.name + "=" + pick(r, s.values...)
		}
	}
	return out
}

// Chunks of SCTP (RFC 9260), without INIT and INIT ACK.
var sctpChunks = []string{
	"0x0a00000861626364", "0x0b000004", "0x0000001400000001000000000000000061626364", "0x03000010000000000000000000000000",
	"0x0400000861626364", "0x0500000861626364", "0x06000004", "0x06010004", "0x0700000800000000", "0x08000004", "0x0e000004", "0x0e010004", "0x09000004",
}

// association draws the chunks and the tag of an SCTP packet that mostly
// continues the association; the sides' tags are 100 and 200.
func (f *flow) association(r source, reply bool) string {
	mine, peer := 100, 200
	if reply {
		mine, peer = peer, mine
	}
	initial := func(kind, tag int) string { return fmt.Sprintf("0x%02x000014%08x0000ffff00010001000000ff", kind, tag) }
	var chunk string
	switch {
	case f.sent == 1 && r.chance(80):
		chunk, peer = initial(1, mine), 0
	case f.sent == 2 && reply && r.chance(85):
		chunk = initial(2, mine)
	case f.sent == 3 && !reply && r.chance(70):
		chunk = sctpChunks[0]
	case f.sent == 4 && reply && r.chance(70):
		chunk = sctpChunks[1]
	case r.chance(10):
		chunk, peer = initial(1+r.IntN(2), mine), pick(r, 0, peer)
	default:
		chunk = pick(r, sctpChunks...)
	}
	return fmt.Sprintf("vtag %d data %s", pick(r, peer, peer, peer, peer, peer, peer, peer, mine, 0), chunk)
}
