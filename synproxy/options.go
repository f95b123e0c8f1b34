package synproxy

import (
	"encoding/binary"

	"nfvm/packet"
)

// An Option is a TCP option that the proxy understands, or explicit congestion
// notification; the bits are those of the synproxy statement
// (NF_SYNPROXY_OPT_).
type Option uint8

// The options.
const (
	MSS Option = 1 << iota
	WindowScale
	SACKPermitted
	Timestamp
	ECN
)

// Options are those of a segment.
type Options struct {
	Has          Option
	MSS          uint16
	Scale        uint8
	Value, Reply uint32 // of the timestamp
}

// TCP option kinds and lengths (RFC 9293, RFC 7323, RFC 2018).
const (
	kindEnd       = 0
	kindNop       = 1
	kindMSS       = 2
	kindScale     = 3
	kindSACK      = 4
	kindTimestamp = 8

	lenMSS       = 4
	lenScale     = 3
	lenSACK      = 2
	lenTimestamp = 10
)

// maxScale is the largest shift of a window (RFC 7323, section 2.3).
const maxScale = 14

// Parse reads the options of a segment; broken ones end the list. It fails where
// the header says that there are more than the segment holds.
func Parse(t packet.TCP) (o Options, ok bool) {
	n := t.HeaderLen()
	if n < packet.TCPSize {
		n = packet.TCPSize
	}
	if n > len(t) {
		return o, false
	}
	b := t[packet.TCPSize:n]
	for len(b) > 0 && b[0] != kindEnd {
		if b[0] == kindNop {
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			break
		}
		o.take(b[:b[1]])
		b = b[b[1]:]
	}
	return o, true
}

// take reads one option.
func (o *Options) take(b []byte) {
	switch kind, n := b[0], len(b); {
	case kind == kindMSS && n == lenMSS:
		o.MSS = binary.BigEndian.Uint16(b[2:])
		o.Has |= MSS
	case kind == kindScale && n == lenScale:
		o.Scale = min(b[2], maxScale)
		o.Has |= WindowScale
	case kind == kindTimestamp && n == lenTimestamp:
		o.Value, o.Reply = binary.BigEndian.Uint32(b[2:]), binary.BigEndian.Uint32(b[6:])
		o.Has |= Timestamp
	case kind == kindSACK && n == lenSACK:
		o.Has |= SACKPermitted
	}
}

// Append writes the options, filled to words.
func (o *Options) Append(b []byte) []byte {
	if o.Has&MSS != 0 {
		b = binary.BigEndian.AppendUint16(append(b, kindMSS, lenMSS), o.MSS)
	}
	switch {
	case o.Has&Timestamp != 0:
		if o.Has&SACKPermitted != 0 {
			b = append(b, kindSACK, lenSACK)
		} else {
			b = append(b, kindNop, kindNop)
		}
		b = binary.BigEndian.AppendUint32(append(b, kindTimestamp, lenTimestamp), o.Value)
		b = binary.BigEndian.AppendUint32(b, o.Reply)
	case o.Has&SACKPermitted != 0:
		b = append(b, kindNop, kindNop, kindSACK, lenSACK)
	}
	if o.Has&WindowScale != 0 {
		b = append(b, kindNop, kindScale, lenScale, o.Scale)
	}
	return b
}

// The low bits of the timestamp that a client is given keep what a cookie has no
// room for.
const (
	stampScale   = 0xf // the shift, all ones for none
	stampSACK    = 1 << 4
	stampECN     = 1 << 5
	stampOptions = stampECN | stampSACK | stampScale
)

// Stamp makes the options of a first segment those of the answer, with the
// proxy's own window scale: the timestamp is the time in milliseconds, whose low
// bits tell what the client offered.
func (o *Options) Stamp(now uint32, scale uint8) {
	o.Reply = o.Value
	o.Value = now &^ stampOptions
	if o.Has&WindowScale != 0 {
		o.Value |= uint32(o.Scale)
		o.Scale = scale
	} else {
		o.Value |= stampScale
	}
	if o.Has&SACKPermitted != 0 {
		o.Value |= stampSACK
	}
	if o.Has&ECN != 0 {
		o.Value |= stampECN
	}
}

// Unstamp recovers what the client offered from the timestamp that it sends back.
func (o *Options) Unstamp() {
	if o.Scale = uint8(o.Reply & stampScale); o.Scale != stampScale {
		o.Has |= WindowScale
	}
	if o.Reply&stampSACK != 0 {
		o.Has |= SACKPermitted
	}
	if o.Reply&stampECN != 0 {
		o.Has |= ECN
	}
}
