package conntrack

import (
	"errors"
	"fmt"
	"io"
	"time"

	"nfvm/ct"
	"nfvm/ctnetlink"
	"nfvm/nat"
)

// A Source gives the table that commands are about.
type Source interface {
	// Do calls f while nothing else uses the table and its NAT.
	Do(f func(*ct.Table, *nat.Engine))
}

// A Tool runs commands on a table.
type Tool struct {
	Source Source
	// Out and Err are the tool's output and messages.
	Out, Err io.Writer
	// Rest, when not nil, is called between the steps of a long command, while
	// the table is free. An error ends the command.
	Rest func() error
}

// Watches reports whether the command follows events: Watch and not Run does it.
func (c *Command) Watches() bool { return c.op == opEvent || c.op == opExpectEvent }

// NeedsNoTable reports whether the command only tells of the tool.
func (c *Command) NeedsNoTable() bool { return c.op == opVersion || c.op == opHelp || c.op == opNone }

// Changes reports whether the command changes the table.
func (c *Command) Changes() bool {
	switch c.op {
	case opCreate, opAdd, opUpdate, opDelete, opFlush, opExpectCreate, opExpectDelete, opExpectFlush:
		return true
	}
	return c.options&optZero != 0
}

// Run does what a command asks for and gives the exit status. An error is that of
// Out, Err or Rest.
func (t *Tool) Run(c *Command) (status int, err error) {
	p := &printer{Command: c}
	var mistake *Error
	switch err := t.do(p); {
	case errors.As(err, &mistake):
		_, err := io.WriteString(t.Err, mistake.Text())
		return mistake.Status, err
	case err != nil:
		return 0, err
	}
	text, status := p.closing()
	_, err = io.WriteString(t.Err, text)
	return status, err
}

// do does what a command asks for.
func (t *Tool) do(p *printer) error {
	switch p.op {
	case opList:
		return t.list(p)
	case opGet:
		return t.get(p)
	case opDelete:
		return t.remove(p)
	case opUpdate:
		return t.update(p)
	case opCreate, opAdd:
		return t.create(p)
	case opFlush:
		return t.flush(p)
	case opCount, opStats, opExpectCount, opExpectStats:
		return t.count(p)
	case opExpectList, opExpectGet, opExpectDelete, opExpectCreate, opExpectFlush:
		return t.expectations(p)
	case opVersion:
		return t.print("conntrack v1.4.7 (conntrack-tools)\n")
	}
	return t.print(p.usage())
}

func (t *Tool) print(text string) error {
	_, err := io.WriteString(t.Out, text)
	return err
}

// checkMasks sees that prefixes have addresses.
func (c *Command) checkMasks() error {
	switch {
	case c.options&optMaskSrc != 0 && c.options&optSrc == 0:
		return usageError("Can't use --mask-src without --src")
	case c.options&optMaskDst != 0 && c.options&optDst == 0:
		return usageError("Can't use --mask-dst without --dst")
	}
	// An address with a prefix is not compared as a whole any more.
	if c.options&optMaskSrc != 0 {
		c.template.set &^= attrSrc
	}
	if c.options&optMaskDst != 0 {
		c.template.set &^= attrDst
	}
	return nil
}

// walk is Walk with the tool's rest.
func (t *Tool) walk(visit func(*ct.Table, *nat.Engine, *ct.Entry) error) error {
	return Walk(t.Source, visit, t.Rest)
}

// nowOf is the time of a table.
func nowOf(table *ct.Table) time.Time { return time.Unix(0, table.Now()) }

// list shows connections.
func (t *Tool) list(p *printer) error {
	if p.table != tableConntrack { // which are empty in the kernel of today
		return nil
	}
	if p.options&optCompared != 0 && p.options&optZero != 0 {
		return usageError("Can't use -z with filtering parameters")
	}
	if err := p.checkMasks(); err != nil {
		return err
	}
	if p.options&optStatus != 0 && p.template.statusMask == 0 {
		return failure("Operation failed: invalid parameters")
	}
	var b []byte
	err := t.walk(func(table *ct.Table, _ *nat.Engine, e *ct.Entry) error {
		f := table.Flow(e, table.Now())
		if !p.asked(&f) {
			return nil
		}
		if p.options&optZero != 0 {
			table.ZeroCounters(e)
		}
		if !p.picks(&f) {
			return nil
		}
		b = p.flow(b[:0], &f, ctnetlink.New, p.style(ctnetlink.None, nowOf(table)))
		_, err := t.Out.Write(b)
		return err
	})
	if err != nil {
		return err
	}
	return t.print(string(p.end(nil, xmlFlows)))
}

// remove ends connections.
func (t *Tool) remove(p *printer) error {
	if err := p.checkMasks(); err != nil {
		return err
	}
	var b []byte
	return t.walk(func(table *ct.Table, _ *nat.Engine, e *ct.Entry) error {
		f := table.Flow(e, table.Now())
		if !p.asked(&f) || !p.picks(&f) {
			return nil
		}
		table.Kill(e.ID)
		b = p.flow(b[:0], &f, ctnetlink.Destroy, p.style(ctnetlink.None, nowOf(table)))
		_, err := t.Out.Write(b)
		return err
	})
}

// flush ends all connections, those of other families than the one that is named too.
func (t *Tool) flush(p *printer) error {
	err := t.walk(func(table *ct.Table, _ *nat.Engine, e *ct.Entry) error {
		table.Kill(e.ID)
		return nil
	})
	if err == nil {
		_, err = io.WriteString(t.Err, prefix+"connection tracking table has been emptied.\n")
	}
	return err
}

// count shows how many there are, or the table's counters.
func (t *Tool) count(p *printer) error {
	var text string
	t.Source.Do(func(table *ct.Table, _ *nat.Engine) {
		s := &table.Stats
		switch p.op {
		case opCount:
			table.Sweep(table.Now())
			text = fmt.Sprintln(table.Count())
		case opExpectCount:
			n := 0
			for _, x := range table.Expectations() {
				if x.Tuple.L3 == uint8(p.family) {
					n++
				}
			}
			text = fmt.Sprintln(n)
		case opStats:
			text = fmt.Sprintf("cpu=%-4d\tfound=%d invalid=%d insert=%d insert_failed=%d drop=%d early_drop=%d "+
				"error=%d search_restart=0 clash_resolve=%d chaintoolong=0 \n", 0, uint32(s.Found), uint32(s.Invalid),
				uint32(s.Added), uint32(s.InsertFailed), uint32(s.Drop), uint32(s.EarlyDrop), uint32(s.ICMPError), uint32(s.ClashResolve))
		case opExpectStats:
			text = fmt.Sprintf("cpu=%-4d\texpect_new=%d expect_create=%d expect_delete=%d \n", 0,
				uint32(s.ExpectNew), uint32(s.ExpectCreate), uint32(s.ExpectDelete))
		}
	})
	return t.print(text)
}
