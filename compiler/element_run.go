package compiler

import "nfvm/lang"

// elementRun is a run of `add element` commands, or of `delete element` ones,
// for one set. They are evaluated together, as nft does: a file with one command
// an element is then no slower than one with a list.
func elementRun(in []lang.Command) []*lang.ElementCmd {
	var run []*lang.ElementCmd
	for _, cmd := range in {
		e, ok := cmd.(*lang.ElementCmd)
		if !ok || !runs(e.Verb) || len(run) > 0 && !(samePath(run[0].Path, e.Path) && run[0].Verb == e.Verb) {
			break
		}
		run = append(run, e)
	}
	return run
}

// runs tells whether commands with a verb are evaluated together.
func runs(v lang.Verb) bool {
	return v == lang.VerbAdd || v == lang.VerbDelete || v == lang.VerbDestroy
}

// elementRuns are the runs among the element commands that come next, where those
// for one set need not stand together: what they do to other sets is of no
// consequence to it. n is how many commands they are.
func elementRuns(in []lang.Command) (list [][]*lang.ElementCmd, n int) {
	index := map[[3]string]int{}
	for ; n < len(in); n++ {
		e, ok := in[n].(*lang.ElementCmd)
		if !ok || !runs(e.Verb) {
			break
		}
		set := [3]string{e.Path.FamilyName(), e.Path.Table.Text, e.Path.Name.Text}
		i, known := index[set]
		switch {
		case !known:
			index[set] = len(list)
			list = append(list, []*lang.ElementCmd{e})
		case list[i][0].Verb != e.Verb:
			return list, n
		default:
			list[i] = append(list[i], e)
		}
	}
	return list, n
}

// commands runs commands in order. Where nobody is told what each did, those with
// elements of one set are taken together.
func (c *compiler) commands(in []lang.Command) {
	for i := 0; i < len(in); {
		if c.opt.Consume {
			if list, n := elementRuns(in[i:]); n > 1 {
				for _, run := range list {
					c.elementsCmd(run)
				}
				clear(in[i : i+n])
				i += n
				continue
			}
		}
		if run := elementRun(in[i:]); len(run) > 1 {
			c.elementsCmd(run)
			i += len(run)
			continue
		}
		if jobs := c.ruleRun(in[i:]); len(jobs) > 0 {
			if c.opt.Consume {
				clear(in[i : i+len(jobs)])
			}
			c.ruleJobs(jobs)
			i += len(jobs)
			continue
		}
		c.command(in[i])
		if c.opt.Consume {
			in[i] = nil
		}
		i++
	}
}

// elementsCmd runs commands with elements of one set.
func (c *compiler) elementsCmd(run []*lang.ElementCmd) {
	t := c.tableOf(run[0].Path)
	if t == nil {
		return
	}
	name := run[0].Path.Name
	s := t.set(name.Text)
	switch {
	case s == nil:
		c.noSet(name.Span, t, name.Text)
	case s.broken:
	case run[0].Verb == lang.VerbAdd:
		c.addRun(t, s, run)
	default:
		c.deleteElements(t, s, run)
	}
}

func samePath(a, b lang.Path) bool {
	return a.FamilyName() == b.FamilyName() && a.Table.Text == b.Table.Text && a.Name.Text == b.Name.Text
}
