package procsys

import (
	"slices"
	"testing"
	"testing/fstest"
)

func TestNames(t *testing.T) {
	files := fstest.MapFS{
		"ip_forward": {}, "icmp_ratelimit": {}, "icmp_secret/x": {}, "tcp_fastopen_key": {},
		"conf/eth0.5/rp_filter": {}, "conf/lo/rp_filter": {}, "conf/lo/mtu": {},
	}
	got := names(files, patterns["ipv4"])
	slices.Sort(got)
	want := []string{"conf/eth0.5/rp_filter", "conf/lo/rp_filter", "icmp_ratelimit", "ip_forward"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
