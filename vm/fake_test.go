package vm

import (
	"encoding/binary"
	"fmt"
	"testing"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/nat"
	"nfvm/nf"
	"nfvm/osf"
	"nfvm/packet"
)

// A world is an Env that tests steer.
type world struct {
	systems  *osf.Database
	synproxy nf.Verdict
	now      int64
	rand     uint32
	ct       *ct.Table
	nat      *nat.Engine
	addr     packet.Addr
	route    *Route
	fib      FibResult
	rejected []*bytecode.Reject
	problems []uint32
	logged   []string
	copies   []string
}

func newWorld() *world {
	w := &world{now: 1_700_000_000e9}
	w.ct = ct.New(ct.Config{Rand: w.Rand})
	w.nat = nat.New(w.ct, w.Rand)
	return w
}

func (w *world) Now() int64           { return w.now }
func (w *world) Rand() uint32         { return w.rand }
func (w *world) Conntrack() *ct.Table { return w.ct }
func (w *world) NAT() *nat.Engine     { return w.nat }

func (w *world) MasqueradeAddr(*packet.Packet) (packet.Addr, bool) { return w.addr, !w.addr.IsZero() }
func (w *world) RedirectAddr(*packet.Packet) (packet.Addr, bool)   { return w.addr, !w.addr.IsZero() }

func (w *world) Reject(_ *packet.Packet, _ nf.Hook, r *bytecode.Reject) {
	w.rejected = append(w.rejected, r)
}

func (w *world) HeaderProblem(_ *packet.Packet, _ nf.Hook, offset uint32) {
	w.problems = append(w.problems, offset)
}

func (w *world) SendARP(_ *packet.Packet, frame []byte) {
	w.copies = append(w.copies, fmt.Sprintf("arp %x", frame))
}

func (w *world) Dup(p *packet.Packet, _ nf.Hook, gateway packet.Addr, ifindex int) {
	w.copies = append(w.copies, fmt.Sprint(gateway.Text(p.Family), " ", ifindex))
}

func (w *world) DupFrame(_ *packet.Packet, ifindex int) {
	w.copies = append(w.copies, fmt.Sprint("frame ", ifindex))
}

func (w *world) Fwd(p *packet.Packet, ifindex int, neighbour *packet.Addr) {
	to := fmt.Sprint("fwd ", ifindex)
	if neighbour != nil {
		to += " " + neighbour.Text(p.Family)
	}
	w.copies = append(w.copies, to)
}

func (w *world) Offload(p *packet.Packet, _ *bytecode.Flowtable) bool {
	w.ct.BeginOffload(w.ct.Entry(p.CT))
	return true
}

func (w *world) Log(p *packet.Packet, _ nf.Hook, _ *Chain, l *bytecode.Log) {
	w.logged = append(w.logged, LogText(p, l))
}

func (w *world) Fib(*packet.Packet, nf.Hook, *bytecode.Fib) FibResult { return w.fib }

func (w *world) Synproxy(*packet.Packet, *bytecode.Synproxy) nf.Verdict { return w.synproxy }

func (w *world) Systems() *osf.Database { return w.systems }

func (w *world) Route(*packet.Packet, nf.Hook) (Route, bool) {
	if w.route == nil {
		return Route{}, false
	}
	return *w.route, true
}

// ipv4 is a packet 10.0.1.2 → 10.0.2.2 with a transport part.
func ipv4(proto uint8, l4 []byte) []byte {
	b := make([]byte, 20, 20+len(l4))
	b[0], b[8], b[9] = 0x45, 64, proto
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(l4)))
	copy(b[12:], []byte{10, 0, 1, 2, 10, 0, 2, 2})
	b = append(b, l4...)
	packet.FixIPv4Checksum(b)
	return b
}

// udp is a UDP datagram without checksum and with n bytes of payload.
func udp(sport, dport uint16, n int) []byte {
	b := make([]byte, 8+n)
	binary.BigEndian.PutUint16(b, sport)
	binary.BigEndian.PutUint16(b[2:], dport)
	binary.BigEndian.PutUint16(b[4:], uint16(8+n))
	return b
}

// tcp is a SYN with options.
func tcp(sport, dport uint16, options ...byte) []byte {
	b := make([]byte, 20+len(options))
	binary.BigEndian.PutUint16(b, sport)
	binary.BigEndian.PutUint16(b[2:], dport)
	b[12], b[13] = byte(len(b)/4)<<4, nf.TCPSyn
	copy(b[20:], options)
	return b
}

// ipv6 is a packet fd00::1 → fd00::2.
func ipv6(next uint8, payload []byte) []byte {
	b := make([]byte, 40, 40+len(payload))
	b[0], b[6], b[7] = 0x60, next, 64
	binary.BigEndian.PutUint16(b[4:], uint16(len(payload)))
	b[8], b[23], b[24], b[39] = 0xfd, 1, 0xfd, 2
	return append(b, payload...)
}

func parsed(data []byte) *packet.Packet {
	p := new(packet.Packet)
	p.Reset(data, false)
	p.ParseIP()
	return p
}

// program is a table inet t with a base chain c (filter, prerouting, policy
// accept) of the given rules.
func program(rules ...[]bytecode.Expr) *bytecode.Program {
	c := &bytecode.Chain{Name: "c", Base: &bytecode.BaseChain{Hook: nf.HookPrerouting, Policy: nf.Accept}}
	for i, r := range rules {
		c.Rules = append(c.Rules, &bytecode.Rule{Handle: uint64(i + 1), Exprs: r})
	}
	return &bytecode.Program{Tables: []*bytecode.Table{{Family: nf.FamilyInet, Name: "t", Chains: []*bytecode.Chain{c}}}}
}

func mustLoad(t testing.TB, p *bytecode.Program, opt Options) *Ruleset {
	t.Helper()
	r, err := Load(p, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// run gives the verdict of the first base chain at prerouting.
func run(t testing.TB, w *world, p *bytecode.Program, pkt *packet.Packet) nf.Verdict {
	t.Helper()
	r := mustLoad(t, p, Options{Now: w.now})
	return NewMachine(w).Run(r.BaseChains(pkt.Family, nf.HookPrerouting)[0], pkt, nf.HookPrerouting)
}

var drop = &bytecode.Immediate{Verdict: nf.Drop}

// matches runs a rule of expressions and `drop`, with and without fusing.
func matches(t testing.TB, w *world, pkt *packet.Packet, exprs ...bytecode.Expr) bool {
	t.Helper()
	var got [2]nf.Verdict
	for i := range got {
		r := mustLoad(t, program(append(exprs, drop)), Options{Now: w.now, Plain: i == 1})
		copied := *pkt
		copied.Data = append([]byte(nil), pkt.Data...)
		got[i] = NewMachine(w).Run(r.BaseChains(pkt.Family, nf.HookPrerouting)[0], &copied, nf.HookPrerouting)
	}
	if got[0] != got[1] {
		t.Errorf("%v: fused %v, plain %v", exprs, got[0], got[1])
	}
	return got[0] == nf.Drop
}
