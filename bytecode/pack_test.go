package bytecode

import (
	"bytes"
	"reflect"
	"testing"
)

// Packed rules, among others, are encoded as they were, and unpacked they are
// what they were.
func TestPack(t *testing.T) {
	whole, err := Encode(everything())
	if err != nil {
		t.Fatal(err)
	}
	var packer Packer
	p, q := everything(), everything()
	for i, c := range p.Tables[0].Chains {
		for j, r := range c.Rules {
			if j == 1 {
				continue
			}
			packer.Pack(r)
			packer.Pack(r)
			if r.Exprs != nil {
				t.Error("the rule still has its expressions")
			}
			if want := q.Tables[0].Chains[i].Rules[j]; !reflect.DeepEqual(r.Unpacked(), want) {
				t.Errorf("rule %d unpacked: %+v", j, r.Unpacked())
			}
		}
	}
	if got, err := Encode(p); err != nil || !bytes.Equal(got, whole) {
		t.Errorf("a program with packed rules is encoded otherwise: %v", err)
	}
}

// The elements of a packed set are encoded as they were.
func TestPackSet(t *testing.T) {
	whole, err := Encode(everything())
	if err != nil {
		t.Fatal(err)
	}
	var packer Packer
	p, q := everything(), everything()
	for i, s := range p.Tables[0].Sets {
		packer.PackSet(s)
		packer.PackSet(s)
		if want := q.Tables[0].Sets[i]; s.Elements != nil || s.Len() != want.Len() || !reflect.DeepEqual(s.List(), want.List()) {
			t.Errorf("set %d has %d elements: %+v", i, s.Len(), s.List())
		}
	}
	if got, err := Encode(p); err != nil || !bytes.Equal(got, whole) {
		t.Errorf("a program with packed sets is encoded otherwise: %v", err)
	}
}

// A rule that cannot be encoded stays, so that Encode can complain.
func TestPackBad(t *testing.T) {
	p := everything()
	r := p.Tables[0].Chains[0].Rules[0]
	r.Exprs = append(r.Exprs, nil)
	new(Packer).Pack(r)
	if _, err := Encode(p); err == nil || r.Unpacked() != r {
		t.Error("a rule without an expression was encoded")
	}
}
