package helper

// A perReader reads a message in packed encoding.
type perReader struct {
	b        []byte
	cur, bit int // the next bit
}

// decodePER decodes a value from offset at of a message on; offsets in the result
// are those in the message.
func decodePER(b []byte, at int, f *perField) (*perNode, error) {
	r := perReader{b: b, cur: at}
	root := new(perNode)
	if err := r.read(f, root); err != nil && err != errPERStop {
		return nil, err
	}
	return root.get(f.name), nil
}

// room reports whether so much is left.
func (r *perReader) room(bytes, bits int) bool {
	bits += r.bit
	return r.cur+bytes+(bits+7)/8 <= len(r.b)
}

func (r *perReader) byteAt(i int) uint32 {
	if i < len(r.b) {
		return uint32(r.b[i])
	}
	return 0
}

func (r *perReader) skipBits(n int) {
	r.bit += n
	r.cur += r.bit >> 3
	r.bit &= 7
}

func (r *perReader) align() {
	if r.bit != 0 {
		r.cur, r.bit = r.cur+1, 0
	}
}

// bits reads at most 8 bits.
func (r *perReader) bits(n int) int {
	v := r.byteAt(r.cur)<<8 | r.byteAt(r.cur+1)
	v = v >> (16 - r.bit - n) & (1<<n - 1)
	r.skipBits(n)
	return int(v)
}

// bitmap reads at most 32 bits; the first is the uppermost of the result. Those
// that end with the fourth byte but do not begin with the first are taken from its
// begin, as by the kernel.
func (r *perReader) bitmap(n int) uint32 {
	if n == 0 {
		return 0
	}
	v := uint64(0)
	for i := range 5 {
		v = v<<8 | uint64(r.byteAt(r.cur+i))
	}
	shift := r.bit
	if r.bit+n == 32 {
		shift = 0
	}
	r.skipBits(n)
	return uint32(v<<shift>>8) & (0xffffffff << (32 - n))
}

func (r *perReader) octet() int {
	r.cur++
	return int(r.byteAt(r.cur - 1))
}

// length reads the length of what follows, below 16,384.
func (r *perReader) length() int {
	n := r.octet()
	if n&0x80 != 0 {
		n = n&0x3f<<8 + r.octet()
	}
	return n
}

// read reads a value, and adds it to the node that is its parent where it is to
// be kept; a nil parent keeps nothing.
func (r *perReader) read(f *perField, parent *perNode) error {
	var n *perNode
	if parent != nil && f.keep {
		n = &perNode{name: f.name}
		parent.parts = append(parent.parts, n)
	}
	switch f.kind {
	case perNull:
		return nil
	case perSeq:
		return r.sequence(f, n)
	case perSeqOf:
		return r.list(f, n)
	case perChoice:
		return r.choice(f, n)
	}
	return r.plain(f, n)
}

// plain reads a value without parts.
func (r *perReader) plain(f *perField, n *perNode) error {
	ok := true
	switch f.kind {
	case perBool:
		r.skipBits(1)
	case perOID:
		if r.align(); r.room(1, 0) {
			r.cur += r.octet()
		} else {
			ok = false
		}
	case perInt:
		ok = r.integer(f, n)
	case perEnum:
		if f.ext && r.bits(1) != 0 {
			r.skipBits(7)
		} else {
			r.skipBits(f.size)
		}
	default:
		ok = r.text(f, n)
	}
	if !ok || !r.room(0, 0) {
		return errPERBound
	}
	return nil
}

// integer reads a number; only constrained ones of up to 32 bits have values.
func (r *perReader) integer(f *perField, n *perNode) bool {
	switch f.size {
	case perByte:
		r.align()
		r.cur++
	case perWord:
		r.align()
		r.cur += 2
	case perCons:
		if !r.room(0, 2) {
			return false
		}
		size := r.bits(2) + 1
		if r.align(); !r.room(size, 0) {
			return false
		}
		for i := range size {
			if n != nil {
				n.value = n.value<<8 | r.byteAt(r.cur+i)
			}
		}
		if r.cur += size; n != nil { // the kernel goes over a number that it reads twice
			n.value += uint32(f.low)
			r.cur += size
		}
	case perUnco:
		if r.align(); !r.room(2, 0) {
			return false
		}
		r.cur += r.length()
	default:
		r.skipBits(f.size)
	}
	return true
}

// text reads a string of characters, octets or bits.
func (r *perReader) text(f *perField, n *perNode) bool {
	if f.kind == perBits || f.size >= perByte || f.kind == perOctets && f.size == 0 && f.low > 2 {
		r.align()
	}
	size := f.low
	switch f.size {
	case 0:
		if n != nil {
			n.at = r.cur
		}
	case perByte, perWord, perSemi:
		if !r.room(1, 0) || f.size != perByte && !r.room(2, 0) {
			return false
		}
		size += r.textLength(f)
	default:
		if f.kind == perBits {
			return true
		}
		if !r.room(0, f.size) {
			return false
		}
		size += r.bits(f.size)
		r.align()
	}
	switch f.kind {
	case perBits:
		r.cur, r.bit = r.cur+size>>3, size&7
	case perDigits:
		r.skipBits(size << 2)
	case perBMP:
		r.cur += size << 1
	default:
		r.cur += size
	}
	return true
}

func (r *perReader) textLength(f *perField) int {
	switch f.size {
	case perByte:
		return r.octet()
	case perWord:
		return r.octet()<<8 + r.octet()
	}
	return r.length()
}
