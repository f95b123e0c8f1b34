package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// snapshotCommands are the keys of HOST.json that iproute2 fills.
var snapshotCommands = []struct{ key, args string }{
	{"addr", "-d -j addr show"},
	{"route", "-j route show table all"},
	{"route6", "-j -6 route show table all"},
	{"rule", "-j rule show"},
	{"rule6", "-j -6 rule show"},
	{"neigh", "-j neigh show"},
}

// snapshot prints the HOST.json of this machine.
func snapshot(args []string, std streams) error {
	if len(args) > 0 {
		if args[0] == "-h" || args[0] == "--help" || args[0] == "-help" {
			fmt.Fprint(std.out, helpText)
			return nil
		}
		return fmt.Errorf("snapshot takes no arguments, but there is %q", args[0])
	}
	return writeSnapshot(std.out)
}

// writeSnapshot writes the HOST.json of this machine.
func writeSnapshot(w io.Writer) error {
	ip, err := exec.LookPath("ip")
	if err != nil {
		return errors.New("snapshot asks the ip command of iproute2, which is not in PATH")
	}
	var b bytes.Buffer
	b.WriteString("{\n")
	for _, c := range snapshotCommands {
		out, err := runIP(ip, strings.Fields(c.args))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "  %q: %s,\n", c.key, out)
	}
	sysctls, err := json.MarshalIndent(readSysctls(), "  ", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(&b, "  \"sysctl\": %s\n}\n", sysctls)
	_, err = w.Write(b.Bytes())
	return err
}

// runIP gives the JSON that ip prints; nothing at all means an empty list.
func runIP(ip string, args []string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := exec.Command(ip, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	if out = bytes.TrimSpace(out); len(out) == 0 {
		return []byte("[]"), nil
	}
	var b bytes.Buffer
	if err := json.Indent(&b, out, "  ", "  "); err != nil {
		return nil, fmt.Errorf("ip %s printed no JSON: %w", strings.Join(args, " "), err)
	}
	return b.Bytes(), nil
}

// snapshotSysctls are the settings that the path and connection tracking read,
// as patterns below /proc/sys. Secrets, which some others hold, are not wanted.
var snapshotSysctls = []string{
	"net/ipv4/ip_forward", "net/ipv4/ip_default_ttl", "net/ipv4/ip_forward_*", "net/ipv4/fwmark_reflect",
	"net/ipv4/icmp_*", "net/ipv4/ipfrag_*", "net/ipv4/fib_multipath_hash_policy",
	"net/ipv4/conf/*/accept_*", "net/ipv4/conf/*/bc_forwarding", "net/ipv4/conf/*/drop_unicast_in_l2_multicast",
	"net/ipv4/conf/*/forwarding", "net/ipv4/conf/*/log_martians", "net/ipv4/conf/*/route_localnet",
	"net/ipv4/conf/*/rp_filter", "net/ipv4/conf/*/send_redirects", "net/ipv4/conf/*/shared_media",
	"net/ipv4/conf/*/src_valid_mark",
	"net/ipv6/conf/*/accept_source_route", "net/ipv6/conf/*/disable_ipv6", "net/ipv6/conf/*/forwarding",
	"net/ipv6/conf/*/drop_unicast_in_l2_multicast", "net/ipv6/icmp/*", "net/ipv6/ip6frag_*", "net/ipv6/fwmark_reflect",
	"net/netfilter/nf_conntrack_*",
}

// readSysctls reads what it may; what only root can read is left out. Dots in
// the name of an interface are written as slashes, as sysctl(8) does.
func readSysctls() map[string]string {
	const root = "/proc/sys/"
	out := map[string]string{}
	for _, pattern := range snapshotSysctls {
		names, err := filepath.Glob(root + pattern)
		if err != nil {
			continue
		}
		for _, name := range names {
			if info, err := os.Stat(name); err != nil || info.Mode()&fs.ModeType != 0 {
				continue
			}
			if v, err := os.ReadFile(name); err == nil {
				key := strings.NewReplacer("/", ".", ".", "/").Replace(strings.TrimPrefix(name, root))
				out[key] = strings.TrimSpace(string(v))
			}
		}
	}
	return out
}
