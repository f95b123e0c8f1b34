package netio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
)

// pcapng block types, option codes and limits (draft-ietf-opsawg-pcapng).
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
	blockEnhanced  = 6

	byteOrderMagic = 0x1a2b3c4d

	optEnd     = 0
	optComment = 1

	optIfName     = 2
	optIfTsResol  = 9
	optIfTsOffset = 14

	optPacketFlags = 2

	flagInbound  = 1
	flagOutbound = 2

	maxBlock = 16 << 20
)

// ngInterface is an interface with the unit of its timestamps.
type ngInterface struct {
	Interface
	unitsPerSecond uint64
	offsetSeconds  int64
}

// ngReader reads pcapng blocks.
type ngReader struct {
	r        *bufio.Reader
	order    binary.ByteOrder
	offset   int64
	base     int // index of the current section's first interface
	ifs      []ngInterface
	public   []Interface
	buf      []byte
	lastTime int64
	names    []string // for interfaces without
}

func newNGReader(r *bufio.Reader, names []string) (*ngReader, error) {
	n := &ngReader{r: r, order: binary.LittleEndian, names: names}
	typ, body, err := n.block()
	if err != nil {
		return nil, err
	}
	if typ != blockSection {
		return nil, &DamageError{Reason: "no section header"}
	}
	return n, n.section(body)
}

func (n *ngReader) interfaces() []Interface { return n.public }

func (n *ngReader) damage(format string, args ...any) error {
	return &DamageError{Offset: n.offset, Reason: fmt.Sprintf(format, args...)}
}

// next skips to the next packet block and decodes it.
func (n *ngReader) next(f *Frame) error {
	for {
		typ, body, err := n.block()
		if err != nil {
			return err
		}
		switch typ {
		case blockSection:
			err = n.section(body)
		case blockInterface:
			err = n.addInterface(body)
		case blockEnhanced:
			return n.enhanced(f, body)
		case blockPacket:
			return n.obsolete(f, body)
		case blockSimple:
			return n.simple(f, body)
		}
		if err != nil {
			return err
		}
	}
}

// block reads one block and returns its type and body without the trailer.
func (n *ngReader) block() (typ uint32, body []byte, err error) {
	var head [12]byte
	if m, err := io.ReadFull(n.r, head[:8]); err != nil {
		if m == 0 && errors.Is(err, io.EOF) {
			return 0, nil, io.EOF
		}
		return 0, nil, n.damage("cut inside a block header")
	}
	typ = n.order.Uint32(head[:])
	have := 8
	if typ == blockSection { // its own magic says the byte order
		if _, err := io.ReadFull(n.r, head[8:]); err != nil {
			return 0, nil, n.damage("cut inside a section header")
		}
		have = 12
		switch uint32(byteOrderMagic) {
		case binary.LittleEndian.Uint32(head[8:]):
			n.order = binary.LittleEndian
		case binary.BigEndian.Uint32(head[8:]):
			n.order = binary.BigEndian
		default:
			return 0, nil, n.damage("section header without byte-order magic")
		}
	}
	total := n.order.Uint32(head[4:])
	if total < 12 || total%4 != 0 || total > maxBlock || int(total) < have+4 {
		return 0, nil, n.damage("block of impossible length %d", total)
	}
	rest := int(total) - have
	if cap(n.buf) < rest {
		n.buf = make([]byte, rest)
	}
	n.buf = n.buf[:rest]
	if _, err := io.ReadFull(n.r, n.buf); err != nil {
		return 0, nil, n.damage("block cut short")
	}
	if trailer := n.order.Uint32(n.buf[rest-4:]); trailer != total {
		return 0, nil, n.damage("block lengths disagree: %d and %d", total, trailer)
	}
	n.offset += int64(total)
	return typ, n.buf[:rest-4], nil
}

// section begins a new section, whose interfaces are numbered from 0 again.
func (n *ngReader) section(body []byte) error {
	if len(body) < 4 {
		return n.damage("section header too short")
	}
	if major := n.order.Uint16(body); major != 1 {
		return n.damage("pcapng version %d is not supported", major)
	}
	n.base = len(n.ifs)
	return nil
}

func (n *ngReader) addInterface(body []byte) error {
	if len(body) < 8 {
		return n.damage("interface block too short")
	}
	nif := ngInterface{unitsPerSecond: 1e6}
	nif.Link = LinkType(n.order.Uint16(body))
	nif.SnapLen = n.order.Uint32(body[4:])
	n.options(body[8:], func(code uint16, v []byte) {
		switch {
		case code == optIfName:
			nif.Name = cString(v)
		case code == optIfTsResol && len(v) >= 1:
			nif.unitsPerSecond = resolution(v[0])
		case code == optIfTsOffset && len(v) >= 8:
			nif.offsetSeconds = int64(n.order.Uint64(v))
		}
	})
	if nif.Name == "" {
		nif.Name = nameOf(n.names, len(n.ifs)-n.base)
	}
	n.ifs = append(n.ifs, nif)
	n.public = append(n.public, nif.Interface)
	return nil
}

