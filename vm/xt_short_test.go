package vm

import (
	"bytes"
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/xt"
)

// xtUses are extensions with all that they look at.
func xtUses() []bytecode.Expr {
	match := func(name string, info any) bytecode.Expr { return &bytecode.XT{Ext: name, Info: xt.Encode(info)} }
	target := func(name string, info any) bytecode.Expr {
		return &bytecode.XT{Target: true, Ext: name, Info: xt.Encode(info)}
	}
	all := xt.Addr{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}
	prefix := xt.NPT{Src: xt.Addr{0xfd}, Dst: xt.Addr{0xfd, 1}, SrcLen: 8, DstLen: 60}
	mark := xt.HMark{SrcMask: all, DstMask: all, PortMask: [4]byte{255, 255, 255, 255}, ProtoMask: 0xffff, Mod: 9}
	str := xt.String{To: 0xffff, Pattern: [128]byte{'x', 'y'}, PatternSize: 2}
	program := xt.BPF{Len: 3, Program: [xt.BPFSize]xt.BPFInsn{{Code: xt.BPFLdx | xt.BPFB | xt.BPFMsh}, {Code: xt.BPFLd | xt.BPFInd, K: 2}, {Code: xt.BPFRet | xt.BPFA}}}
	out := []bytecode.Expr{match("ah", &xt.AH6{SPIMax: 1 << 31, Length: 16, Reserved: 1}), match("ipv6header", &xt.Headers6{Match: 255, Soft: 1}),
		match("bpf", &program), match("stp", &xt.STP{Match: 0xfff, Invert: 0xfff}), match("802_3", &xt.LLC{Match: 3, Invert: 3}), match("string", &str),
		target("HMARK", &mark), target("SNPT", &prefix), target("DNPT", &prefix), target("arpreply", &xt.FrameMAC{Target: xt.EbtContinue}),
		target("snat", &xt.FrameMAC{Target: xt.EbtContinue &^ xt.SnatARP})}
	for _, kind := range []uint32{xt.SCTPAny, xt.SCTPAll, xt.SCTPOnly} {
		c := xt.SCTP{SrcMax: 0xffff, DstMax: 0xffff, Match: kind, Options: 7, Invert: 4, NumFlags: 1, Flags: [4]xt.SCTPFlags{{Chunk: 0, Flags: 1, Mask: 3}}}
		c.Chunks[0] = 3
		out = append(out, match("sctp", &c))
	}
	return out
}

// Wherever a packet ends, extensions look no further.
func TestExtensionsCutShort(t *testing.T) {
	sctp := []byte{0, 7, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 5, 9, 9, 9, 9, 3, 0, 0, 4}
	ah := append([]byte{nf.ProtoDstOpts, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0}, nf.ProtoUDP, 0, 1, 4, 0, 0, 0, 0)
	quote := append([]byte{1, 4, 0, 0, 0, 0, 0, 0}, ipv6(nf.ProtoAH, append(ah, udp(1, 2, 3)...))...)
	arp := []byte{0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2}
	stp := append([]byte(stpHeader), make([]byte, 40)...)
	frame := func(typ string, b []byte) []byte {
		return append(append(bytes.Repeat([]byte{2}, 12), typ...), b...)
	}
	ran := 0
	for _, e := range xtUses() {
		c := mustLoad(t, program([]bytecode.Expr{e}), Options{}).BaseChains(nf.FamilyIPv4, nf.HookPrerouting)[0]
		m := NewMachine(newWorld())
		for _, f := range [][]byte{frame("\x08\x00", ipv4(nf.ProtoSCTP, sctp)), frame("\x08\x00", ipv4(nf.ProtoICMP, append([]byte{3, 1, 0, 0, 0, 0, 0, 0}, ipv4(17, udp(1, 2, 3))...))),
			frame("\x86\xdd", ipv6(nf.ProtoAH, append(ah, udp(1, 2, 3)...))), frame("\x86\xdd", ipv6(nf.ProtoICMPv6, quote)), frame("\x08\x06", arp), frame("\x00\x26", stp)} {
			for n := 14; n <= len(f); n++ {
				p := new(packet.Packet)
				p.Reset(bytes.Clone(f[:n:n]), true)
				if p.ParseEther() != packet.OK {
					continue
				}
				p.ParseIP()
				m.Run(c, p, nf.HookPrerouting)
				ran++
			}
		}
	}
	if ran < 1000 {
		t.Errorf("only %d packets", ran)
	}
}
