package main

import (
	"fmt"
	"runtime/debug"
)

const helpText = `nfvm - what a Linux host with this ruleset does with this traffic

  nfvm --pcap IN [--host HOST.json] [OUTPUT ...] RULES    replay a capture
  nfvm --iface NAME [--iface NAME ...] RULES              filter on live interfaces
  nfvm COMMAND ...                                        ask a running nfvm
  nfvm snapshot > HOST.json                               describe this machine

RULES is a rules.bin that nftc made, a .nft file, JSON as nft -j list ruleset
prints it, or what iptables-save or ip6tables-save prints. IN is pcap or pcapng with Ethernet or raw IP; packets
flagged outbound were sent by the host itself.
Without OUTPUT nfvm prints a summary: packets by verdict, the rules that
decided, what was dropped, and the connections with their translations.

Input
  --pcap FILE        the capture
  --host FILE        interfaces, addresses, routes, neighbours, sysctls of the
                     host, as 'nfvm snapshot' prints them. Without it the host
                     forwards between the two interfaces of the capture.
  --iface NAME       the interface of a classic pcap (default eth0); repeated, the
                     interfaces that a pcapng does not name
  --sysctl NAME=VALUE  a setting of the kernel, such as
                     net.netfilter.nf_conntrack_max=65536; overrides the host's
  -I DIR             where include looks for files of a .nft ruleset
  -D NAME=VALUE      define a variable of a .nft ruleset
  --osf-fingerprints FILE  what osf expressions know systems by, in the format of
                     pf.os (default /etc/nftables/osf/pf.os, as nft)
  --seed N           for NAT ports and numgen random (default 1)
  --advance TIME     how long time runs on after the last packet: 1.604s, 5m

Output (FILE may be -, standard output)
  --write FILE       pcapng of what the host sends and delivers, each with a
                     comment that names the rule
  --write-dropped    also the packets that are dropped
  --verdicts FILE    a JSON object a packet: hook, verdict, rule, connection
  --trace FILE       rule by rule for packets with nftrace set, as nft monitor
  --trace-all        trace every packet
  --events FILE      connections as they change, as conntrack -E -o timestamp
  --log FILE         the lines of log statements, as the kernel writes them
  --log-to PLACE     the packets of log statements, to one of the places below that
                     are files
  --conntrack FILE   connections at the end, as conntrack -L -o extended
  --expect FILE      expectations at the end, as conntrack -L expect
  --conntrack-save FILE  connections, expectations and helpers at the end, for
                     nfvm conntrack and for --conntrack-load FILE of another run,
                     which begins with them and what is left of their timeouts
  --ruleset FILE     rules at the end, with counters, as nft list ruleset
  --json, -j         ... as nft -j list ruleset

Live (docs/live.md; Linux, as root)
  --iface NAME       an interface to manage; repeated for a router
  --on-exit MODE     open or closed: what the interface passes when nfvm ends, also
                     when it is killed (default open)
  --driver NAME      how frames are taken: auto, tap, xdp or afpacket (default auto)
  --queues N         workers that share them by flow (default one a processor)
  --fast-flows MODE  auto: packets of established flows are forwarded inside the kernel
                     where rules do the same with all of them (default), or off
  --observe          enforce nothing, log what would not pass
  --state FILE       keep connections over a restart: they are read at the start
                     and written every 30 seconds (--state-every TIME) and at
                     the end; apart: --conntrack-load FILE, --conntrack-save FILE
  --control PATH     the control socket (default /run/nfvm/control.sock), or none
  --log-to PLACE     where the packets of log statements go: syslog[:FACILITY],
                     journal, stderr (the default), file:PATH, pcapng:PATH,
                     nflog:GROUP:PATH (pcapng of one group) or none; repeated for more
  --log-format FORM  how nfvm logs on standard error: text (the default) or json
  --log-level LEVEL  from which level on: debug, info (the default), warn or error
  --log-rate N       dropped packets that are logged a second (default 20), or all
  --metrics ADDRESS  serve Prometheus at ADDRESS:PORT or unix:PATH, under /metrics;
                     nowhere by default. --metrics-rules: also of each rule with
                     a counter
  --cpuprofile FILE  where time is spent, for go tool pprof

Commands, of a running nfvm (docs/control.md; --control PATH names its socket)
  list ruleset|tables|table F T|chain F T C|sets|set F T S|counters|quotas ...
                     as nft lists them, with nft's flags -j -a -s -t -n
  reset counters|quotas|rules [F T ...]    list them and let them begin anew
  add|create|delete|destroy element F T S { ... }, flush set F T S
                     change elements in nft's syntax, timeouts included
  conntrack ...      all of conntrack(8): -L -G -D -I -A -U -F -C -S -E -R with its
                     options; --conntrack-load FILE: on a table that was saved
  monitor [-j] [trace [--all]|events|ruleset]   what happens, as nft and conntrack show it
  stats [-j]         packets, drops by reason, interfaces, connections, errors
  top [-n N]         the busiest connections, every second; q ends it
  reload             put the rules file in force as it is now
  apply [--confirm TIME] RULES   put rules in force, until TIME unless confirmed
  confirm, rollback  keep what was applied, or go back at once
  release IFACE      open an interface that an ended nfvm has left closed

  --version, -v      what this program is
  --help, -h         this text

Exit status: 0, or 1 with the reason on standard error. A damaged capture is
replayed up to the damage; its outputs are written, and the status is 1.

Example
  nfvm --pcap examples/home-router/traffic.pcapng \
       --host examples/home-router/host.json examples/home-router/rules.nft
`

// version names the program and what it was built from.
func version() string {
	v, revision := buildInfo()
	if revision != "" {
		revision = " " + revision
	}
	return fmt.Sprintf("nfvm %s%s", v, revision)
}

// packaged is the version of a package, set when it is built.
var packaged string

func buildInfo() (version, revision string) {
	info, ok := debug.ReadBuildInfo()
	switch {
	case packaged != "":
		return packaged, ""
	case !ok:
		return "(devel)", ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value[:min(12, len(s.Value))]
		}
	}
	return info.Main.Version, revision
}
