//go:build linux

package rtnetlink

import (
	"fmt"
	"slices"
)

// A remark is about all objects of which the same is to be said: there may be
// thousands of them, and one line is enough.
type remark struct {
	first string
	more  int
}

func (r *reader) remark(what, object string) {
	if m := r.remarks[what]; m != nil {
		m.more++
		return
	}
	r.remarks[what] = &remark{first: object}
}

func (r *reader) finishRemarks() {
	for what, m := range r.remarks {
		s := fmt.Sprintf("%s (%s", what, m.first)
		if m.more > 0 {
			s += fmt.Sprintf(" and %d more", m.more)
		}
		r.Remarks = append(r.Remarks, s+")")
	}
	slices.Sort(r.Remarks)
}
