package vm

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// headerSize is the size of the header of rules.bin: magic, version, length and
// SHA-256.
const headerSize = 8 + 4 + 8 + sha256.Size

// sealed puts a correct header before a body.
func sealed(body []byte) []byte {
	h := append([]byte(bytecode.Magic), bytecode.FormatVersion, 0, 0, 0)
	h = binary.LittleEndian.AppendUint64(h, uint64(len(body)))
	sum := sha256.Sum256(body)
	return append(append(h, sum[:]...), body...)
}

// seeds are programs that together use every expression the machine runs.
func seeds() []*bytecode.Program {
	limit := []bytecode.Expr{&bytecode.Limit{Rate: 1, Unit: 1}, &bytecode.Connlimit{Count: 1}, &bytecode.Last{}}
	dyn := saddrSet(bytecode.SetEval | bytecode.SetTimeout)
	all := []bytecode.Expr{saddr, &bytecode.Dynset{Set: "s", SReg: 1, Exprs: limit}, &bytecode.Byteorder{SReg: 1, DReg: 2, Len: 4, Size: 2},
		&bytecode.Bitwise{Op: bytecode.BitwiseOr, SReg: 1, SReg2: 2, DReg: 3, Len: 4}, &bytecode.Bitwise{Op: bytecode.BitwiseRshift, SReg: 1, DReg: 1, Len: 4, Shift: 3},
		&bytecode.Hash{SReg: 1, Len: 4, Modulus: 3, DReg: 1}, &bytecode.MetaSet{Key: bytecode.MetaMark, SReg: 1}, &bytecode.CTSet{Key: bytecode.CTMark, Dir: -1, SReg: 1},
		&bytecode.Exthdr{Op: bytecode.ExthdrTCPOpt, Type: 2, Len: 2, SReg: 1}, &bytecode.Exthdr{Op: bytecode.ExthdrTCPOpt, Type: 2, Reset: true},
		&bytecode.Exthdr{Type: 44, Len: 4, DReg: 1}, &bytecode.Exthdr{Op: bytecode.ExthdrIPv4, Type: 7, Len: 1, Flags: 1, DReg: 1},
		&bytecode.Fib{Result: 1, Flags: 1, DReg: 1}, &bytecode.Rt{Key: 1, DReg: 1}, &bytecode.Log{Flags: bytecode.LogFlagsAll}, &bytecode.Notrack{}, &bytecode.Reject{}}
	concat := &bytecode.Set{Name: "s", Flags: bytecode.SetInterval | bytecode.SetConcat, KeyLen: 8, FieldLens: []uint32{4, 2},
		Elements: []bytecode.Element{{Key: make([]byte, 8), KeyEnd: []byte{9, 9, 9, 9, 9, 9, 0, 0}}}}
	return []*bytecode.Program{
		tenRules(), vmapProgram(), lookupProgram(bigSet(3, 0)), lookupProgram(bigSet(3, bytecode.SetInterval)),
		withSets([]*bytecode.Set{dyn}, all),
		withSets([]*bytecode.Set{concat}, []bytecode.Expr{load(bytecode.PayloadNetwork, 12, 8), &bytecode.Lookup{Set: "s", SReg: 1}}),
		program(append(write(bytecode.PayloadTransport, 2, 1, 6, 1, 0, 99), verdict(nf.Accept)...)),
		natProgram(nf.HookPrerouting, imm(1, 9, 9, 9, 9), &bytecode.NAT{Type: bytecode.DNAT, Family: nf.FamilyIPv4, AddrMin: 1, Flags: bytecode.NATNetmap}),
	}
}

// FuzzRun decodes, verifies and loads any body of a rules.bin file and gives
// each of its base chains any packet.
func FuzzRun(f *testing.F) {
	packets := [][]byte{ipv4(17, udp(1, 2, 3)), ipv4(6, tcp(1, 2, 2, 4, 5, 180)), ipv6(44, make([]byte, 16)), later(ipv4(17, make([]byte, 9)))}
	for i, p := range seeds() {
		data, err := bytecode.Encode(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[headerSize:], packets[i%len(packets)])
	}
	f.Fuzz(func(t *testing.T, body, data []byte) {
		p, err := bytecode.Decode(sealed(body))
		if err != nil || len(data) > 2000 {
			return
		}
		w := newWorld()
		r, err := Load(p, Options{Now: w.now})
		if err != nil {
			return
		}
		runAll(w, r, data)
		r.Snapshot(w.now)
	})
}

func runAll(w *world, r *Ruleset, data []byte) {
	m := NewMachine(w)
	for _, link := range []bool{false, true} {
		pkt := new(packet.Packet)
		pkt.Reset(append([]byte(nil), data...), link)
		if link {
			pkt.ParseEther()
		}
		if pkt.CheckIP() != packet.OK {
			continue
		}
		w.ct.Track(pkt, pkt.Family, nf.HookPrerouting, w.now)
		for h := range nf.HookCount {
			for _, c := range r.BaseChains(pkt.Family, h) {
				m.Run(c, pkt, h)
			}
		}
		w.ct.Release(pkt)
	}
}
