package nat

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// noteResize records that a TCP payload in direction d grew by delta bytes at
// sequence number seq (nf_ct_seqadj_set). A retransmission of an older segment
// changes nothing.
func (e *Engine) noteResize(en *ct.Entry, d nf.Dir, seq uint32, delta int32) {
	if delta == 0 {
		return
	}
	en.Status |= nf.CTStatusSeqAdjust
	way := e.table.SeqAdj(en, d)
	if way.Before == way.After || int32(way.Pos-seq) < 0 {
		way.Pos, way.Before = seq, way.After
		way.After += delta
		e.table.SetSeqAdj(en, d, way)
	}
}

// OffsetSequence shifts all sequence numbers of a TCP connection in direction d
// (nf_ct_seqadj_init). No shift leaves things as they are.
func (e *Engine) OffsetSequence(en *ct.Entry, d nf.Dir, by uint32) {
	if by == 0 {
		return
	}
	en.Status |= nf.CTStatusSeqAdjust
	way := e.table.SeqAdj(en, d)
	way.Before, way.After = int32(by), int32(by)
	e.table.SetSeqAdj(en, d, way)
}

// shift is by how much sequence number seq moves.
func shift(way *ct.SeqAdj, seq uint32) uint32 {
	if int32(seq-way.Pos) > 0 {
		return uint32(way.After)
	}
	return uint32(way.Before)
}

// unshift undoes shift for an acknowledgment of bytes that were moved.
func unshift(way *ct.SeqAdj, ack uint32) uint32 {
	return ack - shift(way, ack-uint32(way.Before))
}

// AdjustSequence makes the sequence numbers of a TCP packet, those in its SACK
// blocks included, fit what was said before to the other side, when payload of
// the connection was resized (nf_ct_seq_adjust). It is called when the packet
// leaves or is delivered, after the helper. It fails for a packet with broken
// options, which is to be dropped. The kernel takes an ICMP error about a reply
// for a segment, too, and so spoils it.
func (e *Engine) AdjustSequence(p *packet.Packet, en *ct.Entry) bool {
	if en.Status&nf.CTStatusSeqAdjust == 0 || p.In != nil && p.In.Type == nf.ARPHRDLoopback {
		return true
	}
	if !p.Pull(p.Transport + packet.TCPSize) {
		return false
	}
	t := packet.TCP(p.L4())
	if len(t) < packet.TCPSize {
		return false
	}
	d := p.CTInfo.Dir()
	forth, back := e.table.SeqAdj(en, d), e.table.SeqAdj(en, 1-d)
	setWord(t, 4, t.Seq()+shift(&forth, t.Seq()))
	if t.Flags()&nf.TCPAck == 0 {
		return true
	}
	setWord(t, 8, unshift(&back, t.Ack()))
	return adjustSACK(p, t, &back)
}

// setWord writes 32 bits of a TCP header and keeps the checksum right.
func setWord(t packet.TCP, at int, v uint32) {
	var new [4]byte
	binary.BigEndian.PutUint32(new[:], v)
	update(t[16:], t[at:at+4], new[:])
	copy(t[at:], new[:])
}

// TCP option kinds (RFC 9293, RFC 2018).
const (
	optEnd  = 0
	optNop  = 1
	optSACK = 5
)

// adjustSACK adjusts the selective acknowledgments among the options of t.
func adjustSACK(p *packet.Packet, t packet.TCP, way *ct.SeqAdj) bool {
	end := t.HeaderLen()
	if !p.Pull(p.Transport + end) {
		return false
	}
	for i := packet.TCPSize; i < end; {
		switch t[i] {
		case optEnd:
			return true
		case optNop:
			i++
			continue
		}
		if i+1 == end || t[i+1] < 2 || i+int(t[i+1]) > end {
			return false
		}
		n := int(t[i+1])
		if t[i] == optSACK && n >= 10 && (n-2)%8 == 0 {
			for at := i + 2; at < i+n; at += 4 {
				setWord(t, at, unshift(way, binary.BigEndian.Uint32(t[at:])))
			}
		}
		i += n
	}
	return true
}
