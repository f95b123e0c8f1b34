package nf

import "fmt"

// A Family is a netfilter protocol family (the kernel's NFPROTO_ numbers).
type Family uint8

const (
	FamilyUnspec Family = 0
	FamilyInet   Family = 1 // ip and ip6 together
	FamilyIPv4   Family = 2 // nft's "ip"
	FamilyARP    Family = 3
	FamilyNetdev Family = 5
	FamilyBridge Family = 7
	FamilyIPv6   Family = 10 // nft's "ip6"
)

var familyNames = map[Family]string{
	FamilyInet: "inet", FamilyIPv4: "ip", FamilyARP: "arp",
	FamilyNetdev: "netdev", FamilyBridge: "bridge", FamilyIPv6: "ip6",
}

// String gives the family's name in the nft language.
func (f Family) String() string {
	if s, ok := familyNames[f]; ok {
		return s
	}
	return fmt.Sprintf("family(%d)", uint8(f))
}

// ParseFamily finds a family by its name in the nft language.
func ParseFamily(s string) (Family, bool) {
	for f, n := range familyNames {
		if n == s {
			return f, true
		}
	}
	return FamilyUnspec, false
}
