package packet

import "fmt"

// A Reason tells why the IP layer drops a packet before any hook sees it
// (the kernel's enum skb_drop_reason). The zero Reason is none: the packet is
// good.
type Reason uint8

const (
	OK               Reason = iota
	TooShort                // the frame ends within a header, or before the IP length
	BadVersion              // the version field contradicts the link-layer type
	BadHeaderLength         // IHL below 5, or longer than the total length
	BadChecksum             // the IPv4 header checksum is wrong
	BadAddress              // an address that no wire may carry (::1, multicast source, …)
	BadHopOption            // IPv6 hop-by-hop options do not parse, or ask for a drop
	NotIP                   // the frame carries neither IPv4 nor IPv6
	ParameterProblem        // a hop-by-hop option asks for an ICMPv6 parameter problem
)

var reasonNames = [...]string{
	OK: "ok", TooShort: "packet too short", BadVersion: "wrong IP version",
	BadHeaderLength: "bad IP header length", BadChecksum: "bad IP header checksum",
	BadAddress: "invalid address", BadHopOption: "bad hop-by-hop options",
	NotIP: "not IP", ParameterProblem: "unknown hop-by-hop option",
}

// String says the reason in a few words.
func (r Reason) String() string {
	if int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}
