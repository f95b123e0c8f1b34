//go:build linux

package rtnetlink

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"nfvm/host"
	"nfvm/internal/testenv"
)

// A kernel that names nexthop objects only must be understood as one that
// repeats in the route what they say.
func TestNexthopObjects(t *testing.T) {
	testenv.Need(t, testenv.Root, testenv.Program("ip"), testenv.Program("sysctl"))
	ns := testenv.NewNamespace(t)
	ns.Shell(t, everything)
	named := func(compat string) (routes []host.Route) {
		ns.Shell(t, "sysctl -qw net.ipv4.nexthop_compat_mode="+compat)
		for _, r := range normal(readIn(t, ns)).Routes {
			if a := r.Dst.Addr().As16(); r.Dst.Addr().Is4() && a[12] == 192 && a[14] >= 6 {
				for i := range r.Hops {
					link := *r.Hops[i].Dev
					r.Hops[i].Dev = &link
				}
				routes = append(routes, r)
			}
		}
		return routes
	}
	repeated, bare := named("1"), named("0")
	if len(repeated) != 3 || len(repeated[1].Hops) != 2 || repeated[1].Hops[1].Weight != 7 || repeated[2].Type != host.Blackhole {
		t.Fatalf("routes %+v", repeated)
	}
	if d := gocmp.Diff(repeated, bare, comparable); d != "" {
		t.Errorf("repeated in the route (-), by id only (+):\n%s", d)
	}
}

// What the model does not have is said, once for all routes of which it is so.
func TestRemarks(t *testing.T) {
	ns := newMachine(t, `
ip -6 addr add fd00::1/64 dev d0 nodad
ip -6 route add 2001:db8:9::/48 from 2001:db8::/48 via fd00::9`)
	got := readIn(t, ns).Remarks
	if !slices.Contains(got, "route left out: routes by source address (from) are not known here (2001:db8:9::/48)") {
		t.Errorf("remarks %q", got)
	}
}

func TestRemarksAreGathered(t *testing.T) {
	r := reader{remarks: map[string]*remark{}}
	for _, p := range []string{"a", "b", "c"} {
		r.remark("ignored", p)
	}
	r.finishRemarks()
	if want := []string{"ignored (a and 2 more)"}; !slices.Equal(r.Remarks, want) {
		t.Errorf("%q, want %q", r.Remarks, want)
	}
}
