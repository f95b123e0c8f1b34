package ctnetlink

import (
	"strconv"

	"nfvm/nf"
)

// protoNames are the protocols with a name of their own.
var protoNames = map[uint8]string{
	nf.ProtoICMP: "icmp", nf.ProtoTCP: "tcp", nf.ProtoUDP: "udp", nf.ProtoDCCP: "dccp",
	nf.ProtoGRE: "gre", nf.ProtoICMPv6: "icmpv6", nf.ProtoSCTP: "sctp", nf.ProtoUDPLite: "udplite",
}

// TCPStates are the states of a TCP flow by number (enum tcp_conntrack).
var TCPStates = [...]string{
	"NONE", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT",
	"LAST_ACK", "TIME_WAIT", "CLOSE", "SYN_SENT2",
}

// SCTPStates are the states of an SCTP flow by number (enum sctp_conntrack).
var SCTPStates = [...]string{
	"NONE", "CLOSED", "COOKIE_WAIT", "COOKIE_ECHOED", "ESTABLISHED",
	"SHUTDOWN_SENT", "SHUTDOWN_RECD", "SHUTDOWN_ACK_SENT", "HEARTBEAT_SENT",
}

// ProtoName is the name of a protocol, or its number.
func ProtoName(number uint8) string {
	if name := protoNames[number]; name != "" {
		return name
	}
	return strconv.Itoa(int(number))
}

// protoName is the name of a protocol in listings.
func protoName(number uint8) string {
	if name := protoNames[number]; name != "" {
		return name
	}
	return "unknown"
}

// familyName is the name of an address family in listings.
func familyName(number uint8) string {
	switch nf.Family(number) {
	case nf.FamilyIPv4:
		return "ipv4"
	case nf.FamilyIPv6:
		return "ipv6"
	}
	return "unknown"
}

// StateName is the name of the flow's state, "" for a protocol without states.
func StateName(l4, state uint8) string {
	switch {
	case l4 == nf.ProtoTCP && int(state) < len(TCPStates):
		return TCPStates[state]
	case l4 == nf.ProtoSCTP && int(state) < len(SCTPStates):
		return SCTPStates[state]
	case l4 == nf.ProtoTCP || l4 == nf.ProtoSCTP:
		return "NONE"
	}
	return ""
}

// Ported tells that a protocol has ports.
func Ported(l4 uint8) bool {
	switch l4 {
	case nf.ProtoTCP, nf.ProtoUDP, nf.ProtoUDPLite, nf.ProtoSCTP, nf.ProtoDCCP:
		return true
	}
	return false
}
