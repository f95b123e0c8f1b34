package conformance_test

import (
	"testing"

	"nfvm/conformance"
	"nfvm/conformance/engine"
)

// nfvm does what the kernel did.
func TestEngine(t *testing.T) {
	eachCase(t, func(t *testing.T, _ string, c *conformance.Case) {
		if c.Want == nil {
			t.Fatal("never recorded")
		}
		got, err := engine.Run(c, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range conformance.Compare(c.Want, got) {
			t.Error(d)
		}
	})
}
