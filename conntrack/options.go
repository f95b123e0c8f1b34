package conntrack

// Bits of the options that a command line has, in the order in which the tool
// checks them.
const (
	optSrc = 1 << iota
	optDst
	optReplySrc
	optReplyDst
	optProto
	optTimeout
	optStatus
	optZero
	optEventMask
	optTupleSrc
	optTupleDst
	optMaskSrc
	optMaskDst
	optNATRange
	optMark
	optID
	optFamily
	optSrcNAT
	optDstNAT
	optOutput
	optSecmark
	optBufferSize
	optAnyNAT
	optZone
	optLabel
	optLabelAdd
	optLabelDel
	optOrigZone
	optReplyZone

	optOrig  = optSrc | optDst
	optReply = optReplySrc | optReplyDst
	// optCompared are those by which flows are compared with a template.
	optCompared = optProto | optOrig | optReply | optMark | optSecmark | optStatus | optID |
		optZone | optLabel | optOrigZone | optReplyZone
)

// optionNames name the options, by bit, in messages.
var optionNames = []string{
	"src", "dst", "reply-src", "reply-dst", "protonum", "timeout", "status", "zero", "event-mask",
	"tuple-src", "tuple-dst", "mask-src", "mask-dst", "nat-range", "mark", "id", "family", "src-nat",
	"dst-nat", "output", "secmark", "buffer-size", "any-nat", "zone", "label", "label-add",
	"label-del", "orig-zone", "reply-zone",
}

// optionBits are the bits of options by their letters; those without a letter have
// the ids that the tool gives them.
var optionBits = map[int]uint32{
	's': optSrc, 'd': optDst, 'r': optReplySrc, 'q': optReplyDst, '{': optMaskSrc, '}': optMaskDst,
	'[': optTupleSrc, ']': optTupleDst, 'n': optSrcNAT, 'g': optDstNAT, 'm': optMark, 'c': optSecmark,
	'i': optID, 'j': optAnyNAT, 'w': optZone, 'l': optLabel, '<': optLabelAdd, '>': optLabelDel,
	'(': optOrigZone, ')': optReplyZone,
}

// longOptions are the options with names that stand for themselves, whatever the
// protocol.
var longOptions = []longOption{
	{"dump", optional, 'L'}, {"create", optional, 'I'}, {"add", optional, 'A'}, {"delete", optional, 'D'},
	{"update", optional, 'U'}, {"get", optional, 'G'}, {"flush", optional, 'F'}, {"event", optional, 'E'},
	{"counter", optional, 'C'}, {"stats", without, 'S'}, {"version", without, 'V'}, {"help", without, 'h'},
	{"orig-src", required, 's'}, {"src", required, 's'}, {"orig-dst", required, 'd'}, {"dst", required, 'd'},
	{"reply-src", required, 'r'}, {"reply-dst", required, 'q'}, {"protonum", required, 'p'},
	{"timeout", required, 't'}, {"status", required, 'u'}, {"zero", without, 'z'}, {"event-mask", required, 'e'},
	{"tuple-src", required, '['}, {"tuple-dst", required, ']'}, {"mask-src", required, '{'},
	{"mask-dst", required, '}'}, {"nat-range", required, 'a'}, {"mark", required, 'm'}, {"secmark", required, 'c'},
	{"id", optional, 'i'}, {"family", required, 'f'}, {"src-nat", optional, 'n'}, {"dst-nat", optional, 'g'},
	{"output", required, 'o'}, {"buffer-size", required, 'b'}, {"any-nat", optional, 'j'}, {"zone", required, 'w'},
	{"label", required, 'l'}, {"label-add", required, '<'}, {"label-del", optional, '>'},
	{"orig-zone", required, '('}, {"reply-zone", required, ')'},
}

// shortOptions says which letters are options, and which take an argument.
var shortOptions = func() map[int]argument {
	m := map[int]argument{}
	for _, of := range []struct {
		letters string
		arg     argument
	}{{"hVzS", without}, {"LIUDGEFACngj>", optional}, {"sdrqptuea[]{}mifocbwl<()", required}} {
		for _, letter := range of.letters {
			m[int(letter)] = of.arg
		}
	}
	delete(m, ':') // the tool's list has it, but getopt takes it for itself
	return m
}()
