package main

import (
	"bytes"
	"encoding/binary"
	"io"
)

// writePcapng writes frames with one interface block a link, in order of first
// use (draft-ietf-opsawg-pcapng): if_name, if_tsresol in nanoseconds, and
// epb_flags with the direction, 1 inbound, 2 outbound.
func writePcapng(w io.Writer, links []string, frames []frame) error {
	var out bytes.Buffer
	shb := binary.LittleEndian.AppendUint32(nil, 0x1a2b3c4d)
	shb = append(shb, 1, 0, 0, 0)                                     // version 1.0
	shb = append(shb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff) // section length unknown
	block(&out, 0x0a0d0d0a, shb)
	number := map[string]uint32{}
	for i, name := range links {
		number[name] = uint32(i)
		idb := []byte{1, 0, 0, 0, 0, 0, 0, 0} // Ethernet, no snapshot length
		idb = option(idb, 2, []byte(name))
		idb = option(idb, 9, []byte{9})
		block(&out, 1, option(idb, 0, nil))
	}
	for _, f := range frames {
		le, at := binary.LittleEndian, uint64(f.at.UnixNano())
		epb := le.AppendUint32(nil, number[f.link])
		epb = le.AppendUint32(epb, uint32(at>>32))
		epb = le.AppendUint32(epb, uint32(at))
		epb = le.AppendUint32(epb, uint32(len(f.data)))
		epb = le.AppendUint32(epb, uint32(len(f.data)))
		epb = pad(append(epb, f.data...))
		flags := []byte{1, 0, 0, 0}
		if f.out {
			flags[0] = 2
		}
		epb = option(epb, 2, flags)
		block(&out, 6, option(epb, 0, nil))
	}
	_, err := w.Write(out.Bytes())
	return err
}

func block(w *bytes.Buffer, typ uint32, body []byte) {
	le := binary.LittleEndian
	size := uint32(12 + len(body))
	b := le.AppendUint32(le.AppendUint32(nil, typ), size)
	w.Write(le.AppendUint32(append(b, body...), size))
}

func option(b []byte, code uint16, value []byte) []byte {
	le := binary.LittleEndian
	b = le.AppendUint16(le.AppendUint16(b, code), uint16(len(value)))
	return pad(append(b, value...))
}

func pad(b []byte) []byte { return append(b, make([]byte, -len(b)&3)...) }
