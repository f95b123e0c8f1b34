//go:build linux

package guard

import (
	"unsafe"

	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"

	"nfvm/nf"
)

// Where a program keeps the headers of a frame and the key that it makes of them, in
// bytes from the frame pointer. The network header lies at a multiple of 8.
const (
	stackEther = -62
	stackIP    = stackEther + etherSize
	stackL4    = -88
	stackKey   = -136
)

const (
	flowKeySize   = uint32(unsafe.Sizeof(flowKey{}))
	flowValueSize = uint32(unsafe.Sizeof(flowValue{}))
)

// Where fields lie in the key, on the stack, and in the value.
var (
	keySrc     = stackKey + int16(unsafe.Offsetof(flowKey{}.src))
	keyDst     = stackKey + int16(unsafe.Offsetof(flowKey{}.dst))
	keyIn      = stackKey + int16(unsafe.Offsetof(flowKey{}.in))
	keyPorts   = stackKey + int16(unsafe.Offsetof(flowKey{}.ports))
	keyVersion = stackKey + int16(unsafe.Offsetof(flowKey{}.version))
	keyProto   = stackKey + int16(unsafe.Offsetof(flowKey{}.proto))

	valuePackets    = int16(unsafe.Offsetof(flowValue{}.use.Packets))
	valueBytes      = int16(unsafe.Offsetof(flowValue{}.use.Bytes))
	valueLast       = int16(unsafe.Offsetof(flowValue{}.use.Last))
	valueSrc        = int16(unsafe.Offsetof(flowValue{}.src))
	valueDst        = int16(unsafe.Offsetof(flowValue{}.dst))
	valueEpoch      = int16(unsafe.Offsetof(flowValue{}.epoch))
	valueOut        = int16(unsafe.Offsetof(flowValue{}.out))
	valueMTU        = int16(unsafe.Offsetof(flowValue{}.mtu))
	valueTranslated = int16(unsafe.Offsetof(flowValue{}.translated))
	valueHeaderSum  = int16(unsafe.Offsetof(flowValue{}.headerSum))
	valueAddrSum    = int16(unsafe.Offsetof(flowValue{}.addrSum))
	valuePortSum    = int16(unsafe.Offsetof(flowValue{}.portSum))
	valueSumAt      = int16(unsafe.Offsetof(flowValue{}.sumAt))
	valueSumFlags   = int16(unsafe.Offsetof(flowValue{}.sumFlags))
	valuePortsAt    = int16(unsafe.Offsetof(flowValue{}.portsAt))
	valuePorts      = int16(unsafe.Offsetof(flowValue{}.ports))
	valueMACs       = int16(unsafe.Offsetof(flowValue{}.macs))
	valueConn       = int16(unsafe.Offsetof(flowValue{}.conn))
	valueDir        = int16(unsafe.Offsetof(flowValue{}.dir))
	valueService    = int16(unsafe.Offsetof(flowValue{}.service))
)

// A hook is a kind of program that looks for flows.
type hook struct {
	load   asm.BuiltinFunc // reads bytes of a frame
	skb    bool            // the context is a struct __sk_buff
	follow bool            // flows with connections are followed; else they are none
}

var (
	skbHook    = hook{asm.FnSkbLoadBytes, true, false}
	xdpHook    = hook{asm.FnXdpLoadBytes, false, false}
	followHook = hook{asm.FnSkbLoadBytes, true, true}
)

// findFlow looks for the flow of a frame with the context in R6 that arrives at an
// interface, and jumps to miss if there is none or the frame is not to be passed on.
// It leaves the value in R7, the length of the frame without its link-layer header
// in R8, and the headers on the stack. It is nothing where there are no Flows.
func (f *Flows) findFlow(h hook, index int, miss string) asm.Instructions {
	if f == nil {
		return nil
	}
	return join(
		f.enforced(miss),
		h.untouched(miss),
		loadHeader(h, 0, stackEther, etherSize+ipv4Size, miss),
		asm.LoadMem(asm.R2, asm.RFP, stackEther+12, asm.Half),
		asm.JEq.Imm(asm.R2, int32(wire16(unix.ETH_P_IP)), "flow4"),
		asm.JNE.Imm(asm.R2, int32(wire16(unix.ETH_P_IPV6)), miss),
		keyOf6(h, miss),
		asm.Ja.Label("flowL4"),
		keyOf4(miss),
		asm.Mov.Imm(asm.R2, int32(index)).WithSymbol("flowL4"),
		asm.StoreMem(asm.RFP, keyIn, asm.R2, asm.Word),
		f.transport(h, miss),
		f.lookup(h, miss),
	)
}

// enforced jumps to miss if no flow is in force.
func (f *Flows) enforced(miss string) asm.Instructions {
	return asm.Instructions{
		asm.LoadMapValue(asm.R1, f.epochs.FD(), 0),
		asm.LoadMem(asm.R2, asm.R1, 0, asm.Word),
		asm.JEq.Imm(asm.R2, 0, miss),
	}
}

