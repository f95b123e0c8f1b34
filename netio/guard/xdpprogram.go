//go:build linux

package guard

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"
)

// Offsets in struct xdp_md (linux/bpf.h), in bytes, and verdicts.
const (
	xdpData    = 0
	xdpDataEnd = 4
	xdpQueue   = 16

	xdpPass = 2
)

const bpfXDPHasFrags = 1 << 5 // BPF_F_XDP_HAS_FRAGS

// toSockets is the program that gives each frame to the AF_XDP socket of the
// queue that it came by. Longer ones than the sockets have room for, those with a
// VLAN tag, those of a queue without a socket, and those of flows go on as if it were
// not there.
func toSockets(index int, sockets *ebpf.Map, room int, flows *Flows) asm.Instructions {
	var flow asm.Instructions
	if flows != nil {
		flow = join(flows.findFlow(xdpHook, index, "take"), asm.Ja.Label("pass"))
	}
	return join(
		asm.Mov.Reg(asm.R6, asm.R1),
		asm.FnXdpGetBuffLen.Call(),
		asm.JGT.Imm(asm.R0, int32(room), "pass"),
		asm.LoadMem(asm.R2, asm.R6, xdpData, asm.Word),
		asm.LoadMem(asm.R3, asm.R6, xdpDataEnd, asm.Word),
		asm.Mov.Reg(asm.R4, asm.R2),
		asm.Add.Imm(asm.R4, 14),
		asm.JGT.Reg(asm.R4, asm.R3, "pass"),
		asm.LoadMem(asm.R4, asm.R2, 12, asm.Half),
		asm.JEq.Imm(asm.R4, int32(wire16(unix.ETH_P_8021Q)), "pass"),
		asm.JEq.Imm(asm.R4, int32(wire16(unix.ETH_P_8021AD)), "pass"),
		flow,
		asm.LoadMapPtr(asm.R1, sockets.FD()).WithSymbol("take"),
		asm.LoadMem(asm.R2, asm.R6, xdpQueue, asm.Word),
		asm.Mov.Imm(asm.R3, xdpPass),
		asm.FnRedirectMap.Call(),
		asm.Return(),
		verdict("pass", xdpPass),
	)
}

func loadXDP(name string, p asm.Instructions) (*ebpf.Program, error) {
	return ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: name, Type: ebpf.XDP, Instructions: p, License: "Dual MIT/GPL", Flags: bpfXDPHasFrags,
	})
}
