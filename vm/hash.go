package vm

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"nfvm/bytecode"
	"nfvm/packet"
)

// A numgen is a number generator with its counter.
type numgen struct {
	random          bool
	modulus, offset uint32
	last            uint32
}

func newNumgen(e *bytecode.Numgen) *numgen {
	return &numgen{random: e.Random, modulus: e.Modulus, offset: e.Offset, last: e.Modulus - 1}
}

func (m *Machine) numgen(in *instr) {
	g := in.ref.(*numgen)
	if g.random {
		m.put(in.dst, 4, uint64(scale(m.env.Rand(), g.modulus)+g.offset))
		return
	}
	m.put(in.dst, 4, uint64(g.next(m)+g.offset))
}

func (g *numgen) next(m *Machine) uint32 {
	if b := m.Beside; b != nil {
		b.Guard.Lock()
		defer b.Guard.Unlock()
	}
	if g.last++; g.last >= g.modulus {
		g.last = 0
	}
	return g.last
}

// scale maps a number evenly onto 0..n-1 (reciprocal_scale).
func scale(v, n uint32) uint32 { return uint32(uint64(v) * uint64(n) >> 32) }

func (m *Machine) jhash(in *instr) {
	e := in.ref.(*bytecode.Hash)
	h := jhash(m.regs[in.src:int(in.src)+int(in.n)], uint32(in.val))
	m.put(in.dst, 4, uint64(scale(h, e.Modulus)+e.Offset))
}

// symhash hashes the flow so that both directions give the same number.
func (m *Machine) symhash(in *instr) {
	e := in.ref.(*bytecode.Hash)
	a, b := m.p.Src(), m.p.Dst()
	sport, dport, _ := m.p.Ports()
	if c := bytes.Compare(a[:], b[:]); c > 0 || c == 0 && sport > dport {
		a, b, sport, dport = b, a, dport, sport
	}
	const size = len(packet.Addr{})
	key := m.scratch[:2*size+5]
	copy(key, a[:])
	copy(key[size:], b[:])
	binary.BigEndian.PutUint16(key[2*size:], sport)
	binary.BigEndian.PutUint16(key[2*size+2:], dport)
	key[2*size+4] = m.p.Proto
	m.put(in.dst, 4, uint64(scale(jhash(key, uint32(in.val)), e.Modulus)+e.Offset))
}

// jhash is Bob Jenkins' lookup3 (hashlittle) with the kernel's initial value.
func jhash(k []byte, seed uint32) uint32 {
	a := 0xdeadbeef + uint32(len(k)) + seed
	b, c := a, a
	for len(k) > 12 {
		a += binary.LittleEndian.Uint32(k)
		b += binary.LittleEndian.Uint32(k[4:])
		c += binary.LittleEndian.Uint32(k[8:])
		a, b, c = jhashMix(a, b, c)
		k = k[12:]
	}
	if len(k) == 0 {
		return c
	}
	var t [12]byte
	copy(t[:], k)
	a += binary.LittleEndian.Uint32(t[:])
	b += binary.LittleEndian.Uint32(t[4:])
	c += binary.LittleEndian.Uint32(t[8:])
	return jhashFinal(a, b, c)
}

func jhashMix(a, b, c uint32) (uint32, uint32, uint32) {
	step := func(x, y, z uint32, rot int) (uint32, uint32) { return (x - z) ^ bits.RotateLeft32(z, rot), z + y }
	a, c = step(a, b, c, 4)
	b, a = step(b, c, a, 6)
	c, b = step(c, a, b, 8)
	a, c = step(a, b, c, 16)
	b, a = step(b, c, a, 19)
	c, b = step(c, a, b, 4)
	return a, b, c
}

func jhashFinal(a, b, c uint32) uint32 {
	step := func(x, y uint32, rot int) uint32 { return (x ^ y) - bits.RotateLeft32(y, rot) }
	c = step(c, b, 14)
	a = step(a, c, 11)
	b = step(b, a, 25)
	c = step(c, b, 16)
	a = step(a, c, 4)
	b = step(b, a, 14)
	return step(c, b, 24)
}
