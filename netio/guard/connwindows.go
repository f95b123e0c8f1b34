//go:build linux

package guard

import (
	"fmt"
	"unsafe"

	"github.com/cilium/ebpf/asm"

	"nfvm/nf"
)

// A side is where the fields of a ConnSide lie.
type side struct{ end, maxEnd, maxWin, maxAck, scale, unacked, sack int16 }

func sideOf(d int) side {
	at := connSides + int16(d)*int16(unsafe.Sizeof(ConnSide{}))
	return side{
		at + int16(unsafe.Offsetof(ConnSide{}.End)), at + int16(unsafe.Offsetof(ConnSide{}.MaxEnd)),
		at + int16(unsafe.Offsetof(ConnSide{}.MaxWin)), at + int16(unsafe.Offsetof(ConnSide{}.MaxAck)),
		at + int16(unsafe.Offsetof(ConnSide{}.Scale)), at + int16(unsafe.Offsetof(ConnSide{}.Unacked)),
		at + int16(unsafe.Offsetof(ConnSide{}.Sack)),
	}
}

// followDir is for the packets of one direction, with the connection locked.
func followDir(d int) asm.Instructions {
	name := func(s string) string { return fmt.Sprintf("conn%s%d", s, d) }
	use := connUse + int16(d)*int16(unsafe.Sizeof(FlowUse{}))
	packets, bytes, last := int16(unsafe.Offsetof(FlowUse{}.Packets)), int16(unsafe.Offsetof(FlowUse{}.Bytes)), int16(unsafe.Offsetof(FlowUse{}.Last))
	return join(
		asm.LoadMem(asm.R2, asm.R7, valueDir, asm.Word),
		asm.JNE.Imm(asm.R2, int32(d), name("Other")),
		asm.LoadMem(asm.R2, asm.RFP, keyProto, asm.Byte),
		asm.JNE.Imm(asm.R2, nf.ProtoTCP, name("Count")),
		fitsWindows(sideOf(d), sideOf(1-d), name),
		moveWindows(sideOf(d), sideOf(1-d), name),
		repeated(d, name),
		asm.LoadMem(asm.R2, asm.R9, use+packets, asm.DWord).WithSymbol(name("Count")),
		asm.Add.Imm(asm.R2, 1),
		asm.StoreMem(asm.R9, use+packets, asm.R2, asm.DWord),
		asm.LoadMem(asm.R2, asm.R9, use+bytes, asm.DWord),
		asm.Add.Reg(asm.R2, asm.R8),
		asm.StoreMem(asm.R9, use+bytes, asm.R2, asm.DWord),
		asm.LoadMem(asm.R2, asm.RFP, stackNow, asm.DWord),
		asm.StoreMem(asm.R9, use+last, asm.R2, asm.DWord),
		asm.Ja.Label("connAccepted"),
		asm.Mov.Imm(asm.R0, 0).WithSymbol(name("Other")),
	)
}

// fitsWindows applies the four rules of ct's windows: it jumps to connRefused unless
// the segment lies within. R1 is then its sequence number, R2 its end, R3 what it
// acknowledges, R4 its window in bytes.
func fitsWindows(snd, rcv side, name func(string) string) asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R1, asm.RFP, stackSeq, asm.Word),
		asm.LoadMem(asm.R2, asm.RFP, stackEnd, asm.Word),
		asm.LoadMem(asm.R3, asm.RFP, stackAck, asm.Word),
		asm.LoadMem(asm.R4, asm.RFP, stackWin, asm.Word),
		asm.LoadMem(asm.R0, asm.R9, snd.scale, asm.Word),
		asm.LSh.Reg32(asm.R4, asm.R0),
		// It acknowledges selectively only what has agreed to it.
		asm.LoadMem(asm.R0, asm.RFP, stackSack, asm.Word),
		asm.JEq.Reg32(asm.R0, asm.R3, name("Agreed")),
		asm.LoadMem(asm.R0, asm.R9, rcv.sack, asm.Word),
		asm.JEq.Imm32(asm.R0, 0, "connRefused"),
		asm.Mov.Imm(asm.R0, 0).WithSymbol(name("Agreed")),
		// It begins before the end of what the receiver allowed,
		asm.LoadMem(asm.R0, asm.R9, snd.maxEnd, asm.Word),
		asm.Add.Imm32(asm.R0, 1),
		asm.Mov.Reg32(asm.R5, asm.R1),
		asm.Sub.Reg32(asm.R5, asm.R0),
		asm.JSGE.Imm32(asm.R5, 0, "connRefused"),
		// does not end before the receiver's window,
		asm.LoadMem(asm.R5, asm.R9, snd.end, asm.Word),
		asm.LoadMem(asm.R0, asm.R9, rcv.maxWin, asm.Word),
		asm.Sub.Reg32(asm.R5, asm.R0),
		asm.Sub.Imm32(asm.R5, 1),
		asm.Sub.Reg32(asm.R5, asm.R2),
		asm.JSGE.Imm32(asm.R5, 0, "connRefused"),
		// acknowledges what was sent,
		asm.LoadMem(asm.R0, asm.R9, rcv.end, asm.Word),
		asm.Add.Imm32(asm.R0, 1),
		asm.LoadMem(asm.R5, asm.RFP, stackSack, asm.Word),
		asm.Sub.Reg32(asm.R5, asm.R0),
		asm.JSGE.Imm32(asm.R5, 0, "connRefused"),
		// and not what is long past.
		asm.LoadMem(asm.R0, asm.R9, snd.maxWin, asm.Word),
		asm.JGE.Imm32(asm.R0, maxAckWindow, name("Wide")),
		asm.Mov.Imm32(asm.R0, maxAckWindow),
		asm.LoadMem(asm.R5, asm.R9, rcv.end, asm.Word).WithSymbol(name("Wide")),
		asm.Sub.Reg32(asm.R5, asm.R0),
		asm.Sub.Imm32(asm.R5, 1),
		asm.LoadMem(asm.R0, asm.RFP, stackSack, asm.Word),
		asm.Sub.Reg32(asm.R5, asm.R0),
		asm.JSGE.Imm32(asm.R5, 0, "connRefused"),
	}
}