// untouched jumps to miss for a frame with a tag, or for another host.
func (h hook) untouched(miss string) asm.Instructions {
	if !h.skb {
		return nil
	}
	return asm.Instructions{
		asm.LoadMem(asm.R2, asm.R6, skbPktType, asm.Word),
		asm.JNE.Imm(asm.R2, packetHost, miss),
		asm.LoadMem(asm.R2, asm.R6, skbVLANPresent, asm.Word),
		asm.JNE.Imm(asm.R2, 0, miss),
	}
}

// loadHeader copies bytes of the frame to the stack.
func loadHeader(h hook, from int32, to, size int32, miss string) asm.Instructions {
	return join(asm.Mov.Imm(asm.R2, from), loadBytes(h, to, size, miss))
}

// loadBytes is the same from where R2 says.
func loadBytes(h hook, to, size int32, miss string) asm.Instructions {
	return asm.Instructions{
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.Mov.Reg(asm.R3, asm.RFP),
		asm.Add.Imm(asm.R3, to),
		asm.Mov.Imm(asm.R4, size),
		h.load.Call(),
		asm.JNE.Imm(asm.R0, 0, miss),
	}
}

// keyOf4 begins the key of an IPv4 packet. R7 is its length, R8 its protocol, R9 the
// size of its header.
func keyOf4(miss string) asm.Instructions {
	const moreOrOffset = 0x3fff
	return asm.Instructions{
		asm.LoadMem(asm.R2, asm.RFP, stackIP, asm.Byte).WithSymbol("flow4"),
		asm.JNE.Imm(asm.R2, 0x45, miss), // version, no options
		asm.LoadMem(asm.R2, asm.RFP, stackIP+6, asm.Half),
		asm.And.Imm(asm.R2, int32(wire16(moreOrOffset))),
		asm.JNE.Imm(asm.R2, 0, miss),
		asm.LoadMem(asm.R2, asm.RFP, stackIP+8, asm.Byte),
		asm.JLE.Imm(asm.R2, 1, miss),
		asm.Mov.Imm(asm.R2, 0),
		asm.StoreMem(asm.RFP, keySrc, asm.R2, asm.DWord),
		asm.StoreMem(asm.RFP, keySrc+8, asm.R2, asm.DWord),
		asm.StoreMem(asm.RFP, keyDst, asm.R2, asm.DWord),
		asm.StoreMem(asm.RFP, keyDst+8, asm.R2, asm.DWord),
		asm.StoreMem(asm.RFP, keyVersion, asm.R2, asm.Word), // and what is behind it
		asm.LoadMem(asm.R2, asm.RFP, stackIP+12, asm.Word),
		asm.StoreMem(asm.RFP, keySrc, asm.R2, asm.Word),
		asm.LoadMem(asm.R2, asm.RFP, stackIP+16, asm.Word),
		asm.StoreMem(asm.RFP, keyDst, asm.R2, asm.Word),
		asm.Mov.Imm(asm.R2, 4),
		asm.StoreMem(asm.RFP, keyVersion, asm.R2, asm.Byte),
		asm.LoadMem(asm.R7, asm.RFP, stackIP+2, asm.Half),
		asm.HostTo(asm.BE, asm.R7, asm.Half),
		asm.LoadMem(asm.R8, asm.RFP, stackIP+9, asm.Byte),
		asm.Mov.Imm(asm.R9, ipv4Size),
	}
}

// keyOf6 is the same for IPv6.
func keyOf6(h hook, miss string) asm.Instructions {
	p := join(
		loadHeader(h, 0, stackEther, etherSize+ipv6Size, miss),
		asm.LoadMem(asm.R2, asm.RFP, stackIP, asm.Byte),
		asm.And.Imm(asm.R2, 0xf0),
		asm.JNE.Imm(asm.R2, 0x60, miss),
		asm.LoadMem(asm.R2, asm.RFP, stackIP+7, asm.Byte),
		asm.JLE.Imm(asm.R2, 1, miss),
		asm.Mov.Imm(asm.R2, 0),
		asm.StoreMem(asm.RFP, keyVersion, asm.R2, asm.Word),
		asm.Mov.Imm(asm.R2, 6),
		asm.StoreMem(asm.RFP, keyVersion, asm.R2, asm.Byte),
		asm.LoadMem(asm.R7, asm.RFP, stackIP+4, asm.Half),
		asm.HostTo(asm.BE, asm.R7, asm.Half),
		asm.Add.Imm(asm.R7, ipv6Size),
		asm.LoadMem(asm.R8, asm.RFP, stackIP+6, asm.Byte),
		asm.Mov.Imm(asm.R9, ipv6Size),
	)
	for i := int16(0); i < 16; i += 8 {
		p = append(p,
			asm.LoadMem(asm.R2, asm.RFP, stackIP+8+i, asm.DWord),
			asm.StoreMem(asm.RFP, keySrc+i, asm.R2, asm.DWord),
			asm.LoadMem(asm.R2, asm.RFP, stackIP+24+i, asm.DWord),
			asm.StoreMem(asm.RFP, keyDst+i, asm.R2, asm.DWord))
	}
	return p
}

