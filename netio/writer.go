package netio

import (
	"bufio"
	"encoding/binary"
	"io"
)

// A Writer writes pcapng: one section, nanosecond timestamps, little endian.
type Writer struct {
	w   *bufio.Writer
	n   int
	buf []byte
}

// NewWriter writes the section header to w.
func NewWriter(w io.Writer) (*Writer, error) {
	nw := &Writer{w: bufio.NewWriterSize(w, 1<<16)}
	b := nw.begin(blockSection)
	b = binary.LittleEndian.AppendUint32(b, byteOrderMagic)
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint64(b, ^uint64(0)) // section length unknown
	b = appendOption(b, 4, "nfvm")                      // shb_userappl
	return nw, nw.end(appendOption(b, optEnd, ""))
}

// AddInterface describes an interface and returns its index for WriteFrame.
func (w *Writer) AddInterface(i Interface) (int, error) {
	b := w.begin(blockInterface)
	b = binary.LittleEndian.AppendUint16(b, uint16(i.Link))
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint32(b, i.SnapLen)
	b = appendOption(b, optIfName, i.Name)
	b = appendOption(b, optIfTsResol, "\x09")
	w.n++
	return w.n - 1, w.end(appendOption(b, optEnd, ""))
}

// WriteFrame writes one packet; Number is ignored, and OrigLen counts as
// len(Data) when it is smaller.
func (w *Writer) WriteFrame(f *Frame) error {
	b := w.begin(blockEnhanced)
	b = binary.LittleEndian.AppendUint32(b, uint32(f.Interface))
	b = binary.LittleEndian.AppendUint32(b, uint32(uint64(f.Time)>>32))
	b = binary.LittleEndian.AppendUint32(b, uint32(uint64(f.Time)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.Data)))
	b = binary.LittleEndian.AppendUint32(b, uint32(max(f.OrigLen, len(f.Data))))
	b = pad4(append(b, f.Data...))
	if f.Comment != "" {
		b = appendOption(b, optComment, f.Comment)
	}
	if f.Direction != DirectionUnknown {
		flags := uint32(flagInbound)
		if f.Direction == DirectionOutbound {
			flags = flagOutbound
		}
		b = appendOption(b, optPacketFlags, string(binary.LittleEndian.AppendUint32(nil, flags)))
	}
	return w.end(appendOption(b, optEnd, ""))
}

// Flush writes what is buffered.
func (w *Writer) Flush() error { return w.w.Flush() }

// begin starts a block, leaving room for its length.
func (w *Writer) begin(typ uint32) []byte {
	b := binary.LittleEndian.AppendUint32(w.buf[:0], typ)
	return append(b, 0, 0, 0, 0)
}

// end fills in both lengths and writes the block.
func (w *Writer) end(b []byte) error {
	total := uint32(len(b) + 4)
	b = binary.LittleEndian.AppendUint32(b, total)
	binary.LittleEndian.PutUint32(b[4:], total)
	w.buf = b
	_, err := w.w.Write(b)
	return err
}

func appendOption(b []byte, code uint16, v string) []byte {
	if len(v) > 0xffff {
		v = v[:0xffff]
	}
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(v)))
	return pad4(append(b, v...))
}

func pad4(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
