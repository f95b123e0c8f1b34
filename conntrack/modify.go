package conntrack

import (
	"fmt"
	"syscall"

	"nfvm/ct"
	"nfvm/ctnetlink"
	"nfvm/nat"
	"nfvm/nf"
)

// seconds in nanoseconds.
const second = int64(1e9)

// get shows the connection of a tuple.
func (t *Tool) get(p *printer) error {
	tpl := &p.template
	var failed error
	t.Source.Do(func(table *ct.Table, _ *nat.Engine) {
		if !tpl.has(attrL3) { // the tool does not ask for the reply direction alone
			failed = refused(p.op, syscall.EINVAL)
			return
		}
		tuple := ct.Tuple(tpl.original())
		id, _, ok := table.Lookup(&tuple, ct.DefaultZone)
		if !ok {
			failed = refused(p.op, syscall.ENOENT)
			return
		}
		f := told(table, table.Entry(id))
		if p.picks(&f) {
			_, failed = t.Out.Write(p.flow(nil, &f, ctnetlink.New, p.style(ctnetlink.None, nowOf(table))))
		}
	})
	return failed
}

// told is a flow that was asked for by its tuple, which makes one user more.
func told(table *ct.Table, e *ct.Entry) ctnetlink.Flow {
	f := table.Flow(e, table.Now())
	f.Use++
	return f
}

// original is the original tuple of a template.
func (t *template) original() ctnetlink.Tuple {
	o := t.tuple[nf.DirOriginal]
	t.identify(&o)
	return o
}

// identify sets what a protocol without ports has instead of them.
func (t *template) identify(to *ctnetlink.Tuple) {
	if to.L4 == nf.ProtoDCCP { // the kernel of today takes no ports of it
		to.SrcID, to.DstID = 0, 0
	}
	if to.L4 == nf.ProtoICMP || to.L4 == nf.ProtoICMPv6 {
		to.SrcID, to.DstID = t.icmpID, uint16(t.icmpType)<<8|uint16(t.icmpCode)
	}
}

// tuples are those of a flow to make: one of them follows from the other when it
// is not there.
func (t *template) tuples() (o, r ct.Tuple, ok bool) {
	o = ct.Tuple(t.original())
	reply := t.tuple[nf.DirReply]
	if reply.L4 == nf.ProtoDCCP {
		reply.SrcID, reply.DstID = 0, 0
	}
	r = ct.Tuple(reply)
	switch {
	case t.set&(attrSrc|attrDst) != 0 && t.set&(attrReplySrc|attrReplyDst) == 0:
		r, ok = o.Invert()
		return o, r, ok
	case t.set&(attrSrc|attrDst) == 0:
		o, ok = r.Invert()
		return o, r, ok
	}
	inverse, ok := o.Invert()
	if !ok || !t.has(attrReplyL4) || o.L3 != r.L3 {
		return o, r, false
	}
	if r.L4 == nf.ProtoICMP || r.L4 == nf.ProtoICMPv6 {
		r.SrcID, r.DstID = inverse.SrcID, inverse.DstID
	}
	return o, r, true
}

// zoneOf is the zone of a flow to make. Of those that are named the last counts, but
// only where those before it are the default one.
func (t *template) zoneOf() (z ct.Zone, ok bool) {
	z = ct.DefaultZone
	for _, of := range []struct {
		attr attr
		zone ct.Zone
	}{
		{attrZone, ct.Zone{ID: t.zone, Dir: ct.ZoneBoth}},
		{attrOrigZone, ct.Zone{ID: t.zones[nf.DirOriginal], Dir: ct.ZoneOriginal}},
		{attrReplyZone, ct.Zone{ID: t.zones[nf.DirReply], Dir: ct.ZoneReply}},
	} {
		if t.has(of.attr) {
			if z.ID != ct.DefaultZone.ID {
				return z, false
			}
			z = of.zone
		}
	}
	return z, true
}

// create makes a connection.
func (t *Tool) create(p *printer) error {
	errno := syscall.Errno(0)
	t.Source.Do(func(table *ct.Table, n *nat.Engine) { errno = p.template.create(table, n, p.Command) })
	switch {
	case errno == 0:
		p.shown++
	case errno != syscall.EEXIST || p.op != opAdd:
		return refused(p.op, errno)
	}
	return nil
}

func (t *template) create(table *ct.Table, n *nat.Engine, c *Command) syscall.Errno {
	o, r, ok := t.tuples()
	zone, one := t.zoneOf()
	if !ok || !one || t.has(attrState) && t.state >= uint8(len(ctnetlink.TCPStates)) {
		return syscall.EINVAL
	}
	if _, _, taken := table.Lookup(&o, zone); taken { // which is told before room is made
		return syscall.EEXIST
	}
	e := table.Make(o, r, zone)
	if e == nil {
		return syscall.ENOMEM
	}
	errno := t.fill(table, n, e, c)
	if errno == 0 && !table.Add(e, int64(t.timeout)*second) {
		errno = syscall.EEXIST
	}
	if errno != 0 {
		table.Discard(e)
	}
	return errno
}

// fill gives a new connection what the template says of it.
func (t *template) fill(table *ct.Table, n *nat.Engine, e *ct.Entry, c *Command) syscall.Errno {
	if v := t.translate(n, e); v != nf.Accept {
		return syscall.EINVAL
	}
	if t.has(attrStatus) && !table.AddStatus(e, nf.CTStatus(t.status)) {
		return syscall.EBUSY
	}
	t.setProtocol(table, e)
	if c.options&optMark != 0 {
		e.Mark = t.mark.value
	}
	if t.change != nil {
		table.SetLabels(e, *t.change)
	}
	return 0
}