// moveWindows notes what the segment says of both sides.
func moveWindows(snd, rcv side, name func(string) string) asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R5, asm.RFP, stackSack, asm.Word),
		asm.Sub.Reg32(asm.R5, asm.R3),
		asm.Add.Reg32(asm.R5, asm.R4),
		asm.LoadMem(asm.R0, asm.R9, snd.maxWin, asm.Word),
		asm.JGE.Reg32(asm.R0, asm.R5, name("End")),
		asm.StoreMem(asm.R9, snd.maxWin, asm.R5, asm.Word),
		asm.LoadMem(asm.R0, asm.R9, snd.end, asm.Word).WithSymbol(name("End")),
		asm.Sub.Reg32(asm.R0, asm.R2),
		asm.JSGE.Imm32(asm.R0, 0, name("MaxAck")),
		asm.StoreMem(asm.R9, snd.end, asm.R2, asm.Word),
		asm.Mov.Imm(asm.R0, 1),
		asm.StoreMem(asm.R9, snd.unacked, asm.R0, asm.Word),
		asm.LoadMem(asm.R0, asm.R9, snd.maxAck, asm.Word).WithSymbol(name("MaxAck")),
		asm.Sub.Reg32(asm.R0, asm.R3),
		asm.JSGE.Imm32(asm.R0, 0, name("Over")),
		asm.StoreMem(asm.R9, snd.maxAck, asm.R3, asm.Word),
		// More than allowed widens the receiver's window.
		asm.LoadMem(asm.R0, asm.R9, snd.maxEnd, asm.Word).WithSymbol(name("Over")),
		asm.Mov.Reg32(asm.R5, asm.R0),
		asm.Sub.Reg32(asm.R5, asm.R2),
		asm.JSGE.Imm32(asm.R5, 0, name("Allow")),
		asm.Mov.Reg32(asm.R5, asm.R2),
		asm.Sub.Reg32(asm.R5, asm.R0),
		asm.LoadMem(asm.R0, asm.R9, rcv.maxWin, asm.Word),
		asm.Add.Reg32(asm.R0, asm.R5),
		asm.StoreMem(asm.R9, rcv.maxWin, asm.R0, asm.Word),
		// What the receiver may send now.
		asm.LoadMem(asm.R5, asm.RFP, stackSack, asm.Word).WithSymbol(name("Allow")),
		asm.Add.Reg32(asm.R4, asm.R5),
		asm.LoadMem(asm.R0, asm.R9, rcv.maxEnd, asm.Word),
		asm.Sub.Imm32(asm.R0, 1),
		asm.Sub.Reg32(asm.R0, asm.R4),
		asm.JSGE.Imm32(asm.R0, 0, name("Acked")),
		asm.StoreMem(asm.R9, rcv.maxEnd, asm.R4, asm.Word),
		asm.LoadMem(asm.R0, asm.R9, rcv.end, asm.Word).WithSymbol(name("Acked")),
		asm.JNE.Reg32(asm.R0, asm.R3, name("Moved")),
		asm.Mov.Imm(asm.R0, 0),
		asm.StoreMem(asm.R9, rcv.unacked, asm.R0, asm.Word),
		asm.LoadMem(asm.R4, asm.RFP, stackWin, asm.Word).WithSymbol(name("Moved")),
	}
}

// repeated counts identical acknowledgments in a row; R4 is the window as sent.
func repeated(d int, name func(string) string) asm.Instructions {
	var p asm.Instructions
	for _, f := range []struct {
		at  int16
		reg asm.Register
	}{{connLastSeq, asm.R1}, {connLastAck, asm.R3}, {connLastEnd, asm.R2}, {connLastWin, asm.R4}} {
		p = append(p, asm.LoadMem(asm.R0, asm.R9, f.at, asm.Word), asm.JNE.Reg32(asm.R0, f.reg, name("New")))
	}
	return join(
		asm.LoadMem(asm.R0, asm.R9, connLastDir, asm.Word),
		asm.JNE.Imm32(asm.R0, int32(d), name("New")),
		p,
		asm.LoadMem(asm.R0, asm.R9, connRepeats, asm.Word),
		asm.Add.Imm32(asm.R0, 1),
		asm.And.Imm32(asm.R0, 0xff),
		asm.StoreMem(asm.R9, connRepeats, asm.R0, asm.Word),
		asm.Ja.Label(name("Count")),
		asm.Mov.Imm(asm.R0, int32(d)).WithSymbol(name("New")),
		asm.StoreMem(asm.R9, connLastDir, asm.R0, asm.Word),
		asm.StoreMem(asm.R9, connLastSeq, asm.R1, asm.Word),
		asm.StoreMem(asm.R9, connLastAck, asm.R3, asm.Word),
		asm.StoreMem(asm.R9, connLastEnd, asm.R2, asm.Word),
		asm.StoreMem(asm.R9, connLastWin, asm.R4, asm.Word),
		asm.Mov.Imm(asm.R0, 0),
		asm.StoreMem(asm.R9, connRepeats, asm.R0, asm.Word),
	)
}
