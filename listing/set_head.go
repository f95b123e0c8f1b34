package listing

import (
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

// setTypes is the line that declares a set's types.
func (p *printer) setTypes(s *bytecode.Set) string {
	plain := s.DataInterval && typesHaveNames(s) && !p.opt.Newer
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

// typesHaveNames tells whether a map can be declared without typeof. nft 1.0 then
// prints maps to ranges so, whatever their declaration.
func typesHaveNames(s *bytecode.Set) bool {
	for _, t := range []*datatype.Type{typeByID(s.KeyType), typeByID(s.DataType)} {
		for _, f := range append([]*datatype.Type{t}, t.Fields...) {
			if f.Size == 0 && len(f.Fields) == 0 {
				return false
			}
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