// translate binds a new connection to what was named; with one end, the other is
// bound to what it has.
func (t *template) translate(n *nat.Engine, e *ct.Entry) nf.Verdict {
	const src, dst = attrSNATAddr | attrSNATPort | attrSNAT6, attrDNATAddr | attrDNATPort | attrDNAT6
	if t.set&(src|dst) == 0 {
		return nf.Accept
	}
	if v := t.bindEnd(n, e, nat.Dst, &t.dnat, t.set&dst, attrDNATPort); v != nf.Accept {
		return v
	}
	return t.bindEnd(n, e, nat.Src, &t.snat, t.set&src, attrSNATPort)
}

func (t *template) bindEnd(n *nat.Engine, e *ct.Entry, m nat.Manip, to *binding, set, port attr) nf.Verdict {
	if set == 0 {
		return n.NullBinding(e.ID, m)
	}
	r := nat.Range{}
	if set&^port != 0 {
		r.Flags, r.MinAddr, r.MaxAddr = nat.FlagMapIPs, to.addr, to.addr
	}
	if set&port != 0 {
		r.Flags |= nat.FlagPorts
		r.MinPort, r.MaxPort = to.port, to.port
	}
	return n.Setup(e.ID, &r, m)
}

// setProtocol sets the state of TCP or SCTP.
func (t *template) setProtocol(table *ct.Table, e *ct.Entry) {
	switch {
	case e.L4() == nf.ProtoTCP:
		if t.has(attrState) {
			e.TCP.State = t.state
		}
		table.Untrack(e)
	case e.L4() == nf.ProtoSCTP && t.has(attrState):
		a := table.SCTP(e)
		a.State = t.state
		if t.has(attrTags) {
			a.Tags = t.tags
		}
	}
}

// update changes connections and shows them as they are then.
func (t *Tool) update(p *printer) error {
	if err := p.checkMasks(); err != nil {
		return err
	}
	return t.walk(func(table *ct.Table, _ *nat.Engine, e *ct.Entry) error {
		f := table.Flow(e, table.Now())
		if !p.picksUpdate(&f) || p.unchanged(&f) {
			return nil
		}
		if errno := p.change(table, e, &f); errno != 0 {
			text := reason(p.op, errno)
			if _, err := fmt.Fprintf(t.Err, "Operation failed: %s\n", text); err != nil {
				return err
			}
			switch errno {
			case syscall.EOPNOTSUPP:
				return refused(p.op, errno)
			case syscall.ENOENT: // nor can it be shown
				return nil
			}
		}
		f = told(table, e)
		_, err := t.Out.Write(p.flow(nil, &f, ctnetlink.New, p.style(ctnetlink.None, nowOf(table))))
		return err
	})
}

// picksUpdate picks by what says which connection it is, not by what it is to be.
func (c *Command) picksUpdate(f *ctnetlink.Flow) bool {
	t := &c.template
	return c.picksNAT(f) && c.picksLabels(f) && c.picksNetwork(f) &&
		!(t.has(attrID) && t.id != f.ID) &&
		(c.options&(optOrig|optProto) == 0 || t.matchesHalf(f, nf.DirOriginal)) &&
		(c.options&(optReply|optProto) == 0 || t.matchesHalf(f, nf.DirReply))
}

// unchanged reports whether a connection is as it is to be already.
func (c *Command) unchanged(f *ctnetlink.Flow) bool {
	t := &c.template
	return !(t.has(attrTimeout) && t.timeout != f.Timeout ||
		c.options&optMark != 0 && c.newMark(f) != f.Mark ||
		t.has(attrStatus) && uint32(f.Status)&t.status != t.status ||
		t.has(attrState) && t.state != f.State ||
		c.options&(optLabelAdd|optLabelDel) != 0 && c.newLabels(f) != f.Labels)
}

func (c *Command) newMark(f *ctnetlink.Flow) uint32 {
	return f.Mark&^c.template.mark.mask ^ c.template.mark.value
}

func (c *Command) newLabels(f *ctnetlink.Flow) [16]byte {
	l := f.Labels
	change := c.template.change
	if change == nil {
		return [16]byte{}
	}
	for i, bits := range change {
		if c.options&optLabelAdd != 0 {
			l[i] |= bits
		} else {
			l[i] &^= bits
		}
	}
	return l
}

// change changes a connection. The tool names neither the family, unless it was
// told, nor the zone of the original direction, without which the kernel finds
// nothing.
func (c *Command) change(table *ct.Table, e *ct.Entry, f *ctnetlink.Flow) syscall.Errno {
	t := &c.template
	switch {
	case c.family == nf.FamilyUnspec:
		return syscall.EOPNOTSUPP
	case f.Has&(ctnetlink.Zone|ctnetlink.OrigZone) != 0:
		return syscall.ENOENT
	}
	if t.has(attrTimeout) {
		table.SetLifetime(e, int64(t.timeout)*second)
	}
	if t.has(attrStatus) && !table.AddStatus(e, nf.CTStatus(t.status)) {
		return syscall.EBUSY
	}
	if c.protocol != nil || t.has(attrState) {
		t.setProtocol(table, e)
	}
	if c.options&optMark != 0 {
		e.Mark = c.newMark(f)
	}
	if c.options&(optLabelAdd|optLabelDel) != 0 && !table.SetLabels(e, c.newLabels(f)) {
		return syscall.ENOSPC
	}
	table.Changed(e)
	return 0
}
