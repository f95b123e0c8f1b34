package vm

import (
	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/nf"
)

// flowAdd gives a connection into the keeping of a flowtable
// (nft_flow_offload_eval). It breaks where the kernel would not take the
// connection, or has it already.
func (m *Machine) flowAdd(f *bytecode.Flowtable) bool {
	e := m.entry()
	if e == nil || m.p.Family == nf.FamilyIPv4 && m.p.Transport > 20 {
		return false
	}
	const never = nf.CTStatusSeqAdjust | nf.CTStatusNATClash
	switch {
	case !m.lasting(e), e.Helper != 0, e.Status&never != 0, !e.Confirmed(), e.Status&nf.CTStatusOffload != 0:
		return false
	}
	return m.env.Offload(m.p, f)
}
func (l *loader) lowerFlowAdd(e *bytecode.FlowOffload) (instr, error) {
	for _, f := range l.decl.Flowtables {
		if f.Name == e.Table {
			return instr{op: opFlowAdd, ref: f}, nil
		}
	}
	return instr{}, l.errorf("flowtable %s does not exist", e.Table)
}

// lasting reports whether the connection's protocol is one that flowtables
// take, and the packet not one that ends it.
func (m *Machine) lasting(e *ct.Entry) bool {
	switch e.L4() {
	case nf.ProtoTCP:
		const finOrReset = 0x05
		l4 := m.p.L4()
		return m.p.L4Known && m.p.FragOffset == 0 && len(l4) >= 20 && l4[13]&finOrReset == 0 &&
			e.TCP.State == ct.TCPEstablished && e.Status&nf.CTStatusAssured != 0
	case nf.ProtoUDP:
		return true
	case nf.ProtoGRE:
		t := &e.Tuple[nf.DirOriginal]
		return e.Status&(nf.CTStatusSrcNAT|nf.CTStatusDstNAT) == 0 && t.SrcID == 0 && t.DstID == 0
	}
	return false
}
