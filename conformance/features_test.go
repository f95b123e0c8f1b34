package conformance_test

import (
	"slices"
	"strings"
	"testing"

	"nfvm/conformance"
)

// The cases name what they prove in the right form, and by the names that
// their files have.
func TestFeatures(t *testing.T) {
	proved, err := conformance.Features("cases")
	if err != nil {
		t.Fatal(err)
	}
	if got := proved["K-001"]; !slices.IsSorted(got) || len(got) == 0 {
		t.Errorf("cases of K-001: %q", got)
	}
}

func TestCaseFeatures(t *testing.T) {
	for _, test := range []struct{ comment, want, err string }{
		{"Says nothing.\n", "", ""},
		{"Shows both.\nfeatures: K-001 N-012\nfeatures: S-100\n", "K-001 N-012 S-100", ""},
		{"features: K-1\n", "", `"K-1" is not the name of a feature`},
		{"features: K-001, N-001\n", "", `"K-001," is not the name of a feature`},
		{"features: K-001 K-001\n", "", "K-001 is named twice"},
	} {
		c, err := conformance.ParseCase("x", []byte(test.comment))
		if err != nil {
			t.Fatal(err)
		}
		ids, err := c.Features()
		if got := strings.Join(ids, " "); got != test.want {
			t.Errorf("%q: %q, want %q", test.comment, got, test.want)
		}
		if (err != nil) != (test.err != "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%q: error %v, want %q", test.comment, err, test.err)
		}
	}
}
