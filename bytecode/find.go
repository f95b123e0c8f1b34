package bytecode

// DataTypeVerdict is the DataType of verdict maps (NFT_DATA_VERDICT); nft's own
// number for the type, 1, is understood as well.
const DataTypeVerdict = 0xffffff00

const datatypeVerdict = 1

// VerdictMap reports whether the set maps keys to verdicts.
func (s *Set) VerdictMap() bool {
	return s.Flags&SetMap != 0 && (s.DataType == DataTypeVerdict || s.DataType == datatypeVerdict)
}

// SetByID is the set that expressions name by its index, nil when there is
// none.
func (t *Table) SetByID(id uint32) *Set {
	if uint64(id) >= uint64(len(t.Sets)) {
		return nil
	}
	return t.Sets[id]
}

// Chain finds a chain by name, nil when there is none.
func (t *Table) Chain(name string) *Chain {
	for _, c := range t.Chains {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Set finds a set or map by name, nil when there is none.
func (t *Table) Set(name string) *Set {
	for _, s := range t.Sets {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Object finds a named object by type and name, nil when there is none.
func (t *Table) Object(typ ObjectType, name string) *Object {
	for _, o := range t.Objects {
		if o.Type == typ && o.Name == name {
			return o
		}
	}
	return nil
}