// resolution decodes if_tsresol: a power of ten, or of two with the high bit.
func resolution(b byte) uint64 {
	exp := uint(b & 0x7f)
	if b&0x80 != 0 {
		return 1 << min(exp, 63)
	}
	u := uint64(1)
	for range min(exp, 19) {
		u *= 10
	}
	return u
}

func (n *ngReader) enhanced(f *Frame, body []byte) error {
	if len(body) < 20 {
		return n.damage("packet block too short")
	}
	id := n.order.Uint32(body)
	stamp := uint64(n.order.Uint32(body[4:]))<<32 | uint64(n.order.Uint32(body[8:]))
	return n.packet(f, id, stamp, n.order.Uint32(body[12:]), n.order.Uint32(body[16:]), body[20:])
}

func (n *ngReader) obsolete(f *Frame, body []byte) error {
	if len(body) < 20 {
		return n.damage("packet block too short")
	}
	id := uint32(n.order.Uint16(body))
	stamp := uint64(n.order.Uint32(body[4:]))<<32 | uint64(n.order.Uint32(body[8:]))
	return n.packet(f, id, stamp, n.order.Uint32(body[12:]), n.order.Uint32(body[16:]), body[20:])
}

func (n *ngReader) packet(f *Frame, id uint32, stamp uint64, capLen, origLen uint32, rest []byte) error {
	nif, err := n.lookup(id)
	if err != nil {
		return err
	}
	if uint64(capLen) > uint64(len(rest)) || capLen > maxFrame {
		return n.damage("packet of %d bytes in a block of %d", capLen, len(rest))
	}
	f.Interface = n.base + int(id)
	f.Time = nif.nanoseconds(stamp)
	f.Data, f.OrigLen = rest[:capLen:capLen], int(min(origLen, math.MaxInt32))
	n.lastTime = f.Time
	if pad := int(capLen+3) &^ 3; pad <= len(rest) {
		n.options(rest[pad:], f.option(n.order))
	}
	return nil
}

// simple decodes a block that has neither interface nor time: interface 0, and
// the time of the packet before it.
func (n *ngReader) simple(f *Frame, body []byte) error {
	if len(body) < 4 {
		return n.damage("simple packet block too short")
	}
	nif, err := n.lookup(0)
	if err != nil {
		return err
	}
	orig := n.order.Uint32(body)
	data := body[4:]
	if int64(orig) < int64(len(data)) {
		data = data[:orig]
	}
	if nif.SnapLen > 0 && int64(nif.SnapLen) < int64(len(data)) {
		data = data[:nif.SnapLen]
	}
	f.Interface, f.Time, f.Data, f.OrigLen = n.base, n.lastTime, data, int(min(orig, math.MaxInt32))
	return nil
}

func (n *ngReader) lookup(id uint32) (*ngInterface, error) {
	if uint64(id) >= uint64(len(n.ifs)-n.base) {
		return nil, n.damage("packet on interface %d, which was not described", id)
	}
	return &n.ifs[n.base+int(id)], nil
}

// nanoseconds converts a timestamp in the interface's unit.
func (i *ngInterface) nanoseconds(stamp uint64) int64 {
	sec, frac := stamp/i.unitsPerSecond, stamp%i.unitsPerSecond
	hi, lo := bits.Mul64(frac, 1e9)
	ns, _ := bits.Div64(hi, lo, i.unitsPerSecond)
	return (int64(sec)+i.offsetSeconds)*1e9 + int64(ns)
}

// option stores the options of a packet block.
func (f *Frame) option(order binary.ByteOrder) func(uint16, []byte) {
	return func(code uint16, v []byte) {
		switch {
		case code == optComment:
			f.Comment = cString(v)
		case code == optPacketFlags && len(v) >= 4:
			switch order.Uint32(v) & 3 {
			case flagInbound:
				f.Direction = DirectionInbound
			case flagOutbound:
				f.Direction = DirectionOutbound
			}
		}
	}
}

// options calls fn for each option; a damaged list ends silently, since what
// options say is never needed to read on.
func (n *ngReader) options(b []byte, fn func(code uint16, v []byte)) {
	for len(b) >= 4 {
		code, length := n.order.Uint16(b), int(n.order.Uint16(b[2:]))
		if code == optEnd || 4+length > len(b) {
			return
		}
		fn(code, b[4:4+length])
		b = b[min(4+(length+3)&^3, len(b)):]
	}
}

// cString is an option text without the padding that some writers leave in it.
func cString(v []byte) string {
	for i, c := range v {
		if c == 0 {
			return string(v[:i])
		}
	}
	return string(v)
}
