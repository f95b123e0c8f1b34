package helper

// sequence reads the components of a sequence or a set.
func (r *perReader) sequence(f *perField, n *perNode) error {
	if !r.room(0, 1) {
		return errPERBound
	}
	ext := f.ext && r.bits(1) != 0
	if !r.room(0, f.size) {
		return errPERBound
	}
	present := r.bitmap(f.size)
	for i := 0; i < f.low && i < len(f.parts); i++ {
		part := &f.parts[i]
		if part.stop {
			return errPERStop
		}
		if part.opt {
			there := present&(1<<31) != 0
			if present <<= 1; !there {
				continue
			}
		}
		if err := r.part(part, n, part.open); err != nil {
			return err
		}
	}
	if !ext {
		return nil
	}
	return r.extension(f, n)
}

// part reads a component. The value of an open one has its length before it.
func (r *perReader) part(f *perField, parent *perNode, open bool) error {
	if !open {
		return r.inner(f, parent)
	}
	return r.openPart(f, parent, 2)
}

// openPart reads an open component, where so many octets must be left.
func (r *perReader) openPart(f *perField, parent *perNode, least int) error {
	if !r.room(least, 0) {
		return errPERBound
	}
	size := r.length()
	if !r.room(size, 0) {
		return errPERBound
	}
	if parent == nil || !f.keep {
		r.cur += size
		return nil
	}
	begin := r.cur
	err := r.inner(f, parent)
	r.cur, r.bit = begin+size, 0
	return err
}

// inner reads a part, of which nothing is left to read when the rest of it does
// not matter.
func (r *perReader) inner(f *perField, parent *perNode) error {
	if err := r.read(f, parent); err != errPERStop {
		return err
	}
	return nil
}

// extension reads the components beyond the extension mark; those that are too new
// have their length, too.
func (r *perReader) extension(f *perField, n *perNode) error {
	const most = 32
	if !r.room(0, 7) {
		return errPERBound
	}
	count := r.bits(7) + 1
	switch {
	case !r.room(0, count):
		return errPERBound
	case count > most:
		return errPERRange
	}
	present := r.bitmap(count)
	r.align()
	for i := range count {
		there := present&(1<<31) != 0
		present <<= 1
		at := f.low + i
		if at >= f.high || at >= len(f.parts) {
			if err := r.part(&perField{}, nil, true); err != nil {
				return err
			}
			continue
		}
		if f.parts[at].stop {
			return errPERStop
		}
		if !there {
			continue
		}
		if err := r.part(&f.parts[at], n, true); err != nil {
			return err
		}
	}
	return nil
}

// list reads the items of a sequence or set of one type, and keeps as many as
// the table says.
func (r *perReader) list(f *perField, n *perNode) error {
	count := 0
	switch f.size {
	case perByte, perWord, perSemi:
		r.align()
		if !r.room(1, 0) || f.size != perByte && !r.room(2, 0) {
			return errPERBound
		}
		count = r.textLength(f)
	default:
		if !r.room(0, f.size) {
			return errPERBound
		}
		count = r.bits(f.size)
	}
	count += f.low
	if len(f.parts) == 0 {
		return errPERRange
	}
	item := &f.parts[0]
	for i := range count {
		if item.open {
			r.align()
		}
		parent := n
		if i >= f.high {
			parent = nil
		}
		if err := r.part(item, parent, item.open); err != nil {
			return err
		}
	}
	return nil
}

// choice reads an alternative.
func (r *perReader) choice(f *perField, n *perNode) error {
	if !r.room(0, 1) {
		return errPERBound
	}
	ext := f.ext && r.bits(1) != 0
	size, from := f.size, 0
	if ext {
		size, from = 7, f.low
	}
	if !r.room(0, size) {
		return errPERBound
	}
	which := r.bits(size) + from
	if !ext && which >= f.low {
		return errPERRange
	}
	if which >= f.high || which >= len(f.parts) { // too new
		r.align()
		return r.part(&perField{}, nil, true)
	}
	part := &f.parts[which]
	if n != nil {
		n.choice = part.name
	}
	if part.stop {
		return errPERStop
	}
	if !ext && !part.open {
		return r.inner(part, n)
	}
	r.align()
	return r.openPart(part, n, 0)
}
