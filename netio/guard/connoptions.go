//go:build linux

package guard

import (
	"fmt"

	"github.com/cilium/ebpf/asm"
)

// Beginnings of options: two NOPs, kind and length of the one behind them (RFC 7323,
// appendix A; RFC 2018).
const (
	timeOption = 0x0101080a
	sackOption = 0x01010500
	timeSize   = 12
	blockSize  = 8
)

// plainOptions goes on at connOptions if the options of a header of R2 words are the
// time, or blocks of selective acknowledgment, or those behind it. It goes on below if
// the header has another size.
func plainOptions(miss string) (p asm.Instructions) {
	for words := int32(8); words <= 15; words++ {
		size := 4*words - tcpSize
		next := fmt.Sprintf("connWords%d", words+1)
		p = append(p, join(
			asm.JNE.Imm(asm.R2, words, next),
			asm.LoadMem(asm.R2, asm.R7, valuePortsAt, asm.Word),
			asm.Add.Imm(asm.R2, tcpSize),
			loadBytes(skbHook, stackOpts, size, miss),
			asm.LoadMem(asm.R2, asm.RFP, stackOpts, asm.Word),
			asm.HostTo(asm.BE, asm.R2, asm.Word),
		)...)
		at, blocks := int32(0), (size-4)/blockSize
		if words%2 == 1 {
			at, blocks = timeSize, (size-timeSize-4)/blockSize
			p = append(p,
				asm.JNE.Imm(asm.R2, timeOption, miss),
				asm.LoadMem(asm.R2, asm.RFP, int16(stackOpts+at), asm.Word),
				asm.HostTo(asm.BE, asm.R2, asm.Word))
		}
		if words == tcpSizeWithTime/4 {
			p = append(p, asm.JEq.Imm(asm.R2, timeOption, "connOptions"))
		}
		if blocks > 0 {
			p = append(p, asm.JNE.Imm(asm.R2, sackOption|2+blockSize*blocks, miss))
			p = append(p, highestBlock(words, at, blocks)...)
		} else {
			p = append(p, asm.Ja.Label(miss))
		}
		p = append(p, asm.Mov.Imm(asm.R0, 0).WithSymbol(next))
	}
	return p
}

// highestBlock notes the highest sequence of blocks of selective acknowledgment.
func highestBlock(words, at, blocks int32) asm.Instructions {
	p := asm.Instructions{asm.LoadMem(asm.R3, asm.RFP, stackSack, asm.Word)}
	for i := range blocks {
		lower := fmt.Sprintf("connBlock%d_%d", words, i)
		p = append(p,
			asm.LoadMem(asm.R4, asm.RFP, int16(stackOpts+at+4+blockSize*i+4), asm.Word),
			asm.HostTo(asm.BE, asm.R4, asm.Word),
			asm.Mov.Reg32(asm.R5, asm.R3),
			asm.Sub.Reg32(asm.R5, asm.R4),
			asm.JSGE.Imm32(asm.R5, 0, lower),
			asm.Mov.Reg32(asm.R3, asm.R4),
			asm.Mov.Imm(asm.R0, 0).WithSymbol(lower))
	}
	return append(p, asm.StoreMem(asm.RFP, stackSack, asm.R3, asm.Word), asm.Ja.Label("connOptions"))
}
