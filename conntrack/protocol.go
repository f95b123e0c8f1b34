package conntrack

import (
	"nfvm/ctnetlink"
	"nfvm/nf"
)

// A protocol is what the tool knows of one: its options, and which of them a
// command takes.
type protocol struct {
	name   string
	number uint8
	opts   []protoOption
	names  []string // of options by bit, in messages
	needs  map[op]string
	// pairs say what is missed when neither the original nor the reply
	// direction is there in whole.
	pairs []string
}

// A protoOption is an option of a protocol; bit is the place in protocol.names.
type protoOption struct {
	name  string
	bit   int
	field field
}

// A field is what an option of a protocol sets.
type field uint8

const (
	fieldOrigSrc field = iota
	fieldOrigDst
	fieldReplySrc
	fieldReplyDst
	fieldMaskSrc
	fieldMaskDst
	fieldTupleSrc
	fieldTupleDst
	fieldState
	fieldTagOrig
	fieldTagReply
	fieldRole
	fieldICMPType
	fieldICMPCode
	fieldICMPID
)

// The bits of pairs of options: both of the original, both of the reply direction.
var directionPairs = []uint32{0b0011, 0b1100}

// portOptions are what all protocols with ports have.
func portOptions(tuple int) []protoOption {
	return []protoOption{
		{"orig-port-src", 0, fieldOrigSrc}, {"sport", 0, fieldOrigSrc},
		{"orig-port-dst", 1, fieldOrigDst}, {"dport", 1, fieldOrigDst},
		{"reply-port-src", 2, fieldReplySrc}, {"reply-port-dst", 3, fieldReplyDst},
		{"mask-port-src", 4, fieldMaskSrc}, {"mask-port-dst", 5, fieldMaskDst},
		{"tuple-port-src", tuple, fieldTupleSrc}, {"tuple-port-dst", tuple + 1, fieldTupleDst},
	}
}

var (
	portNames  = []string{"sport", "dport", "reply-port-src", "reply-port-dst", "mask-port-src", "mask-port-dst"}
	tupleNames = []string{"tuple-port-src", "tuple-port-dst"}
	portPairs  = []string{"`--sport' and `--dport'", "`--reply-src-port' and `--reply-dst-port'"}
)

func join[T any](lists ...[]T) (all []T) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// needs gives the table of a protocol: what listing, creating, getting, updating
// and deleting take, and what expectations take when made and when found.
func needs(list, create, get, update, remove, expect, found string) map[op]string {
	return map[op]string{
		opList: list, opEvent: list, opCreate: create, opAdd: create, opGet: get, opUpdate: update, opDelete: remove,
		opExpectCreate: expect, opExpectDelete: found, opExpectGet: found,
	}
}

func portProtocol(name string, number uint8) *protocol {
	return &protocol{
		name: name, number: number, opts: portOptions(6), names: join(portNames, tupleNames), pairs: portPairs,
		needs: needs("22220000", "33330000", "33330000", "22220000", "22220000", "11001111", "11110000"),
	}
}

func icmpProtocol(name string, number uint8) *protocol {
	return &protocol{
		name: name, number: number,
		opts:  []protoOption{{name + "-type", 0, fieldICMPType}, {name + "-code", 1, fieldICMPCode}, {name + "-id", 2, fieldICMPID}},
		names: []string{name + "-type", name + "-code", name + "-id"},
		needs: needs("222", "112", "112", "222", "222", "000", "000"),
	}
}

// protocols are those that the tool knows.
var protocols = []*protocol{
	{
		name: "tcp", number: nf.ProtoTCP, pairs: portPairs,
		opts:  append(portOptions(7), protoOption{"state", 6, fieldState}),
		names: join(portNames, []string{"state"}, tupleNames),
		needs: needs("222200200", "333300100", "333300200", "222200200", "222200200", "110011011", "111100000"),
	},
	portProtocol("udp", nf.ProtoUDP),
	portProtocol("udplite", nf.ProtoUDPLite),
	{
		name: "sctp", number: nf.ProtoSCTP, pairs: portPairs,
		opts:  append(portOptions(7), protoOption{"state", 6, fieldState}, protoOption{"orig-vtag", 9, fieldTagOrig}, protoOption{"reply-vtag", 10, fieldTagReply}),
		names: join(portNames, []string{"state"}, tupleNames, []string{"orig-vtag", "reply-vtag"}),
		needs: needs("22220020000", "33330010011", "33330020022", "22220020022", "22220020000", "11001101111", "11110000000"),
	},
	{
		name: "dccp", number: nf.ProtoDCCP, pairs: []string{"`--sport' and `--dport'", "`--reply-port-src' and `--report-port-dst'"},
		opts:  append(portOptions(7), protoOption{"state", 6, fieldState}, protoOption{"role", 9, fieldRole}),
		names: join(portNames, []string{"state"}, tupleNames, []string{"role"}),
		needs: needs("2222002000", "3333001001", "3333002000", "2222002000", "2222002000", "1100110111", "1111000000"),
	},
	icmpProtocol("icmp", nf.ProtoICMP),
	icmpProtocol("icmpv6", nf.ProtoICMPv6),
	{
		name: "gre", number: nf.ProtoGRE,
		opts: []protoOption{
			{"orig-key-src", 0, fieldOrigSrc}, {"srckey", 0, fieldOrigSrc}, {"orig-key-dst", 1, fieldOrigDst},
			{"dstkey", 1, fieldOrigDst}, {"reply-key-src", 2, fieldReplySrc}, {"reply-key-dst", 3, fieldReplyDst},
			{"mask-key-src", 4, fieldMaskSrc}, {"mask-key-dst", 5, fieldMaskDst}, {"tuple-key-src", 6, fieldTupleSrc},
			{"tuple-key-dst", 7, fieldTupleDst},
		},
		names: []string{"srckey", "dstkey", "reply-key-src", "reply-key-dst", "mask-key-src", "mask-key-dst", "tuple-key-src", "tuple-key-dst"},
		needs: needs("22220000", "33330000", "33330000", "22220000", "22220000", "11111111", "11110000"),
		pairs: []string{"`--srckey' and `--dstkey'", "`--reply-src-key' and `--reply-dst-key'"},
	},
}

// protocolOf finds a known protocol by number, nil if there is none.
func protocolOf(number uint8) *protocol {
	for _, p := range protocols {
		if p.number == number {
			return p
		}
	}
	return nil
}

// states are the names of a protocol's states by number.
func (p *protocol) states() []string {
	switch p.number {
	case nf.ProtoTCP:
		return ctnetlink.TCPStates[:]
	case nf.ProtoSCTP: // the tool does not know those of heartbeats
		return ctnetlink.SCTPStates[:8]
	case nf.ProtoDCCP:
		return []string{"NONE", "REQUEST", "RESPOND", "PARTOPEN", "OPEN", "CLOSEREQ", "CLOSING", "TIMEWAIT", "IGNORE", "INVALID"}
	}
	return nil
}

// check sees whether a command takes the options of the protocol that are there.
func (p *protocol) check(o op, set uint32) error {
	var pairs []uint32
	if p.pairs != nil {
		pairs = directionPairs
	}
	meant, ok, err := checkOptions(set, p.needs[o], p.names, pairs)
	if err == nil && !ok {
		err = usageError("you have to specify %s", p.pairs[meant])
	}
	return err
}
