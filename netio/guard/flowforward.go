//go:build linux

package guard

import "github.com/cilium/ebpf/asm"

const storeRecompute = 1 // BPF_F_RECOMPUTE_CSUM

// forwardFlow passes on what findFlow has found at ingress, and ends the program. The
// sum that a device has made of the whole frame stays right: headers are stored with
// it, the transport checksum balances ports.
func (f *Flows) forwardFlow() asm.Instructions {
	if f == nil {
		return nil
	}
	return join(
		newMACs(),
		asm.LoadMem(asm.R2, asm.RFP, keyVersion, asm.Byte),
		asm.JEq.Imm(asm.R2, 4, "forward4"),
		newHeader6(),
		asm.Ja.Label("forwardL4"),
		newHeader4(),
		translateL4(),
		countFlow(),
		asm.Mov.Imm(asm.R2, token),
		asm.StoreMem(asm.R6, skbTCIndex, asm.R2, asm.Word),
		asm.LoadMem(asm.R1, asm.R7, valueOut, asm.Word),
		asm.Mov.Imm(asm.R2, 0),
		asm.FnRedirect.Call(),
		asm.Return(),
		verdict("lost", tcxDrop),
	)
}

// newMACs puts addresses into the link-layer header on the stack.
func newMACs() (p asm.Instructions) {
	for i := int16(0); i < 12; i += 2 {
		p = append(p,
			asm.LoadMem(asm.R2, asm.R7, valueMACs+i, asm.Half),
			asm.StoreMem(asm.RFP, stackEther+i, asm.R2, asm.Half))
	}
	return p
}

// newHeader4 writes the headers up to that of IPv4.
func newHeader4() asm.Instructions {
	return join(
		asm.Mov.Imm(asm.R0, 0).WithSymbol("forward4"),
		lessHops(8),
		asm.LoadMem(asm.R2, asm.R7, valueSrc, asm.Word),
		asm.StoreMem(asm.RFP, stackIP+12, asm.R2, asm.Word),
		asm.LoadMem(asm.R2, asm.R7, valueDst, asm.Word),
		asm.StoreMem(asm.RFP, stackIP+16, asm.R2, asm.Word),
		asm.LoadMem(asm.R2, asm.RFP, stackIP+10, asm.Half),
		asm.Xor.Imm(asm.R2, 0xffff),
		asm.LoadMem(asm.R3, asm.R7, valueHeaderSum, asm.Word),
		asm.Add.Reg(asm.R2, asm.R3),
		fold(), fold(),
		asm.Xor.Imm(asm.R2, 0xffff),
		asm.StoreMem(asm.RFP, stackIP+10, asm.R2, asm.Half),
		storeHeaders(etherSize+ipv4Size),
	)
}

// fold adds the carries of the sum in R2.
func fold() asm.Instructions {
	return asm.Instructions{
		asm.Mov.Reg(asm.R3, asm.R2),
		asm.RSh.Imm(asm.R3, 16),
		asm.And.Imm(asm.R2, 0xffff),
		asm.Add.Reg(asm.R2, asm.R3),
	}
}

// newHeader6 writes the headers up to that of IPv6.
func newHeader6() asm.Instructions {
	p := lessHops(7)
	for i := int16(0); i < 16; i += 8 {
		p = append(p,
			asm.LoadMem(asm.R2, asm.R7, valueSrc+i, asm.DWord),
			asm.StoreMem(asm.RFP, stackIP+8+i, asm.R2, asm.DWord),
			asm.LoadMem(asm.R2, asm.R7, valueDst+i, asm.DWord),
			asm.StoreMem(asm.RFP, stackIP+24+i, asm.R2, asm.DWord))
	}
	return join(p, storeHeaders(etherSize+ipv6Size))
}

// lessHops takes one off the hop limit, which lies there in the network header.
func lessHops(at int16) asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R2, asm.RFP, stackIP+at, asm.Byte),
		asm.Sub.Imm(asm.R2, 1),
		asm.StoreMem(asm.RFP, stackIP+at, asm.R2, asm.Byte),
	}
}

// storeHeaders writes headers from the stack into the frame.
func storeHeaders(size int32) asm.Instructions {
	return asm.Instructions{
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.Mov.Imm(asm.R2, 0),
		asm.Mov.Reg(asm.R3, asm.RFP),
		asm.Add.Imm(asm.R3, stackEther),
		asm.Mov.Imm(asm.R4, size),
		asm.Mov.Imm(asm.R5, storeRecompute),
		asm.FnSkbStoreBytes.Call(),
		asm.JNE.Imm(asm.R0, 0, "lost"),
	}
}

// translateL4 writes the ports, and what they and the addresses change of the
// checksum behind them.
func translateL4() asm.Instructions {
	return join(
		asm.LoadMem(asm.R2, asm.R7, valueTranslated, asm.Word).WithSymbol("forwardL4"),
		asm.JEq.Imm(asm.R2, 0, "counted"),
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.LoadMem(asm.R2, asm.R7, valuePortsAt, asm.Word),
		asm.Mov.Reg(asm.R3, asm.R7),
		asm.Add.Imm(asm.R3, int32(valuePorts)),
		asm.Mov.Imm(asm.R4, 4),
		asm.Mov.Imm(asm.R5, 0),
		asm.FnSkbStoreBytes.Call(),
		asm.JNE.Imm(asm.R0, 0, "lost"),
		replaceSum(valuePortSum, 0),
		replaceSum(valueAddrSum, csumPseudo),
	)
}

func replaceSum(diff int16, flags int32) asm.Instructions {
	return asm.Instructions{
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.LoadMem(asm.R2, asm.R7, valueSumAt, asm.Word),
		asm.Mov.Imm(asm.R3, 0),
		asm.LoadMem(asm.R4, asm.R7, diff, asm.Word),
		asm.LoadMem(asm.R5, asm.R7, valueSumFlags, asm.Word),
		asm.Or.Imm(asm.R5, flags),
		asm.FnL4CsumReplace.Call(),
		asm.JNE.Imm(asm.R0, 0, "lost"),
	}
}

// countFlow notes the use of a flow, unless its connection has.
func countFlow() asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R2, asm.R7, valueConn, asm.Word).WithSymbol("counted"),
		asm.JNE.Imm(asm.R2, 0, "noted"),
		asm.Mov.Imm(asm.R2, 1),
		asm.AddAtomic.Mem(asm.R7, asm.R2, asm.DWord, valuePackets),
		asm.AddAtomic.Mem(asm.R7, asm.R8, asm.DWord, valueBytes),
		asm.FnKtimeGetCoarseNs.Call(),
		asm.StoreMem(asm.R7, valueLast, asm.R0, asm.DWord),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("noted"),
	}
}
