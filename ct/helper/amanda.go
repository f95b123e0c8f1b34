package helper

import (
	"bytes"
	"strconv"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// amandaStreams are the names of the streams for which the Amanda backup client
// opens a port each.
var amandaStreams = [][]byte{[]byte("DATA "), []byte("MESG "), []byte("INDEX "), []byte("STATE ")}

// amandaWait is for how long the answer to a request may take.
const amandaWait = 300 * seconds

// amanda is the helper for Amanda: the answer to a request lists the ports to
// connect to, in a line that begins with CONNECT.
func (t *tracker) amanda(p *packet.Packet, e *ct.Entry) nf.Verdict {
	if p.CTInfo.Dir() == nf.DirOriginal {
		return nf.Accept
	}
	t.table.Refresh(e, amandaWait)
	data := payloadUDP(p)
	begin := bytes.Index(data, []byte("CONNECT "))
	if begin < 0 {
		return nf.Accept
	}
	begin += len("CONNECT ")
	size := bytes.IndexByte(data[begin:], '\n')
	if size < 0 {
		return nf.Accept
	}
	verdict := nf.Accept
	for _, stream := range amandaStreams {
		data = payloadUDP(p) // NAT may have changed it
		line := data[min(begin, len(data)):min(begin+size, len(data))]
		at := bytes.Index(line, stream)
		if at < 0 {
			continue
		}
		at += len(stream)
		port, digits := leadingNumber(line[at:min(at+len("65535"), len(line))])
		if uint16(port) == 0 {
			break
		}
		verdict = t.amandaExpect(p, e, uint16(port), begin+at, digits)
	}
	return verdict
}

// amandaExpect waits for the connection to a port that is named at some place of
// the payload.
func (t *tracker) amandaExpect(p *packet.Packet, e *ct.Entry, port uint16, at, size int) nf.Verdict {
	to := &e.Tuple[nf.DirOriginal]
	x := ct.NewExpectation(e, 0, nf.ProtoTCP, &to.Src, to.Dst, nil, port)
	if !translated(e) {
		return t.expect(x)
	}
	port, ok := t.expectHere(x, nf.DirOriginal)
	if !ok {
		return nf.Drop
	}
	if !t.nat.MangleUDP(p, at, size, strconv.AppendUint(nil, uint64(port), 10)) {
		t.table.Unexpect(x)
		return nf.Drop
	}
	return nf.Accept
}
