package nf

import (
	"slices"
	"testing"
)

func TestHelperFamily(t *testing.T) {
	for _, test := range []struct {
		name  string
		proto uint8
		f     Family
		want  Family
		ok    bool
	}{
		{"ftp", ProtoTCP, FamilyInet, FamilyInet, true},
		{"ftp", ProtoTCP, FamilyIPv6, FamilyIPv6, true},
		{"ftp", ProtoUDP, FamilyIPv4, FamilyIPv4, false},
		{"irc", ProtoTCP, FamilyInet, FamilyIPv4, true},
		{"irc", ProtoTCP, FamilyIPv6, FamilyIPv6, false},
		{"irc", ProtoTCP, FamilyIPv4, FamilyIPv4, true},
		{"nonsense", ProtoTCP, FamilyIPv4, FamilyIPv4, false},
	} {
		if got, ok := HelperFamily(test.name, test.proto, test.f); got != test.want || ok != test.ok {
			t.Errorf("%s %d %s: %s %v, want %s %v", test.name, test.proto, test.f, got, ok, test.want, test.ok)
		}
	}
	if names := HelperNames(); !slices.Contains(names, "ftp") || slices.Contains(names, "rtsp") || len(names) != 12 {
		t.Errorf("helpers %v, want the 12 of Linux, with sip once", names)
	}
}
