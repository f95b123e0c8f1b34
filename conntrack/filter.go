package conntrack

import (
	"nfvm/ctnetlink"
	"nfvm/nf"
)

// picks reports whether the command is about a flow.
func (c *Command) picks(f *ctnetlink.Flow) bool {
	t := &c.template
	return c.picksNAT(f) && c.picksMark(f) && c.picksLabels(f) && c.picksNetwork(f) &&
		(c.options&optCompared == 0 || t.matches(f))
}

// asked reports whether the kernel would have told of a flow: it picks by family,
// mark and status itself.
func (c *Command) asked(f *ctnetlink.Flow) bool {
	if c.family != nf.FamilyUnspec && c.family != f.Family() || !c.picksMark(f) {
		return false
	}
	t := &c.template
	return c.options&optStatus == 0 || c.op != opList || uint32(f.Status)&t.statusMask == t.status
}

func (c *Command) picksMark(f *ctnetlink.Flow) bool {
	m := c.template.mark
	return c.options&optMark == 0 || f.Has&ctnetlink.Mark != 0 && f.Mark&m.mask == m.value
}

// picksLabels wants all labels that were named.
func (c *Command) picksLabels(f *ctnetlink.Flow) bool {
	want := c.template.label
	if want == nil {
		return true
	}
	for i, bits := range want {
		if f.Has&ctnetlink.Labels == 0 || f.Labels[i]&bits != bits {
			return false
		}
	}
	return true
}

// picksNetwork compares the original addresses with prefixes.
func (c *Command) picksNetwork(f *ctnetlink.Flow) bool {
	t, o := &c.template, &f.Tuple[nf.DirOriginal]
	for i, bit := range []uint32{optMaskSrc, optMaskDst} {
		if c.options&bit == 0 {
			continue
		}
		if f.Family() != c.family {
			return false
		}
		got, want := o.Src, t.tuple[nf.DirOriginal].Src
		if i == 1 {
			got, want = o.Dst, t.tuple[nf.DirOriginal].Dst
		}
		for j, m := range t.mask[i] {
			if (got[j]^want[j])&m != 0 {
				return false
			}
		}
	}
	return true
}

// picksNAT picks flows by their translations.
func (c *Command) picksNAT(f *ctnetlink.Flow) bool {
	any := c.options&optAnyNAT != 0
	wantSrc, wantDst := any || c.options&optSrcNAT != 0, any || c.options&optDstNAT != 0
	src := wantSrc && c.bound(&c.template.snat, attrSNATAddr, sourceOf(f))
	dst := wantDst && c.bound(&c.template.dnat, attrDNATAddr, destinationOf(f))
	if any {
		return src || dst
	}
	return src == wantSrc && dst == wantDst
}

// A translation is what NAT has made of one end of a flow.
type translation struct {
	to         binding
	addr, port bool // what was changed
}

func sourceOf(f *ctnetlink.Flow) translation {
	o, r := &f.Tuple[nf.DirOriginal], &f.Tuple[nf.DirReply]
	done := f.Status&nf.CTStatusSrcNATDone != 0
	return translation{binding{r.Dst, r.DstID}, done && r.Dst != o.Src, done && r.DstID != o.SrcID}
}

func destinationOf(f *ctnetlink.Flow) translation {
	o, r := &f.Tuple[nf.DirOriginal], &f.Tuple[nf.DirReply]
	done := f.Status&nf.CTStatusDstNATDone != 0
	return translation{binding{r.Src, r.SrcID}, done && r.Src != o.Dst, done && r.SrcID != o.DstID}
}

// bound reports whether one end is translated, to the address and the port that
// were named, if any; of is the attribute of the address.
func (c *Command) bound(want *binding, of attr, got translation) bool {
	t := &c.template
	checkAddr, checkPort := t.has(of), t.has(of<<1)
	if !checkAddr && !checkPort {
		return got.addr || got.port
	}
	return (!checkAddr || got.addr && got.to.addr == want.addr) &&
		(!checkPort || got.port && got.to.port == want.port)
}
