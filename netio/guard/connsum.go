//go:build linux

package guard

import (
	"fmt"

	"github.com/cilium/ebpf/asm"

	"nfvm/nf"
)

// rightSum jumps to miss unless the transport checksum is known to be right: a device
// says so, or it is left to one, or there is no data and it is summed here, or there is
// none.
func rightSum(miss string) asm.Instructions {
	return join(
		asm.LoadMem(asm.R2, asm.R6, skbGSOSize, asm.Word),
		asm.JNE.Imm(asm.R2, 0, "connSum"),
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.Mov.Imm(asm.R2, 0), // BPF_CSUM_LEVEL_QUERY
		asm.FnCsumLevel.Call(),
		asm.JSGE.Imm(asm.R0, 0, "connSum"),
		pseudoSum(),
		asm.LoadMem(asm.R2, asm.RFP, keyProto, asm.Byte),
		asm.JEq.Imm(asm.R2, nf.ProtoTCP, "connSumTCP"),
		asm.LoadMem(asm.R2, asm.RFP, stackL4+6, asm.Half),
		asm.JEq.Imm(asm.R2, 0, "connSum"),
		leftToDevice(stackL4+6, "UDP", miss),
		asm.JNE.Reg(asm.R9, asm.R8, "connData").WithSymbol("connSumTCP"),
		sumTCP(tcpSize, miss),
		sumTCP(tcpSizeWithTime, miss),
		sumTCP(44, miss),
		sumTCP(52, miss),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("connData"),
		leftToDevice(stackL4+16, "TCP", miss),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("connSum"),
	)
}

// pseudoSum sums the pseudo header.
func pseudoSum() asm.Instructions {
	return join(
		asm.Mov.Reg(asm.R5, asm.R8),
		asm.Add.Imm(asm.R5, etherSize),
		asm.LoadMem(asm.R2, asm.R7, valuePortsAt, asm.Word),
		asm.Sub.Reg(asm.R5, asm.R2),
		asm.HostTo(asm.BE, asm.R5, asm.Half),
		asm.LoadMem(asm.R2, asm.RFP, keyProto, asm.Byte),
		asm.HostTo(asm.BE, asm.R2, asm.Half),
		asm.Add.Reg(asm.R5, asm.R2),
		sumMore(int32(keySrc), 32),
		asm.StoreMem(asm.RFP, stackPseudo, asm.R0, asm.DWord),
	)
}

// sumTCP jumps to connSum if the header, of this size, is all and its sum is right.
func sumTCP(size int32, miss string) asm.Instructions {
	other := fmt.Sprintf("connNot%d", size)
	return join(
		asm.LoadMem(asm.R2, asm.RFP, stackL4+12, asm.Byte),
		asm.RSh.Imm(asm.R2, 4),
		asm.JNE.Imm(asm.R2, size/4, other),
		asm.LoadMem(asm.R2, asm.R7, valuePortsAt, asm.Word),
		loadBytes(skbHook, stackHead, size, miss),
		asm.LoadMem(asm.R5, asm.RFP, stackPseudo, asm.DWord),
		sumMore(stackHead, size),
		fold0(),
		asm.JEq.Imm(asm.R2, 0xffff, "connSum"),
		asm.Mov.Imm(asm.R0, 0).WithSymbol(other),
	)
}

// leftToDevice jumps to connSum if the checksum is left to a device: it is then the sum
// of the pseudo header, and bpf_l4_csum_replace does not touch it for what is no part
// of that. Else it jumps to miss, with the packet as it was.
func leftToDevice(at int16, name, miss string) asm.Instructions {
	touched := "connTouched" + name
	return join(
		asm.LoadMem(asm.R0, asm.RFP, stackPseudo, asm.DWord),
		fold0(),
		asm.LoadMem(asm.R3, asm.RFP, at, asm.Half),
		asm.JNE.Reg(asm.R2, asm.R3, miss),
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.LoadMem(asm.R2, asm.R7, valueSumAt, asm.Word),
		asm.Mov.Imm(asm.R3, 0),
		asm.Mov.Imm(asm.R4, 1),
		asm.Mov.Imm(asm.R5, 0),
		asm.FnL4CsumReplace.Call(),
		asm.JNE.Imm(asm.R0, 0, miss),
		asm.LoadMem(asm.R2, asm.R7, valueSumAt, asm.Word),
		loadBytes(skbHook, stackHead, 2, miss),
		asm.LoadMem(asm.R2, asm.RFP, stackHead, asm.Half),
		asm.LoadMem(asm.R3, asm.RFP, at, asm.Half),
		asm.JNE.Reg(asm.R2, asm.R3, touched),
		asm.Ja.Label("connSum"),
		asm.Mov.Reg(asm.R1, asm.R6).WithSymbol(touched),
		asm.LoadMem(asm.R2, asm.R7, valueSumAt, asm.Word),
		asm.Mov.Reg(asm.R3, asm.RFP),
		asm.Add.Imm(asm.R3, int32(at)),
		asm.Mov.Imm(asm.R4, 2),
		asm.Mov.Imm(asm.R5, 0),
		asm.FnSkbStoreBytes.Call(),
		asm.Ja.Label(miss),
	)
}
