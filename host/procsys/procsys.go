// Package procsys reads the kernel's settings below /proc/sys/net that decide
// what becomes of packets.
package procsys

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// patterns are the settings that the packet path and connection tracking read,
// below each directory of /proc/sys/net. Secrets, which some others hold, are
// not wanted.
var patterns = map[string][]string{
	"ipv4": {
		"ip_forward", "ip_default_ttl", "ip_forward_*", "fwmark_reflect",
		"icmp_*", "ipfrag_*", "fib_multipath_hash_policy",
		"conf/*/accept_*", "conf/*/bc_forwarding", "conf/*/drop_unicast_in_l2_multicast",
		"conf/*/forwarding", "conf/*/log_martians", "conf/*/route_localnet",
		"conf/*/rp_filter", "conf/*/send_redirects", "conf/*/shared_media",
		"conf/*/src_valid_mark",
	},
	"ipv6": {
		"conf/*/accept_source_route", "conf/*/disable_ipv6", "conf/*/forwarding",
		"conf/*/drop_unicast_in_l2_multicast", "icmp/*", "ip6frag_*", "fwmark_reflect",
	},
	"netfilter": {"nf_conntrack_*"},
	"bridge":    {"bridge-nf-call-iptables", "bridge-nf-call-ip6tables", "bridge-nf-filter-vlan-tagged"},
}

// A Reader reads the settings of one network namespace.
type Reader struct {
	dirs map[string]*os.Root
}

// Open makes a Reader for the network namespace of the calling thread, where it
// stays whichever thread reads: the kernel ties a directory below
// /proc/sys/net to the namespace that it was opened in. A directory that this
// machine does not have is left out.
func Open() *Reader {
	r := &Reader{dirs: map[string]*os.Root{}}
	for name := range patterns {
		if dir, err := os.OpenRoot(path.Join("/proc/sys/net", name)); err == nil {
			r.dirs[name] = dir
		}
	}
	return r
}

// Close gives the directories back.
func (r *Reader) Close() {
	for _, dir := range r.dirs {
		dir.Close()
	}
}

// Read gives the settings that it may read, by dotted name ("net.ipv4.ip_forward");
// what only root can read is left out. Dots in the name of an interface are
// written as slashes, as sysctl(8) does.
func (r *Reader) Read() map[string]string {
	out := map[string]string{}
	if r.dirs["bridge"] == nil { // without br_netfilter bridges don't call the hooks of IP
		for _, f := range patterns["bridge"] {
			out["net.bridge."+f] = "0"
		}
	}
	for name, dir := range r.dirs {
		files := dir.FS()
		dotted := strings.NewReplacer("/", ".", ".", "/")
		for _, f := range names(files, patterns[name]) {
			if v, err := fs.ReadFile(files, f); err == nil {
				out["net."+name+"."+dotted.Replace(f)] = strings.TrimSpace(string(v))
			}
		}
	}
	return out
}

// names lists the files that match, reading each directory once.
func names(files fs.FS, patterns []string) (all []string) {
	byDir := map[string][]string{}
	for _, p := range patterns {
		dir, base := path.Split(p)
		byDir[path.Clean(dir)] = append(byDir[path.Clean(dir)], base)
	}
	for dir, bases := range byDir {
		dirs, _ := fs.Glob(files, dir) // the patterns are well formed
		for _, d := range dirs {
			entries, _ := fs.ReadDir(files, d)
			for _, e := range entries {
				matches := func(base string) bool { ok, _ := path.Match(base, e.Name()); return ok }
				if e.Type().IsRegular() && slices.ContainsFunc(bases, matches) {
					all = append(all, path.Join(d, e.Name()))
				}
			}
		}
	}
	return all
}
