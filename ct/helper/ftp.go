package helper

import (
	"encoding/binary"
	"strconv"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// ftpForm is one way in which FTP names an address and a port (RFC 959, RFC
// 2428).
type ftpForm uint8

const (
	ftpPort ftpForm = iota // PORT and the answer to PASV: a,b,c,d,p,q
	ftpEPRT                // |1|a.b.c.d|port|
	ftpEPSV                // the answer to EPSV: |||port|
)

// ftpPattern is a line that announces a connection: the command, whatever its
// case, then something up to the character skip, if that is not 0, then what read
// understands.
type ftpPattern struct {
	word string
	skip byte
	form ftpForm
	read func(data []byte, l3 uint8, to *ftpTarget) bool
}

// ftpPatterns are what each side may say, by nf.Dir.
var ftpPatterns = [2][]ftpPattern{
	{{"PORT", ' ', ftpPort, readPort}, {"EPRT", ' ', ftpEPRT, readEPRT}},
	{{"227 ", 0, ftpPort, readPASV}, {"229 ", '(', ftpEPSV, readEPSV}},
}

// An ftpTarget is where a connection shall go, and where in the data that was
// said.
type ftpTarget struct {
	addr     packet.Addr
	port     uint16
	at, size int
}

// ftp is the FTP helper. It reads a line only at a place where one is known to
// begin: what follows a line feed, as long as the packets come in order.
func (t *tracker) ftp(p *packet.Packet, e *ct.Entry) nf.Verdict {
	h, data, ok := payloadTCP(p)
	if !ok || !established(p) {
		return nf.Accept
	}
	dir := p.CTInfo.Dir()
	lines := ftpLines{t.table.HelpData(e), dir}
	next := h.Seq() + uint32(len(data))
	ends := data[len(data)-1] == '\n'
	if lines.begins(h.Seq()) {
		if v := t.ftpLine(p, e, dir, data); v != nf.Accept {
			return v
		}
	}
	if ends {
		lines.note(next)
	}
	return nf.Accept
}

// ftpLine acts on a line that announces a connection.
func (t *tracker) ftpLine(p *packet.Packet, e *ct.Entry, dir nf.Dir, data []byte) nf.Verdict {
	to := ftpTarget{addr: e.Tuple[dir].Src} // the answer to EPSV names no address
	for i := range ftpPatterns[dir] {
		form := &ftpPatterns[dir][i]
		switch form.find(data, e.Tuple[dir].L3, &to) {
		case ftpPartial:
			return nf.Drop // the rest, in another packet, would not be recognized
		case ftpFound:
			return t.ftpExpect(p, e, dir, form.form, &to)
		}
	}
	return nf.Accept
}

// ftpExpect waits for the connection. One to another host than the speaker is
// none of ours: it would open the firewall for third parties.
func (t *tracker) ftpExpect(p *packet.Packet, e *ct.Entry, dir nf.Dir, form ftpForm, to *ftpTarget) nf.Verdict {
	if to.addr != e.Tuple[dir].Src {
		return nf.Accept
	}
	peer := &e.Tuple[1-dir]
	x := ct.NewExpectation(e, 0, nf.ProtoTCP, &peer.Src, peer.Dst, nil, to.port)
	if !translated(e) {
		return t.expect(x)
	}
	port, ok := t.expectHere(x, 1-dir)
	if !ok {
		return nf.Drop
	}
	return t.mangled(p, e, x, to.at, to.size, form.text(peer.Dst, port, nf.Family(peer.L3)))
}

// text writes an address and a port.
func (f ftpForm) text(a packet.Addr, port uint16, family nf.Family) []byte {
	var b []byte
	switch f {
	case ftpPort:
		for _, n := range a[:4] {
			b = append(strconv.AppendUint(b, uint64(n), 10), ',')
		}
		b = append(strconv.AppendUint(b, uint64(port>>8), 10), ',')
		return strconv.AppendUint(b, uint64(port&0xff), 10)
	case ftpEPRT:
		b = append(b, "|1|"...)
		if family == nf.FamilyIPv6 {
			b[1] = '2'
			b = appendLong6(b, a)
		} else {
			b = append(b, a.Text(family)...)
		}
	case ftpEPSV:
		b = append(b, "||"...)
	}
	b = append(b, '|')
	return append(strconv.AppendUint(b, uint64(port), 10), '|')
}

// appendLong6 appends an IPv6 address with all its digits, as the kernel prints
// it by %pI6.
func appendLong6(b []byte, a packet.Addr) []byte {
	const digits = "0123456789abcdef"
	for i, n := range a {
		if i > 0 && i&1 == 0 {
			b = append(b, ':')
		}
		b = append(b, digits[n>>4], digits[n&15])
	}
	return b
}

// ftpLines are the places in one direction of a flow where lines begin: the two
// sequence numbers that followed a line feed last, kept in the helper's data.
type ftpLines struct {
	data *ct.HelpData
	dir  nf.Dir
}

// Layout of the data: for each direction two sequence numbers, then for each how
// many of them there are.
func (l ftpLines) seq(i int) []byte { return l.data[int(l.dir)*8+i*4:] }

func (l ftpLines) known() *byte { return &l.data[16+l.dir] }

func (l ftpLines) begins(seq uint32) bool {
	for i := range int(*l.known()) {
		if binary.LittleEndian.Uint32(l.seq(i)) == seq {
			return true
		}
	}
	return false
}

// note remembers a place; of two, the older one is forgotten for a newer.
func (l ftpLines) note(seq uint32) {
	n := int(*l.known())
	if l.begins(seq) {
		return
	}
	if n < 2 {
		binary.LittleEndian.PutUint32(l.seq(n), seq)
		*l.known()++
		return
	}
	oldest := l.seq(0)
	if first, second := binary.LittleEndian.Uint32(l.seq(0)), binary.LittleEndian.Uint32(l.seq(1)); int32(first-second) >= 0 {
		oldest = l.seq(1)
	}
	if int32(seq-binary.LittleEndian.Uint32(oldest)) > 0 {
		binary.LittleEndian.PutUint32(oldest, seq)
	}
}
