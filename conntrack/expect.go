package conntrack

import (
	"io"
	"syscall"

	"nfvm/ct"
	"nfvm/ctnetlink"
	"nfvm/nat"
	"nfvm/nf"
)

// expectations does a command on what is expected. Those listed are of one
// family, IPv4 unless another was named.
func (t *Tool) expectations(p *printer) (err error) {
	t.Source.Do(func(table *ct.Table, _ *nat.Engine) {
		switch p.op {
		case opExpectList:
			err = t.listExpected(table, p)
		case opExpectGet, opExpectDelete:
			err = t.oneExpected(table, p)
		case opExpectCreate:
			if errno := p.template.expect(table); errno != 0 {
				err = refused(p.op, errno)
			}
		case opExpectFlush:
			table.FlushExpectations()
			_, err = io.WriteString(t.Err, prefix+"expectation table has been emptied.\n")
		}
	})
	return err
}

func (t *Tool) listExpected(table *ct.Table, p *printer) error {
	for _, x := range table.Expectations() {
		if x.Tuple.L3 != uint8(p.family) {
			continue
		}
		e := table.Expected(x, table.Now())
		if _, err := t.Out.Write(p.expect(nil, &e, ctnetlink.None, nowOf(table))); err != nil {
			return err
		}
	}
	return t.print(string(p.end(nil, xmlExpects)))
}

// oneExpected finds what a flow with a tuple would fulfill, to show it or to end
// it.
func (t *Tool) oneExpected(table *ct.Table, p *printer) error {
	tuple := ct.Tuple(p.template.original())
	x := table.FindExpected(&tuple, 0)
	if x == nil {
		return refused(p.op, syscall.ENOENT)
	}
	if p.op == opExpectDelete {
		table.Unexpect(x)
		return nil
	}
	e := table.Expected(x, table.Now())
	_, err := t.Out.Write(p.expect(nil, &e, ctnetlink.None, nowOf(table)))
	return err
}

// expect announces a flow that belongs to a connection with a helper.
func (t *template) expect(table *ct.Table) syscall.Errno {
	tuple := ct.Tuple(t.original())
	id, _, ok := table.Lookup(&tuple, ct.DefaultZone)
	if !ok {
		return syscall.ENOENT
	}
	master := table.Entry(id)
	if master.Helper == 0 {
		return syscall.EOPNOTSUPP
	}
	if t.expected.L3 != master.Tuple[nf.DirOriginal].L3 {
		return syscall.EINVAL
	}
	x := &ct.Expectation{
		Master: id, Tuple: ct.Tuple(t.expected), Flags: 0,
		Mask: ct.SourceMask{Addr: t.mask[0], ID: t.expectMask.SrcID},
	}
	switch table.Expect(x) {
	case ct.ExpectBusy:
		return syscall.EBUSY
	case ct.ExpectAlready:
		return syscall.EALREADY
	case ct.ExpectFull:
		return syscall.EMFILE
	case ct.ExpectRefused:
		return syscall.ESHUTDOWN
	}
	return 0
}
