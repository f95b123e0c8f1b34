//go:build linux

package guard

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// The token that marks a frame as ours lies in skb->tc_index: the programs of
// our TAP devices set it, redirection keeps it, and a verdict of TCX_PASS on the
// interface clears it. Nothing else on a host sets it between these two points,
// and `meta mark` stays free for rules.
const token = 0x6e66

// Offsets in struct __sk_buff (linux/bpf.h), in bytes.
const (
	skbLen            = 0
	skbPktType        = 4
	skbMark           = 8
	skbVLANPresent    = 20
	skbVLANTCI        = 24
	skbPriority       = 32
	skbIngressIfindex = 36
	skbTCIndex        = 44
	skbGSOSize        = 176
)

// Types of packets (linux/if_packet.h).
const (
	packetHost      = 0
	packetOtherHost = 3
	packetOutgoing  = 4
)

// Verdicts of tcx programs.
const (
	tcxNext = -1
	tcxPass = 0
	tcxDrop = 2
)

const redirectIngress = 1 // BPF_F_INGRESS

// fromWire is the program at an interface's ingress: frames that have the token
// go on to the host, those of flows to where these go, all others to the TAP
// device. Frames with a VLAN tag are the VLAN interface's, which may be guarded
// itself.
func fromWire(index, tap int, flows *Flows) asm.Instructions {
	return join(
		passToken(),
		jumpTagged("pass"),
		asm.Mov.Reg(asm.R6, asm.R1),
		flows.findFlow(followHook, index, "take"),
		flows.forwardFlow(),
		redirect("take", tap, 0),
		verdict("pass", tcxPass),
	)
}

// jumpTagged jumps for a frame of a VLAN; tag 0 has only a priority.
func jumpTagged(label string) asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R2, asm.R1, skbVLANPresent, asm.Word),
		asm.JEq.Imm(asm.R2, 0, "untagged"),
		asm.LoadMem(asm.R2, asm.R1, skbVLANTCI, asm.Word),
		asm.And.Imm(asm.R2, 0xfff),
		asm.JNE.Imm(asm.R2, 0, label),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("untagged"),
	}
}

// fromHost is the program at an interface's egress. What the host knows of a
// packet and a frame does not say goes before the frame, as a Meta.
func fromHost(tap int) asm.Instructions {
	return join(
		passToken(),
		asm.Mov.Reg(asm.R6, asm.R1),
		prependMeta(),
		redirect("take", tap, 0),
		verdict("drop", tcxDrop),
		verdict("pass", tcxPass),
	)
}

// prependMeta puts a Meta before the frame of the context in R6, or jumps to drop.
func prependMeta() asm.Instructions {
	return asm.Instructions{
		asm.StoreImm(asm.RFP, metaType-metaSize, 0, asm.Word),
		asm.StoreImm(asm.RFP, metaType-metaSize, int64(wire16(metaEtherType)), asm.Half),
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.FnGetSocketUid.Call(),
		asm.StoreMem(asm.RFP, metaUID-metaSize, asm.R0, asm.Word),
		asm.LoadMem(asm.R2, asm.R6, skbMark, asm.Word),
		asm.StoreMem(asm.RFP, metaMark-metaSize, asm.R2, asm.Word),
		asm.LoadMem(asm.R2, asm.R6, skbPriority, asm.Word),
		asm.StoreMem(asm.RFP, metaPriority-metaSize, asm.R2, asm.Word),
		asm.LoadMem(asm.R2, asm.R6, skbIngressIfindex, asm.Word),
		asm.StoreMem(asm.RFP, metaFrom-metaSize, asm.R2, asm.Word),
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.Mov.Imm(asm.R2, metaSize),
		asm.Mov.Imm(asm.R3, 0),
		asm.FnSkbChangeHead.Call(),
		asm.JNE.Imm(asm.R0, 0, "drop"),
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.Mov.Imm(asm.R2, 0),
		asm.Mov.Reg(asm.R3, asm.RFP),
		asm.Add.Imm(asm.R3, -metaSize),
		asm.Mov.Imm(asm.R4, metaSize),
		asm.Mov.Imm(asm.R5, 0),
		asm.FnSkbStoreBytes.Call(),
		asm.JNE.Imm(asm.R0, 0, "drop"),
	}
}

// copyFromWire and copyFromHost are the programs of an observer: a copy of each
// frame goes to the TAP device, the frame goes on. What the host only forwards
// has been seen where it arrived.
func copyFromWire(tap int) asm.Instructions {
	return join(
		asm.LoadMem(asm.R2, asm.R1, skbVLANPresent, asm.Word),
		asm.JNE.Imm(asm.R2, 0, "next"),
		cloneRedirect(tap),
		verdict("next", tcxNext),
	)
}

func copyFromHost(tap int) asm.Instructions {
	return join(
		asm.LoadMem(asm.R2, asm.R1, skbIngressIfindex, asm.Word),
		asm.JNE.Imm(asm.R2, 0, "next"),
		cloneRedirect(tap),
		verdict("next", tcxNext),
	)
}

func cloneRedirect(index int) asm.Instructions {
	return asm.Instructions{
		asm.Mov.Imm(asm.R2, int32(index)),
		asm.Mov.Imm(asm.R3, 0),
		asm.FnCloneRedirect.Call(),
	}
}

// onward is the program at the ingress of a TAP device: what we wrote goes on to
// the interface, with the token.
func onward(link int, flags int32) asm.Instructions {
	return join(
		asm.Mov.Imm(asm.R2, token),
		asm.StoreMem(asm.R1, skbTCIndex, asm.R2, asm.Word),
		redirect("onward", link, flags),
	)
}

// markOnly is the same where an action behind the program sends the frame on, to
// the host: it is not for another one only because it came by a TAP device.
func markOnly() asm.Instructions {
	return join(
		asm.Mov.Imm(asm.R2, token),
		asm.StoreMem(asm.R1, skbTCIndex, asm.R2, asm.Word),
		asm.LoadMem(asm.R2, asm.R1, skbPktType, asm.Word),
		asm.JNE.Imm(asm.R2, packetOtherHost, "next"),
		asm.Mov.Imm(asm.R2, packetHost),
		asm.FnSkbChangeType.Call(),
		verdict("next", tcxNext),
	)
}

// passToken jumps to pass for a frame that has the token.
func passToken() asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R2, asm.R1, skbTCIndex, asm.Word),
		asm.JEq.Imm(asm.R2, token, "pass"),
	}
}

// redirect ends a program by sending the frame to another device.
func redirect(label string, index int, flags int32) asm.Instructions {
	return asm.Instructions{
		asm.Mov.Imm(asm.R1, int32(index)).WithSymbol(label),
		asm.Mov.Imm(asm.R2, flags),
		asm.FnRedirect.Call(),
		asm.Return(),
	}
}

func verdict(label string, v int32) asm.Instructions {
	return asm.Instructions{asm.Mov.Imm(asm.R0, v).WithSymbol(label), asm.Return()}
}

// join makes one program of instructions and pieces of programs.
func join(parts ...any) (p asm.Instructions) {
	for _, part := range parts {
		switch part := part.(type) {
		case asm.Instruction:
			p = append(p, part)
		case asm.Instructions:
			p = append(p, part...)
		}
	}
	return p
}

func load(name string, p asm.Instructions) (*ebpf.Program, error) {
	return ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: name, Type: ebpf.SchedCLS, Instructions: p, License: "Dual MIT/GPL",
	})
}
