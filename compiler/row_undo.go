package compiler

// A rowChange is a change of a rowOrder.
type rowChange struct {
	row  uint32
	kind uint8
}

const (
	rowAdded = iota
	rowRemoved
	rowRepeated
)

// note remembers a change.
func (o *rowOrder) note(row int, kind uint8) {
	if o.logs {
		o.log = append(o.log, rowChange{uint32(row), kind})
	}
}

// undo takes all changes back that were noted.
func (o *rowOrder) undo() {
	o.logs = false
	for i := len(o.log) - 1; i >= 0; i-- {
		c := o.log[i]
		switch c.kind {
		case rowAdded:
			o.take(int(c.row))
		case rowRemoved:
			o.t.revive(int(c.row))
			o.insert(o.after(o.key(c.row)), int(c.row))
		case rowRepeated:
			list := o.again[c.row]
			o.again[c.row] = list[:len(list)-1]
			o.repeats.truncate(o.repeats.len() - 1)
		}
	}
	o.log = nil
}
