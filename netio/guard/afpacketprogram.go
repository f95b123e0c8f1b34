//go:build linux

package guard

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// outToken marks, as token does, a frame that the host sends: it comes to the
// interface's ingress once more, where packet sockets see frames before the
// programs do.
const outToken = 0x6e67

// dropCaptured is the program at ingress behind packet sockets: what they have
// captured goes no further. The frames of flows, which they leave, go on.
func dropCaptured(index int, flows *Flows) asm.Instructions {
	return join(
		passToken(),
		asm.JEq.Imm(asm.R2, outToken, "drop"),
		jumpTagged("pass"),
		asm.Mov.Reg(asm.R6, asm.R1),
		flows.findFlow(skbHook, index, "drop"),
		flows.forwardFlow(),
		verdict("drop", tcxDrop),
		verdict("pass", tcxPass),
	)
}

// turnBack is the program at egress: what the host sends turns to the interface's
// ingress to be captured, and so does what the socket toHost sends, to reach the
// host. What toWire sends leaves, and so do the frames of flows. Both sockets are
// named by their cookies.
func turnBack(index int, toHost, toWire uint64) asm.Instructions {
	return join(
		passToken(),
		asm.Mov.Reg(asm.R6, asm.R1),
		asm.FnGetSocketCookie.Call(),
		asm.LoadImm(asm.R1, int64(toWire), asm.DWord),
		asm.JEq.Reg(asm.R0, asm.R1, "pass"),
		asm.Mov.Imm(asm.R7, token),
		asm.LoadImm(asm.R1, int64(toHost), asm.DWord),
		asm.JEq.Reg(asm.R0, asm.R1, "turn"),
		asm.Mov.Imm(asm.R7, outToken),
		prependMeta(),
		asm.StoreMem(asm.R6, skbTCIndex, asm.R7, asm.Word).WithSymbol("turn"),
		redirect("redirect", index, redirectIngress),
		verdict("drop", tcxDrop),
		verdict("pass", tcxPass),
	)
}

// Filters of packet sockets: which frames they capture. captureWire takes what
// arrives, captureHost what turnBack has turned; the others are an observer's.
func captureWire(index int, flows *Flows) asm.Instructions {
	var flow asm.Instructions
	if flows != nil {
		flow = join(flows.findFlow(skbHook, index, "take"), asm.Ja.Label("none"))
	}
	return join(
		asm.LoadMem(asm.R2, asm.R1, skbTCIndex, asm.Word),
		asm.JEq.Imm(asm.R2, token, "none"),
		asm.JEq.Imm(asm.R2, outToken, "none"),
		asm.Mov.Reg(asm.R6, asm.R1),
		flow,
		asm.Mov.Reg(asm.R1, asm.R6).WithSymbol("take"),
		observeWire(),
	)
}

func captureHost() asm.Instructions {
	return join(
		asm.LoadMem(asm.R2, asm.R1, skbTCIndex, asm.Word),
		asm.JNE.Imm(asm.R2, outToken, "none"),
		verdict("whole", -1),
		verdict("none", 0),
	)
}

func observeWire() asm.Instructions {
	return join(
		asm.LoadMem(asm.R2, asm.R1, skbPktType, asm.Word),
		asm.JEq.Imm(asm.R2, packetOutgoing, "none"),
		jumpTagged("none"),
		verdict("whole", -1),
		verdict("none", 0),
	)
}

func observeHost() asm.Instructions {
	return join(
		asm.LoadMem(asm.R2, asm.R1, skbPktType, asm.Word),
		asm.JNE.Imm(asm.R2, packetOutgoing, "none"),
		asm.LoadMem(asm.R2, asm.R1, skbIngressIfindex, asm.Word),
		asm.JNE.Imm(asm.R2, 0, "none"),
		verdict("whole", -1),
		verdict("none", 0),
	)
}

func loadFilter(name string, p asm.Instructions) (*ebpf.Program, error) {
	return ebpf.NewProgram(&ebpf.ProgramSpec{Name: name, Type: ebpf.SocketFilter, Instructions: p, License: "Dual MIT/GPL"})
}
