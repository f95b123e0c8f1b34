package helper

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// h323Channels is for how many media of a call ports are remembered.
const h323Channels = 4

// An h323Message is one message of H.323 in a packet: of RAS, which has UDP, of
// Q.931 or of H.245, which have TCP.
type h323Message struct {
	*tracker
	p    *packet.Packet
	e    *ct.Entry
	dir  nf.Dir
	from int // where in the payload it begins
	b    []byte
}

func (t *tracker) h323(p *packet.Packet, e *ct.Entry) *h323Message {
	return &h323Message{tracker: t, p: p, e: e, dir: p.CTInfo.Dir()}
}

// Layout of what the helpers remember: the ports for signalling and media, by
// direction, as they were announced and as they are; how long a registration
// lasts; and what is to follow a TPKT header that came alone, by direction.
const (
	h323Ports    = 0
	h323RTP      = 4
	h323Lifetime = 20
	h323TPKT     = 24
)

func (m *h323Message) data() *ct.HelpData { return m.table.HelpData(m.e) }

func (m *h323Message) word(at int) uint16         { return binary.LittleEndian.Uint16(m.data()[at:]) }
func (m *h323Message) setWord(at int, n uint16)   { binary.LittleEndian.PutUint16(m.data()[at:], n) }
func (m *h323Message) port(d nf.Dir) uint16       { return m.word(h323Ports + 2*int(d)) }
func (m *h323Message) setPort(d nf.Dir, n uint16) { m.setWord(h323Ports+2*int(d), n) }

// own and other are the tuples of the packet's direction and of the other one.
func (m *h323Message) own() *ct.Tuple   { return &m.e.Tuple[m.dir] }
func (m *h323Message) other() *ct.Tuple { return &m.e.Tuple[1-m.dir] }

// translates reports whether addresses in the message are to be changed, which is
// done for IPv4 only.
func (m *h323Message) translates() bool {
	return translated(m.e) && m.own().L3 == uint8(nf.FamilyIPv4)
}

// moves reports whether they change because the sender has another address on the
// other side.
func (m *h323Message) moves() bool { return m.own().Src != m.other().Dst && m.translates() }

// An h323Addr is an address and a port, and where in the message they are.
type h323Addr struct {
	addr packet.Addr
	port uint16
	at   int
}

// transport reads an address of H.225.0, of the connection's family.
func (m *h323Message) transport(n *perNode) (a h323Addr, ok bool) {
	at := n.get("ipAddress", "ip")
	if m.own().L3 == uint8(nf.FamilyIPv6) {
		at = n.get("ip6Address", "ip")
	}
	return m.addrAt(at)
}

// channel reads an address of H.245.
func (m *h323Message) channel(n *perNode) (a h323Addr, ok bool) {
	at := n.get("unicastAddress", "iPAddress", "network")
	if m.own().L3 == uint8(nf.FamilyIPv6) {
		at = n.get("unicastAddress", "iP6Address", "network")
	}
	return m.addrAt(at)
}

func (m *h323Message) addrAt(n *perNode) (a h323Addr, ok bool) {
	size := packet.Size(nf.Family(m.own().L3))
	if n == nil || n.at+size+2 > len(m.b) {
		return a, false
	}
	a.at = n.at
	copy(a.addr[:], m.b[n.at:n.at+size])
	a.port = binary.BigEndian.Uint16(m.b[n.at+size:])
	return a, true
}

// set writes another IPv4 address and port into the message.
func (m *h323Message) set(at int, a packet.Addr, port uint16) bool {
	size := len(m.b)
	text := binary.BigEndian.AppendUint16(append([]byte(nil), a[:4]...), port)
	if m.e.L4() == nf.ProtoTCP {
		if !m.nat.MangleTCP(m.p, m.e, m.from+at, len(text), text) {
			return false
		}
		_, m.b, _ = payloadTCP(m.p)
	} else {
		if !m.nat.MangleUDP(m.p, m.from+at, len(text), text) {
			return false
		}
		m.b = payloadUDP(m.p)
	}
	m.b = m.b[m.from : m.from+size]
	return true
}

// announce expects flows from src, if not nil, to an address, which are translated
// as fn says.
func (m *h323Message) announce(l4 uint8, src *packet.Addr, to packet.Addr, port uint16, fn ct.ExpectFunc) *ct.Expectation {
	x := ct.NewExpectation(m.e, 0, l4, src, to, nil, port)
	if fn != ct.ExpectPlain {
		x.SavedID, x.Dir, x.Fn = port, 1-m.dir, fn
	}
	return x
}

// expects reports whether the table waits for the flow now.
func (m *h323Message) expects(x *ct.Expectation) bool { return m.table.Expect(x) == ct.Expected }

// moved expects a flow at a port of NAT, and writes address and port into the
// message. Where there is no port, the message stays as it is.
func (m *h323Message) moved(x *ct.Expectation, at int, port uint16) (got uint16, ok bool) {
	got, ok = m.nat.ExpectPort(x, port)
	if !ok {
		return 0, true
	}
	if !m.set(at, m.other().Dst, got) {
		m.table.Unexpect(x)
		return 0, false
	}
	return got, true
}

// helperNamed is the handle of a helper that flows get.
func (m *h323Message) helperNamed(name string) uint16 {
	handle, _ := m.table.RegisterHelper(name) // 0, no helper, when there are too many
	return handle
}
