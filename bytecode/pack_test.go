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
