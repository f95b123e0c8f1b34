package listing

import (
	"fmt"
	"strings"

	"nfvm/bytecode"
	"nfvm/datatype"
)

// setFlags are a set's flags in nft's order.
func setFlags(f uint32) string {
	var names []string
	for _, x := range []struct {
		bit  uint32
		name string
	}{
		{bytecode.SetConstant, "constant"}, {bytecode.SetEval, "dynamic"},
		{bytecode.SetInterval, "interval"}, {bytecode.SetTimeout, "timeout"},
	} {
		if f&x.bit != 0 {
			names = append(names, x.name)
		}
	}
	return strings.Join(names, ",")
}

// setWord is how a set is declared.
func setWord(s *bytecode.Set) string {
	if s.Flags&(bytecode.SetMap|bytecode.SetObject) != 0 {
		return "map"
	}
	return "set"
}

// setLines are the lines of a set before its elements.
func (p *printer) setLines(s *bytecode.Set) []string {
	lines := []string{p.setTypes(s)}
	if prefersMemory(s) {
		lines = append(lines, "policy memory")
	}
	if s.Size != 0 && s.Flags&bytecode.SetConstant == 0 {
		lines = append(lines, fmt.Sprintf("size %d", s.Size))
	}
	if flags := setFlags(s.Flags); flags != "" && !(flags == "timeout" && s.Timeout != 0) {
		lines = append(lines, "flags "+flags)
	}
	if len(s.Exprs) > 0 {
		q := &printer{table: p.table, opt: p.opt}
		for i, e := range s.Exprs {
			if i > 0 {
				q.WriteByte(' ')
			}
			q.stateless(e)
		}
		lines = append(lines, q.String())
	}
	if merges(s) {
		lines = append(lines, "auto-merge")
	}
	if s.Timeout != 0 {
		lines = append(lines, "timeout "+p.duration(s.Timeout))
	}
	if s.GCInterval != 0 {
		lines = append(lines, "gc-interval "+p.duration(s.GCInterval))
	}
	if s.Comment != "" {
		lines = append(lines, fmt.Sprintf("comment %q", nft(s.Comment)))
	}
	return lines
}

// setTypes is the line that declares a set's types.
func (p *printer) setTypes(s *bytecode.Set) string {
	plain := p.plainTypes(s)
	data := ""
	switch {
	case s.Flags&bytecode.SetObject != 0:
		data = " : " + objectNames[s.ObjectType]
	case s.Flags&bytecode.SetMap != 0 && s.VerdictMap():
		data = " : verdict"
	case s.Flags&bytecode.SetMap != 0 && s.TypeofData != "" && !plain:
		data = " : " + s.TypeofData
		if s.DataInterval {
			data = " : interval " + s.TypeofData
		}
	case s.Flags&bytecode.SetMap != 0:
		data = " : "
		if s.DataInterval {
			data += "interval "
		}
		data += typeByID(s.DataType).Name
	}
	if s.TypeofKey != "" && !plain {
		return "typeof " + s.TypeofKey + data
	}
	return "type " + typeByID(s.KeyType).Name + data
}

// plainTypes tells whether a set that was declared with typeof is printed with its
// types. nft 1.0 prints maps to ranges so.
func (p *printer) plainTypes(s *bytecode.Set) bool {
	return s.DataInterval && !p.opt.Newer && typesHaveNames(s) || manyParts(s)
}

// manyParts tells of a set with five parts in a key or a value, of which nft does
// not read back what was typeof; of more than five the types are not kept either.
func manyParts(s *bytecode.Set) bool {
	const most = 5
	key, _ := typeofJSON(s.TypeofKey)
	data, _ := typeofJSON(s.TypeofData)
	return max(len(key), len(data)) == most && typesHaveNames(s)
}

// typesHaveNames tells whether a set can be declared without typeof.
func typesHaveNames(s *bytecode.Set) bool {
	return typeHasName(typeByID(s.KeyType)) && (s.TypeofData == "" || typeHasName(typeByID(s.DataType)))
}

// typeHasName tells whether a type and its parts can be declared without typeof.
func typeHasName(t *datatype.Type) bool {
	for _, f := range append([]*datatype.Type{t}, t.Fields...) {
		if f.Size == 0 && len(f.Fields) == 0 || f == datatype.Day || f == datatype.Hour || f == datatype.Date {
			return false
		}
	}
	return true
}

// prefersMemory tells whether a set's policy is printed, which nft leaves out of
// sets that can't change.
func prefersMemory(s *bytecode.Set) bool {
	return s.PolicySet && s.Policy == 1 && s.Flags&bytecode.SetConstant == 0
}

// merges tells whether overlapping elements are merged: never those of a
// concatenation.
func merges(s *bytecode.Set) bool {
	return s.AutoMerge && typeByID(s.KeyType).Fields == nil
}
