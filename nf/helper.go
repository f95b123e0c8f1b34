package nf

import "slices"

// helperKind is what a conntrack helper watches.
type helperKind struct {
	name  string
	proto uint8
}

// helpers are the conntrack helpers that Linux 6.18 has modules for, and
// whether they know IPv6.
var helpers = map[helperKind]bool{
	{"ftp", ProtoTCP}: true, {"tftp", ProtoUDP}: true, {"irc", ProtoTCP}: false,
	{"amanda", ProtoUDP}: true, {"sane", ProtoTCP}: true, {"pptp", ProtoTCP}: false,
	{"netbios-ns", ProtoUDP}: false, {"snmp", ProtoUDP}: false, {"snmp_trap", ProtoUDP}: false,
	{"sip", ProtoUDP}: true, {"sip", ProtoTCP}: true, {"RAS", ProtoUDP}: true, {"Q.931", ProtoTCP}: true,
}

// HelperNames are the names of the conntrack helpers of Linux, in order.
func HelperNames() []string {
	var names []string
	for k := range helpers {
		names = append(names, k.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// HelperFamily is the part of a family (IPv4, IPv6 or inet) in which a
// conntrack helper for connections of a protocol works; false where there is
// none.
func HelperFamily(name string, proto uint8, f Family) (Family, bool) {
	v6, ok := helpers[helperKind{name, proto}]
	if ok && !v6 && f == FamilyInet {
		return FamilyIPv4, true
	}
	return f, ok && (v6 || f != FamilyIPv6)
}
