package proto

import "nfvm/datatype"

// tcpOption is a TCP option; offsets count from its kind byte.
func tcpOption(name string, kind uint8, fields ...Field) *Exthdr {
	return &Exthdr{Op: OpTCPOption, Name: name, Type: kind, Fields: append([]Field{number("kind", 0, 8)}, fields...)}
}

func alias(x *Exthdr) *Exthdr {
	x.Alias = true
	return x
}

var optLength = number("length", 8, 8)

// tcpOptions are the TCP options (IANA, TCP parameters).
var tcpOptions = []*Exthdr{
	tcpOption("eol", 0),
	tcpOption("nop", 1),
	alias(tcpOption("noop", 1)),
	tcpOption("maxseg", 2, optLength, number("size", 16, 16)),
	alias(tcpOption("mss", 2, optLength, number("size", 16, 16))),
	tcpOption("window", 3, optLength, number("count", 16, 8)),
	tcpOption("sack-perm", 4, optLength),
	alias(tcpOption("sack-permitted", 4, optLength)),
	tcpOption("sack", 5, optLength, number("left", 16, 32), number("right", 48, 32)),
	alias(tcpOption("sack0", 5, optLength, number("left", 16, 32), number("right", 48, 32))),
	tcpOption("sack1", 5, number("left", 80, 32), number("right", 112, 32)),
	tcpOption("sack2", 5, number("left", 144, 32), number("right", 176, 32)),
	tcpOption("sack3", 5, number("left", 208, 32), number("right", 240, 32)),
	tcpOption("timestamp", 8, optLength, number("tsval", 16, 32), number("tsecr", 48, 32)),
	alias(tcpOption("echo", 8)),
	tcpOption("md5sig", 19, optLength),
	tcpOption("mptcp", 30, optLength, field("subtype", datatype.MPTCPSubtype, 16, 4)),
	tcpOption("fastopen", 34, optLength),
}

func ipOption(name string, typ uint8, fields ...Field) *Exthdr {
	fields = append([]Field{number("type", 0, 8), optLength}, fields...)
	return &Exthdr{Op: OpIPv4Option, Name: name, Type: typ, Fields: fields}
}

var optPtr, optAddr = number("ptr", 16, 8), field("addr", datatype.IPv4Addr, 24, 32)

// ipOptions are the IPv4 options (IANA, IP option numbers).
var ipOptions = []*Exthdr{
	ipOption("rr", 7, optPtr, optAddr),
	ipOption("lsrr", 131, optPtr, optAddr),
	ipOption("ssrr", 137, optPtr, optAddr),
	ipOption("ra", 148, number("value", 16, 16)),
}

func chunk(name string, typ uint8, fields ...Field) *Exthdr {
	common := []Field{number("type", 0, 8), number("flags", 8, 8), number("length", 16, 16)}
	return &Exthdr{Op: OpSCTPChunk, Name: name, Type: typ, Fields: append(common, fields...)}
}

func chunkInit(name string, typ uint8) *Exthdr {
	return chunk(name, typ, number("init-tag", 32, 32), number("a-rwnd", 64, 32),
		number("num-outbound-streams", 96, 16), number("num-inbound-streams", 112, 16), number("initial-tsn", 128, 32))
}

// sctpChunks are the SCTP chunks (RFC 9260, RFC 5061, RFC 3758).
var sctpChunks = []*Exthdr{
	chunk("data", 0, number("tsn", 32, 32), number("stream", 64, 16), number("ssn", 80, 16), number("ppid", 96, 32)),
	chunkInit("init", 1),
	chunkInit("init-ack", 2),
	chunk("sack", 3, number("cum-tsn-ack", 32, 32), number("a-rwnd", 64, 32), number("num-gap-ack-blocks", 96, 16),
		number("num-dup-tsns", 112, 16)),
	chunk("heartbeat", 4),
	chunk("heartbeat-ack", 5),
	chunk("abort", 6),
	chunk("shutdown", 7, number("cum-tsn-ack", 32, 32)),
	chunk("shutdown-ack", 8),
	chunk("error", 9),
	chunk("cookie-echo", 10),
	chunk("cookie-ack", 11),
	chunk("ecne", 12, number("lowest-tsn", 32, 32)),
	chunk("cwr", 13, number("lowest-tsn", 32, 32)),
	chunk("shutdown-complete", 14),
	chunk("asconf-ack", 128, number("seqno", 32, 32)),
	chunk("forward-tsn", 192, number("new-cum-tsn", 32, 32)),
	chunk("asconf", 193, number("seqno", 32, 32)),
}
