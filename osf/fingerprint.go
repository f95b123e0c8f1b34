package osf

// A Fingerprint is what segments with SYN of one system look like.
type Fingerprint struct {
	Window Window
	TTL    uint8  // the initial one
	DF     bool   // don't fragment is set
	Size   uint16 // of the whole packet, in bytes
	// Options are the TCP options in their order. Only MSS has a say in what the
	// window may be; no other value is compared.
	Options []Option
	System
}

// A System is the name of an operating system.
type System struct {
	Genre, Version, Subtype string
}

// An Option is the kind of a TCP option and the length in bytes that it is
// taken to have.
type Option struct {
	Kind, Len uint8
}

// A WindowKind says what the window size is compared with.
type WindowKind uint8

const (
	// WindowPlain windows are of the size given, 0 of any.
	WindowPlain WindowKind = iota
	// WindowMSS windows are a multiple of the segment size.
	WindowMSS
	// WindowMTU windows are a multiple of the segment size and 40 bytes.
	WindowMTU
	// WindowModulo windows are divided by a number.
	WindowModulo
)

// A Window is what a window size has to be.
type Window struct {
	Kind  WindowKind
	Value uint32
}

// TCP options that are compared.
const (
	optEnd       = 0
	optNop       = 1
	optMSS       = 2
	optScale     = 3
	optSACK      = 4
	optTimestamp = 8
)

// options are the letters of the file format.
var options = map[byte]Option{
	'E': {optEnd, 1}, 'N': {optNop, 1}, 'M': {optMSS, 4}, 'W': {optScale, 3}, 'S': {optSACK, 2}, 'T': {optTimestamp, 10},
}

// maxOptions is the room that a TCP header has for options, in bytes.
const maxOptions = 40

// Some modems lower the segment size, so that windows are also compared with
// multiples of these.
const (
	usualMSS   = 1460
	loweredMSS = 1448
)

// fits reports whether a window size is as it should be with a segment size.
func (w Window) fits(size, mss uint32) bool {
	multiple := func(of uint32) bool { return size == w.Value*of }
	const headers = 40
	switch w.Kind {
	case WindowMSS:
		return multiple(mss) || multiple(usualMSS) || multiple(loweredMSS)
	case WindowMTU:
		return multiple(mss+headers) || multiple(usualMSS+headers) || multiple(loweredMSS+headers)
	case WindowModulo:
		return w.Value != 0 && size%w.Value == 0
	}
	return w.Value == 0 || size == w.Value
}
