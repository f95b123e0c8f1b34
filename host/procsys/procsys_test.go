package procsys

import (
	"slices"
	"testing"
	"testing/fstest"
)

func TestNames(t *testing.T) {
	files := fstest.MapFS{
		"ip_forward": {}, "icmp_ratelimit": {}, "icmp_secret/x": {}, "tcp_fastopen_key": {},
		"conf/all/rp_filter": {}, "conf/lo/rp_filter": {}, "conf/all/mtu": {}, "conf/all/accept_local": {},
	}
	got, perLink := names(files, patterns["ipv4"])
	slices.Sort(got)
	if want := []string{"icmp_ratelimit", "ip_forward"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if want := []string{"accept_local", "rp_filter"}; !slices.Equal(perLink, want) {
		t.Errorf("for each interface got %v, want %v", perLink, want)
	}
}
