package lang

import (
	"slices"
	"strings"
)

// headerFields are the fields of each header, in the order in which nft lists
// them as expected.
var headerFields = splitAll(map[string]string{
	"ether":   "saddr daddr type",
	"vlan":    "type id cfi dei pcp",
	"arp":     "saddr daddr htype ptype hlen plen operation",
	"ip":      "saddr daddr version hdrlength dscp ecn length frag-off ttl protocol checksum id",
	"ip6":     "saddr daddr version dscp ecn length flowlabel nexthdr hoplimit",
	"icmp":    "type code checksum id sequence gateway mtu",
	"icmpv6":  "type code checksum id sequence param-problem mtu max-delay taddr daddr parameter-problem",
	"igmp":    "type checksum mrt group",
	"tcp":     "sport dport sequence ackseq doff reserved flags window checksum urgptr",
	"udp":     "length checksum sport dport",
	"udplite": "checksum sport dport csumcov",
	"dccp":    "type sport dport",
	"sctp":    "sport dport vtag checksum",
	"th":      "sport dport",
	"ah":      "nexthdr hdrlength reserved spi sequence",
	"esp":     "sequence spi",
	"comp":    "nexthdr flags cpi",
	"vxlan":   "flags vni",
	"geneve":  "type vni",
	"gre":     "version flags protocol",
	"hbh":     "hdrlength nexthdr",
	"rt":      "type hdrlength nexthdr seg-left",
	"rt0":     "addr",
	"rt2":     "addr",
	"srh":     "flags last-entry tag sid",
	"frag":    "id frag-off nexthdr reserved reserved2 more-fragments",
	"dst":     "hdrlength nexthdr",
	"mh":      "type hdrlength checksum nexthdr reserved",

	"ip option":   "lsrr rr ssrr ra",
	"tcp option":  "echo eol maxseg mss nop noop sack sack0 sack1 sack2 sack3 sack-permitted sack-perm timestamp fastopen mptcp md5sig window",
	"sctp chunk":  "data init init-ack sack heartbeat heartbeat-ack abort shutdown shutdown-ack error cookie-echo cookie-ack ecne cwr shutdown-complete asconf-ack forward-tsn asconf",
	"ct":          "l3proto protocol mark state direction status expiration helper saddr daddr proto-src proto-dst label event secmark id bytes packets avgpkt zone",
	"ct original": "saddr daddr l3proto protocol proto-src proto-dst bytes packets avgpkt zone",
	"ct ip":       "saddr daddr",
})

func splitAll(m map[string]string) map[string][]string {
	out := make(map[string][]string, len(m))
	for k, v := range m {
		out[k] = strings.Fields(v)
	}
	return out
}

// tokenAlias are the keywords that nft calls by another word in messages.
var tokenAlias = map[string]string{"sequence": "seq"}

// fieldOf parses a field of a header, or a key. A misspelled one is reported and
// then read as what it resembles.
func (p *parser) fieldOf(header string) Word {
	list := headerFields[header]
	w := p.word()
	if w != "" && slices.Contains(list, w) {
		return p.takeWord()
	}
	if best := p.repaired(list); best != w {
		f := p.takeWord()
		f.Text = best
		return f
	}
	var names []string
	for _, f := range list {
		if a := tokenAlias[f]; a != "" {
			f = a
		}
		names = append(names, f)
	}
	p.fail(names...)
	return Word{}
}