// transport ends the key. R9 becomes the size of both headers.
func (f *Flows) transport(h hook, miss string) asm.Instructions {
	const finSynOrReset = nf.TCPFin | nf.TCPSyn | nf.TCPRst
	return join(
		asm.StoreMem(asm.RFP, keyProto, asm.R8, asm.Byte),
		asm.Mov.Reg(asm.R2, asm.R9),
		asm.Add.Imm(asm.R2, etherSize),
		asm.JEq.Imm(asm.R8, nf.ProtoUDP, "flowUDP"),
		asm.JNE.Imm(asm.R8, nf.ProtoTCP, miss),
		loadBytes(h, stackL4, 20, miss),
		asm.LoadMem(asm.R2, asm.RFP, stackL4+13, asm.Byte),
		asm.And.Imm(asm.R2, finSynOrReset),
		asm.JNE.Imm(asm.R2, 0, miss),
		asm.LoadMem(asm.R2, asm.RFP, stackL4+12, asm.Byte),
		asm.RSh.Imm(asm.R2, 4),
		asm.JLT.Imm(asm.R2, 5, miss),
		asm.LSh.Imm(asm.R2, 2),
		asm.Add.Reg(asm.R9, asm.R2),
		asm.Ja.Label("flowPorts"),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("flowUDP"),
		asm.Mov.Imm(asm.R3, 0),
		asm.StoreMem(asm.RFP, stackL4+8, asm.R3, asm.DWord), // to be no unwritten memory
		asm.StoreMem(asm.RFP, stackL4+16, asm.R3, asm.DWord),
		loadBytes(h, stackL4, 8, miss),
		asm.Add.Imm(asm.R9, 8),
		asm.LoadMem(asm.R2, asm.RFP, stackL4, asm.Word).WithSymbol("flowPorts"),
		asm.StoreMem(asm.RFP, keyPorts, asm.R2, asm.Word),
		asm.JGT.Reg(asm.R9, asm.R7, miss), // the packet is shorter than its headers
	)
}

// lookup finds the flow of the key and sees whether the packet fits.
func (f *Flows) lookup(h hook, miss string) asm.Instructions {
	p := join(
		h.length(),
		asm.Sub.Imm(asm.R8, etherSize),
		asm.JGT.Reg(asm.R7, asm.R8, miss), // the frame is shorter than the packet
		asm.StoreMem(asm.RFP, stackLen, asm.R7, asm.DWord),
		asm.LoadMapPtr(asm.R1, f.table.FD()),
		asm.Mov.Reg(asm.R2, asm.RFP),
		asm.Add.Imm(asm.R2, stackKey),
		asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, miss),
		asm.Mov.Reg(asm.R7, asm.R0),
		asm.LoadMapValue(asm.R1, f.epochs.FD(), 0),
		asm.LoadMem(asm.R2, asm.R1, 0, asm.Word),
		asm.LoadMem(asm.R3, asm.R7, valueEpoch, asm.Word),
		asm.JNE.Reg(asm.R2, asm.R3, miss),
		asm.LoadMem(asm.R3, asm.R7, valueMTU, asm.Word),
	)
	if h.skb { // segments are as long as both headers and their part
		p = join(p,
			asm.LoadMem(asm.R2, asm.R6, skbGSOSize, asm.Word),
			asm.JEq.Imm(asm.R2, 0, "flowWhole"),
			asm.Add.Reg(asm.R2, asm.R9),
			asm.Ja.Label("flowFits"))
	}
	p = join(p,
		asm.Mov.Reg(asm.R2, asm.R8).WithSymbol("flowWhole"),
		asm.JGT.Reg(asm.R2, asm.R3, miss).WithSymbol("flowFits"),
	)
	if h.follow {
		return join(p, f.followConn(miss))
	}
	return join(p,
		asm.LoadMem(asm.R2, asm.R7, valueConn, asm.Word),
		asm.JNE.Imm(asm.R2, 0, miss),
	)
}

// length loads that of the frame into R8.
func (h hook) length() asm.Instructions {
	if h.skb {
		return asm.Instructions{asm.LoadMem(asm.R8, asm.R6, skbLen, asm.Word)}
	}
	return asm.Instructions{asm.Mov.Reg(asm.R1, asm.R6), asm.FnXdpGetBuffLen.Call(), asm.Mov.Reg(asm.R8, asm.R0)}
}
