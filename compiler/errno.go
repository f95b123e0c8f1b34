package compiler

import (
	"errors"
	"iter"
	"maps"

	"nfvm/bytecode"
	"nfvm/diag"
	"nfvm/nf"
)

// The kernel's refusals, in the words of strerror(3).
const (
	enoent       = "No such file or directory"
	eexist       = "File exists"
	ebusy        = "Device or resource busy"
	eopnotsupp   = "Operation not supported"
	einval       = "Invalid argument"
	eoverflow    = "Value too large for defined data type"
	enfile       = "Too many open files in system"
	emlink       = "Too many links"
	erange       = "Numerical result out of range"
	e2big        = "Argument list too long"
	enodata      = "No data available"
	eproto       = "Protocol error"
	eafnosupport = "Address family not supported by protocol"
)

// refuse reports what the kernel would refuse, with the reason behind its
// answer.
func (c *compiler) refuse(at diag.Span, errno, why string, args ...any) *diag.Diagnostic {
	return c.errorf(at, "Could not process rule: "+errno+": "+why, args...)
}

// inBounds reports a number that the kernel refuses.
func (c *compiler) inBounds(at diag.Span, e interface{ Bounds() error }) bool {
	var b *bytecode.BoundsError
	if !errors.As(e.Bounds(), &b) {
		return true
	}
	errno := einval
	if b.Overflow {
		errno = eoverflow
	}
	c.refuse(at, errno, "%s", b.Why)
	return false
}

// noTable reports a table that does not exist.
func (c *compiler) noTable(at diag.Span, f nf.Family, name string) {
	if c.lost[name] {
		return
	}
	if other := c.st.named(name); other != nil {
		c.errorf(at, "%s; did you mean table ‘%s’ in family %s?", enoent, name, other.Family)
		return
	}
	names := func(yield func(string) bool) {
		for _, t := range c.st.order.all() {
			if !yield(t.Name) {
				return
			}
		}
	}
	if t := c.st.named(c.speller.Closest(name, names)); t != nil {
		c.errorf(at, "%s; did you mean table ‘%s’ in family %s?", enoent, t.Name, t.Family)
		return
	}
	c.refuse(at, enoent, "table %s %s does not exist", f, name)
}

// missing reports a chain, set, map or object that a table does not have.
func (c *compiler) missing(at diag.Span, t *tableState, kind, name string, names iter.Seq[string]) {
	if c.lost[name] {
		return
	}
	if n := c.speller.Closest(name, names); n != "" {
		c.missingNear(at, t, kind, n)
		return
	}
	c.notThere(at, t, kind, name)
}

func (c *compiler) notThere(at diag.Span, t *tableState, kind, name string) {
	d := c.refuse(at, enoent, "%s %s does not exist in table %s %s", kind, name, t.Family, t.Name)
	if other, place := t.namesake(name); other != "" {
		d.Note(place, "a %s has this name", other)
	}
}

// maxObjectType is more than the highest type of objects.
const maxObjectType = 16

// namesake gives the kind and the place of something of a table by that name.
func (t *tableState) namesake(name string) (string, diag.Span) {
	if s := t.sets[name]; s != nil && !s.anonymousSet() {
		return s.kind(), s.at
	}
	if f := t.flowtables[name]; f != nil {
		return "flowtable", f.at
	}
	for kind := range bytecode.ObjectType(maxObjectType) {
		if o := t.objects[objectKey{kind, name}]; o != nil {
			return o.Type.String(), o.at
		}
	}
	if ch := t.chains[name]; ch != nil && !ch.anonymous {
		return "chain", ch.at
	}
	return "", diag.Span{}
}

// missingNear reports a missing name that n is near to.
func (c *compiler) missingNear(at diag.Span, t *tableState, kind, n string) {
	c.errorf(at, "%s; did you mean %s ‘%s’ in table %s ‘%s’?", enoent, kind, n, t.Family, t.Name)
}

func (c *compiler) noChain(at diag.Span, t *tableState, name string) {
	c.missing(at, t, "chain", name, maps.Keys(t.chains))
}

func (c *compiler) noSet(at diag.Span, t *tableState, name string) {
	c.noSetOf(at, t, "set", name)
}

// noSetOf reports a set or map, whichever kind says, and proposes those of that
// kind before the others.
func (c *compiler) noSetOf(at diag.Span, t *tableState, kind, name string) {
	of := func(want string) iter.Seq[string] {
		return func(yield func(string) bool) {
			for n, s := range t.sets {
				if s.kind() != want || s.anonymousSet() {
					n = "" // near to nothing, but a step all the same
				}
				if !yield(n) {
					return
				}
			}
		}
	}
	if c.lost[name] {
		return
	}
	for _, k := range []string{kind, "set", "map"} {
		if n := c.speller.Closest(name, of(k)); n != "" {
			c.missingNear(at, t, k, n)
			return
		}
	}
	c.notThere(at, t, kind, name)
}

// addressable lengths of names (NFT_NAME_MAXLEN less the closing zero).
const maxName = 255

// checkName refuses names that the kernel finds too long.
func (c *compiler) checkName(at diag.Span, name string) bool {
	if len(name) > maxName {
		c.refuse(at, erange, "a name has at most %d bytes", maxName)
		return false
	}
	return true
}
