package main

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

// TestReverseDNS names addresses as nft -N does: those that stand alone and in
// prefixes, but not the ends of ranges in text.
func TestReverseDNS(t *testing.T) {
	asked := map[string]int{}
	old := lookupAddr
	lookupAddr = func(_ context.Context, a string) ([]string, error) {
		asked[a]++
		if a == "192.0.2.1" {
			return []string{"one.example.", "uno.example."}, nil
		}
		return nil, errors.New("no such host")
	}
	defer func() { lookupAddr = old }()
	in := "table ip t {\n chain c {\n ip saddr { 192.0.2.1, 192.0.2.9 } ip daddr 192.0.2.1-192.0.2.3\n dnat to 192.0.2.1\n }\n}\n"
	code, out, errs := runWith(in, "list", "-N", "-")
	want := "ip saddr { one.example, 192.0.2.9 } ip daddr 192.0.2.1-192.0.2.3\n\t\tdnat to one.example\n"
	if code != 0 || !strings.Contains(out, want) {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	if asked["192.0.2.1"] != 1 || asked["192.0.2.9"] != 1 {
		t.Errorf("asked %v", asked)
	}
	code, out, errs = runWith(in, "list", "-Nj", "-")
	if code != 0 || !strings.Contains(out, `{"range": ["one.example", "192.0.2.3"]}`) {
		t.Errorf("got %d %s %s", code, out, errs)
	}
}

// TestSilentServer does not wait again for a server that did not answer.
func TestSilentServer(t *testing.T) {
	calls := 0
	old := lookupAddr
	lookupAddr = func(ctx context.Context, _ string) ([]string, error) {
		calls++
		<-ctx.Done()
		return nil, ctx.Err()
	}
	defer func() { lookupAddr = old }()
	name := addrNames()
	for _, a := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.1"} {
		if n, ok := name(netip.MustParseAddr(a)); ok {
			t.Errorf("%s: %s", a, n)
		}
	}
	if calls != 1 {
		t.Errorf("asked %d times", calls)
	}
}
