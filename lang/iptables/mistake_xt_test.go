package iptables

import (
	"testing"

	"nfvm/nf"
)

// Extensions that no expression stands for: what they refuse, and where.
func TestExtensionMistakes(t *testing.T) {
	for _, c := range []struct {
		family            nf.Family
		table, line, want string
	}{
		{nf.FamilyIPv6, "filter", "-A INPUT -m ah ! --ahspi 1: ! --ahlen 16 --ahres", ""},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ah --ahlen 4294967296", "4294967296: 4294967296 is out of range: 0 to 4294967295"},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ah ! --ahres", "! --ahres: --ahres can't be negated"},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ipv6header --header hop-by-hop,HOPOPT,,60,none,255 --soft", ""},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ipv6header --header hop,6", "6: unknown header 6: hop, dst, route, frag, auth, esp, none or prot is expected"},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ipv6header --header rout", "rout: unknown header rout: hop, dst, route, frag, auth, esp, none or prot is expected"},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ipv6header --soft", "ipv6header: ipv6header needs the option --header"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types ANY init:-,data:uUi,i_data", ""},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp --chunk-types only none", ""},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types some data", "some: chunks are compared by any, all or only, not some"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types any dat", "dat: unknown type of SCTP chunk: dat; did you mean DATA?"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types any data:ux", "x: x is no flag of this chunk: it has I, U, B, E"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types any init:t", "t: t is no flag of this chunk: it has none"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types any abort:T,data:U,shutdown_complete:t,init:-,sack:-", "-: flags of no more than 4 types of chunks can be compared"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types any", "--chunk-types: option --chunk-types needs 2 arguments"},
	} {
		got := messages(c.table, c.line, c.family)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0] != c.want) {
			t.Errorf("%s\ngot  %q\nwant %q", c.line, got, c.want)
		}
	}
}
