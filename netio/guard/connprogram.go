//go:build linux

package guard

import (
	"unsafe"

	"github.com/cilium/ebpf/asm"

	"nfvm/nf"
)

// Where the programs keep what they need of a packet to follow its connection, in bytes
// from the frame pointer, below the key.
const (
	stackLen    = -144 // length of the packet, as its header tells
	stackPseudo = -152 // sum of the pseudo header
	stackConn   = -156
	stackSeq    = -172
	stackAck    = -168
	stackEnd    = -164
	stackWin    = -160
	stackHead   = -336 // the transport header once more
	stackNow    = -216
	stackOpts   = -256 // TCP options
	stackSack   = -260 // the highest sequence that is acknowledged, selectively or not
)

const (
	tcpSize         = 20
	tcpSizeWithTime = 32 // with the option of RFC 7323, appendix A
	maxAckWindow    = 66000
)

// followConn sees whether the packet of a flow that has a connection is a plain one,
// and how it fits, as the engine would; it jumps to miss if it is not or does not.
// Else the connection has counted it. R8 becomes the length that its header tells.
func (f *Flows) followConn(miss string) asm.Instructions {
	return join(
		asm.LoadMem(asm.R2, asm.R7, valueConn, asm.Word),
		asm.JEq.Imm(asm.R2, 0, "flowFound"),
		asm.StoreMem(asm.RFP, stackConn, asm.R2, asm.Word),
		noSegment(),
		unpadded(miss),
		sameService(miss),
		plainTCP(miss),
		rightSum(miss),
		f.lockConn(miss),
		followDir(0),
		followDir(1),
		unlock("connRefused"),
		asm.Ja.Label(miss),
		unlock("connAccepted"),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("flowFound"),
	)
}

// noSegment clears what plainTCP notes: without CAP_PERFMON the kernel wants all that
// some way through the program could read to be written.
func noSegment() (p asm.Instructions) {
	for _, at := range []int16{stackSeq, stackAck, stackEnd, stackWin, stackSack} {
		p = append(p, asm.StoreImm(asm.RFP, at, 0, asm.Word))
	}
	return p
}

// unpadded cuts off what is behind the packet in its frame.
func unpadded(miss string) asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R8, asm.RFP, stackLen, asm.DWord),
		asm.LoadMem(asm.R2, asm.R6, skbLen, asm.Word),
		asm.Sub.Imm(asm.R2, etherSize),
		asm.JEq.Reg(asm.R2, asm.R8, "connWhole"),
		asm.LoadMem(asm.R2, asm.R6, skbGSOSize, asm.Word),
		asm.JNE.Imm(asm.R2, 0, miss),
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.Mov.Reg(asm.R2, asm.R8),
		asm.Add.Imm(asm.R2, etherSize),
		asm.Mov.Imm(asm.R3, 0),
		asm.FnSkbChangeTail.Call(),
		asm.JNE.Imm(asm.R0, 0, miss),
	}
}

// sameService jumps to miss for a packet with another type of service than that which
// was routed, and for an IPv4 header with a wrong checksum.
func sameService(miss string) asm.Instructions {
	const but = 0xfc // congestion notification
	return join(
		asm.LoadMem(asm.R2, asm.RFP, keyVersion, asm.Byte).WithSymbol("connWhole"),
		asm.JEq.Imm(asm.R2, 4, "connService4"),
		asm.LoadMem(asm.R2, asm.RFP, stackIP, asm.Half),
		asm.HostTo(asm.BE, asm.R2, asm.Half),
		asm.RSh.Imm(asm.R2, 4),
		asm.Ja.Label("connService"),
		sum(stackIP, ipv4Size, "connService4"),
		fold0(),
		asm.JNE.Imm(asm.R2, 0xffff, miss),
		asm.LoadMem(asm.R2, asm.RFP, stackIP+1, asm.Byte),
		asm.And.Imm(asm.R2, but).WithSymbol("connService"),
		asm.LoadMem(asm.R3, asm.R7, valueService, asm.Word),
		asm.JNE.Reg(asm.R2, asm.R3, miss),
	)
}

// sum adds up bytes on the stack, in R0, from 0.
func sum(at, size int32, label string) asm.Instructions {
	return join(asm.Mov.Imm(asm.R5, 0).WithSymbol(label), sumMore(at, size))
}

