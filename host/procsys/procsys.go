// Package procsys reads the kernel's settings below /proc/sys/net that decide
// what becomes of packets.
package procsys

import (
	"bytes"
	"io/fs"
	"os"
	"path"
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
	dirs []directory
	buf  [128]byte // longer settings are not among them
}

// A directory is one below /proc/sys/net. Which files it has does not change, but
// for the directories of interfaces below conf.
type directory struct {
	name    string
	file    *os.File
	files   []string
	perLink []string // below conf, in the directory of each interface
}

// Open makes a Reader for the network namespace of the calling thread, where it
// stays whichever thread reads: the kernel ties a directory below
// /proc/sys/net to the namespace that it was opened in. A directory that this
// machine does not have is left out.
func Open() *Reader {
	r := &Reader{}
	for name, patterns := range patterns {
		place := path.Join("/proc/sys/net", name)
		file, err := os.Open(place)
		if err != nil {
			continue
		}
		d := directory{name: name, file: file}
		d.files, d.perLink = names(os.DirFS(place), patterns)
		r.dirs = append(r.dirs, d)
	}
	return r
}

// Close gives the directories back.
func (r *Reader) Close() {
	for _, d := range r.dirs {
		d.file.Close()
	}
}

// Read gives the settings that it may read, by dotted name ("net.ipv4.ip_forward");
// what only root can read is left out. Dots in the name of an interface are
// written as slashes, as sysctl(8) does.
func (r *Reader) Read() map[string]string {
	out := map[string]string{}
	for _, f := range patterns["bridge"] { // without br_netfilter bridges don't call the hooks of IP
		out["net.bridge."+f] = "0"
	}
	for _, d := range r.dirs {
		prefix := "net." + d.name + "."
		for _, f := range d.files {
			r.read(out, d.file, f, prefix+strings.ReplaceAll(f, "/", "."))
		}
		if len(d.perLink) == 0 {
			continue
		}
		for _, link := range subdirectories(d.file, "conf") {
			dotted := prefix + "conf." + strings.ReplaceAll(link, ".", "/") + "."
			for _, f := range d.perLink {
				r.read(out, d.file, "conf/"+link+"/"+f, dotted+f)
			}
		}
	}
	return out
}

// read puts the value of one file into out, if it can be read.
func (r *Reader) read(out map[string]string, dir *os.File, file, setting string) {
	if b, err := readAt(dir, file, r.buf[:]); err == nil {
		out[setting] = string(bytes.TrimSpace(b))
	}
}

// names lists the files that match the patterns, and of those in the directories
// of interfaces, which are all alike, the last part of the name.
func names(files fs.FS, patterns []string) (all, perLink []string) {
	for _, p := range patterns {
		base, isPerLink := strings.CutPrefix(p, "conf/*/")
		if isPerLink {
			p = "conf/all/" + base
		}
		found, _ := fs.Glob(files, p) // the patterns are well formed
		for _, f := range found {
			switch info, err := fs.Stat(files, f); {
			case err != nil || !info.Mode().IsRegular():
			case isPerLink:
				perLink = append(perLink, path.Base(f))
			default:
				all = append(all, f)
			}
		}
	}
	return all, perLink
}