// sumMore adds them to R5.
func sumMore(at, size int32) asm.Instructions {
	return asm.Instructions{
		asm.Mov.Imm(asm.R1, 0),
		asm.Mov.Imm(asm.R2, 0),
		asm.Mov.Reg(asm.R3, asm.RFP),
		asm.Add.Imm(asm.R3, at),
		asm.Mov.Imm(asm.R4, size),
		asm.FnCsumDiff.Call(),
	}
}

// fold0 makes 16 bits in R2 of the sum in R0.
func fold0() asm.Instructions {
	return join(
		asm.Mov.Reg32(asm.R2, asm.R0),
		fold(), fold(),
	)
}

// plainTCP jumps to miss for all segments but acknowledgments, with data or without,
// that have an open window and no options but the time and selective acknowledgment, laid
// out as usual. It notes what counts of others.
func plainTCP(miss string) asm.Instructions {
	const harmless = nf.TCPPsh | nf.TCPEce | nf.TCPCwr
	return join(
		asm.LoadMem(asm.R2, asm.RFP, keyProto, asm.Byte),
		asm.JNE.Imm(asm.R2, nf.ProtoTCP, "connPlain"),
		asm.LoadMem(asm.R2, asm.RFP, stackL4+13, asm.Byte),
		asm.And.Imm(asm.R2, 0xff&^harmless),
		asm.JNE.Imm(asm.R2, nf.TCPAck, miss),
		asm.LoadMem(asm.R2, asm.RFP, stackL4+8, asm.Word),
		asm.HostTo(asm.BE, asm.R2, asm.Word),
		asm.StoreMem(asm.RFP, stackAck, asm.R2, asm.Word),
		asm.StoreMem(asm.RFP, stackSack, asm.R2, asm.Word),
		asm.LoadMem(asm.R2, asm.RFP, stackL4+12, asm.Byte),
		asm.RSh.Imm(asm.R2, 4),
		asm.JEq.Imm(asm.R2, tcpSize/4, "connOptions"),
		plainOptions(miss),
		asm.Ja.Label(miss),
		asm.LoadMem(asm.R2, asm.RFP, stackL4+14, asm.Half).WithSymbol("connOptions"),
		asm.HostTo(asm.BE, asm.R2, asm.Half),
		asm.JEq.Imm(asm.R2, 0, miss),
		asm.StoreMem(asm.RFP, stackWin, asm.R2, asm.Word),
		asm.LoadMem(asm.R2, asm.RFP, stackL4+4, asm.Word),
		asm.HostTo(asm.BE, asm.R2, asm.Word),
		asm.StoreMem(asm.RFP, stackSeq, asm.R2, asm.Word),
		asm.Add.Reg(asm.R2, asm.R8),
		asm.Sub.Reg(asm.R2, asm.R9),
		asm.StoreMem(asm.RFP, stackEnd, asm.R2, asm.Word),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("connPlain"),
	)
}

// lockConn finds the connection, in R9, and locks it.
func (f *Flows) lockConn(miss string) asm.Instructions {
	return asm.Instructions{
		asm.FnKtimeGetCoarseNs.Call(),
		asm.StoreMem(asm.RFP, stackNow, asm.R0, asm.DWord),
		asm.LoadMapPtr(asm.R1, f.conns.FD()),
		asm.Mov.Reg(asm.R2, asm.RFP),
		asm.Add.Imm(asm.R2, stackConn),
		asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, miss),
		asm.Mov.Reg(asm.R9, asm.R0),
		asm.Mov.Reg(asm.R1, asm.R9),
		asm.FnSpinLock.Call(),
		asm.LoadMem(asm.R2, asm.R9, connActive, asm.Word),
		asm.JEq.Imm(asm.R2, 0, "connRefused"),
	}
}

func unlock(label string) asm.Instructions {
	return asm.Instructions{
		asm.Mov.Reg(asm.R1, asm.R9).WithSymbol(label),
		asm.FnSpinUnlock.Call(),
	}
}

// Where fields lie in a connection.
var (
	connActive  = int16(unsafe.Offsetof(connValue{}.active))
	connUse     = int16(unsafe.Offsetof(connValue{}.Use))
	connSides   = int16(unsafe.Offsetof(connValue{}.Side))
	connLastDir = int16(unsafe.Offsetof(connValue{}.LastDir))
	connLastSeq = int16(unsafe.Offsetof(connValue{}.LastSeq))
	connLastAck = int16(unsafe.Offsetof(connValue{}.LastAck))
	connLastEnd = int16(unsafe.Offsetof(connValue{}.LastEnd))
	connLastWin = int16(unsafe.Offsetof(connValue{}.LastWin))
	connRepeats = int16(unsafe.Offsetof(connValue{}.Repeats))
)
