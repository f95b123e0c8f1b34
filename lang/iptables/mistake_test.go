package iptables

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"nfvm/nf"
)

// messages gives what is said about a line in a file of its own, and at which
// column.
func messages(table, line string, family nf.Family) []string {
	file := "*" + table + "\n:user - [0:0]\n:LOGDROP - [0:0]\n" + line + "\nCOMMIT\n"
	_, list := Parse("f", []byte(file), Options{Family: family})
	var out []string
	for _, d := range list.Items {
		at := list.Sources.Position(d.Span)
		out = append(out, file[strings.LastIndexByte(file[:d.Span.Start-1], '\n')+1:][at.Col-1:at.EndCol]+": "+d.Message)
	}
	return out
}

// One mistake gives one message, which stands at the word and says what is
// expected.
func TestMistakes(t *testing.T) {
	for _, c := range []struct{ table, line, want string }{
		{"filter", "-A INPUT -p tcp --tcp-flags SYN -j ACCEPT", "--tcp-flags: option --tcp-flags needs 2 arguments, but -j follows"},
		{"mangle", "-A INPUT -j MARK --set-mark", "--set-mark: option --set-mark needs 1 argument"},
		{"mangle", "-A FORWARD -j TCPMSS --clamp-mss-to-pmtu", "TCPMSS: TCPMSS needs -p tcp"},
		{"filter", "-A INPUT -j SNAT", "SNAT: SNAT can only be used in table nat"},
		{"filter", "-A INPUT -c 1 -j ACCEPT", "-c: option -c needs 2 arguments, but -j follows"},
		{"filter", "-A INPUT -j CT --helper ftp", "CT: CT can only be used in table raw"},
		{"filter", "-A INPUT --dport 22 -j ACCEPT", "--dport: option --dport needs -p tcp, -p udp, -p sctp or -p dccp before it"},
		{"filter", "-A INPUT -p icmp --dport 22 -j ACCEPT", "--dport: option --dport needs -p tcp, -p udp, -p sctp or -p dccp before it, not -p icmp"},
		{"filter", "-A INPUT --ctstate NEW -j ACCEPT", "--ctstate: option --ctstate needs -m conntrack before it"},
		{"filter", "-A INPUT -m conntrack --ctsate NEW", "--ctsate: unknown option --ctsate; did you mean --ctstate?"},
		{"filter", "-A INPUT -m contrack --ctstate NEW", "contrack: unknown match contrack; did you mean conntrack?"},
		{"filter", "-A INPUT tcp --dport 22", `tcp: "tcp" is no option; did you mean -p tcp?`},
		{"filter", "-A INPUT -p tcp conntrack --ctstate NEW", `conntrack: "conntrack" is no option; did you mean -m conntrack?`},
		{"filter", "-A INPUT -p tcp --dport 22 ACCEPT", `ACCEPT: "ACCEPT" is no option; did you mean -j ACCEPT?`},
		{"filter", "-A INPUT -p tcp –dport 22 -j ACCEPT", "–dport 22: \"–dport\" is no option: it starts with a dash of typography, write --dport"},
		{"filter", "-A INPUT -p tcp -dport 22 -j ACCEPT", "-dport: unknown option -dport; did you mean --dport?"},
		{"filter", "-A INPUT -s 10.0.0.1, 10.0.0.2 -j ACCEPT", `10.0.0.1, 10.0.0.2: a list is written without blanks: 10.0.0.1,10.0.0.2`},
		{"filter", "-A INPUT -s ! 10.0.0.1", "!: ! stands before the option: ! -s"},
		{"filter", "-A INPUT -p tcp -p udp", "-p: option -p is given twice in one rule"},
		{"filter", "-A INPUT -j LOGG --log-prefix x", "LOGG: unknown target or chain LOGG; did you mean LOG?"},
		{"filter", "-A INPUT -g ACCEPT", "ACCEPT: table filter has no chain ACCEPT to go to"},
		{"filter", "-A INPUT -m conntrack", "conntrack: conntrack needs one of its options: --ctstate, --ctproto, --ctorigsrc, --ctorigdst, --ctreplsrc, --ctrepldst, --ctorigsrcport, --ctorigdstport, --ctreplsrcport, --ctrepldstport, --ctstatus, --ctexpire or --ctdir"},
		{"filter", "-Z INPT", "INPT: table filter has no chain INPT; did you mean INPUT?"},
		{"filter", "-N ACCEPT", "ACCEPT: no chain is called ACCEPT, which is a target"},
		{"filter", "-N a b", "b: unexpected text at the end of the line"},
		{"filter", "iptables -A INPUT -j DROP", "iptables: a line of a saved file has no iptables in front: it starts with the command, as -A"},
		{"nat", "-A PREROUTING -j DROP", "DROP: table nat does not filter: use DROP in table filter"},
		{"filter", "-A OUTPUT -m owner --gid-owner 0 --suppl-groups", "--suppl-groups: option --suppl-groups of owner is not supported: the groups of local processes are not known"},
		{"filter", "-A INPUT -m mac --mac-source 00-11-22-33-44-55", `00-11-22-33-44-55: "00-11-22-33-44-55" is no MAC address`},
		{"mangle", "-A OUTPUT -m devgroup --src-group 1", "--src-group: --src-group can't be used in OUTPUT, only in PREROUTING, INPUT and FORWARD"},
		{"filter", "-A FORWARD -m cgroup --cgroup 1", "cgroup: cgroup can't be used in FORWARD, only in INPUT, OUTPUT and POSTROUTING"},
		{"mangle", "-A OUTPUT -j TEE --gateway 0.0.0.0", "0.0.0.0: 0.0.0.0 is no gateway"},
		{"filter", "-A INPUT -j LOG --log-level warn", "warn: unknown log level warn; did you mean warning?"},
		{"filter", "-A INPUT -j NFQUEUE --queue-balance 3", "3: queues are written FIRST:LAST, of which the first is less"},
		{"filter", "-A INPUT -m policy --dir in --pol none --strict", "--strict: --strict needs --pol ipsec"},
		{"filter", "-A INPUT -m policy --dir in --pol ipsec --strict --reqid 1 --next", "policy: with --strict each transformation needs one of --reqid, --spi, --proto, --mode, --tunnel-src and --tunnel-dst"},
		{"filter", "-A INPUT -m policy --dir in --pol ipsec --next --reqid 1", "--next: --next needs --strict"},
		{"filter", "-A INPUT -m policy --dir in --pol ipsec --proto tcp", "tcp: the protocol of a transformation is esp, ah or ipcomp"},
		{"filter", "-A INPUT -m policy --dir in --pol ipsec --mode transport --tunnel-src 1.1.1.1", "--tunnel-src 1.1.1.1: --tunnel-src needs --mode tunnel"},
		{"filter", "-A INPUT -m policy --dir in --pol ipsec --reqid 1 --reqid 2", "--reqid 2: option --reqid can only be used once for each policy"},
		{"filter", "-A OUTPUT -m physdev --physdev-out eth0", "--physdev-out: --physdev-out without --physdev-is-bridged can't be used in OUTPUT, only in PREROUTING, INPUT, FORWARD and POSTROUTING"},
		{"filter", "-A INPUT -m hl --hl-eq 1 -6 -j NOTHING", "hl: unknown match hl"},
		{"filter", "-A INPUT -j later\n-N later", "later: chain later is declared below: it must be declared before it is used"},
		{"filter", "-A INPUT -j user\n-X user", "user: a rule of chain INPUT goes to chain user"},
	} {
		got := messages(c.table, c.line, nf.FamilyIPv4)
		if len(got) != 1 || got[0] != c.want {
			t.Errorf("%s\ngot  %q\nwant %q", c.line, got, c.want)
		}
	}
}

// Whatever word of a good line is missing, doubled or misspelt, that is one
// mistake at most.
func TestOneMistakeOneMessage(t *testing.T) {
	tried := 0
	for _, name := range []string{"matches", "targets"} {
		a, err := txtar.ParseFile("testdata/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range a.Files {
			family, known := families[in.Name[strings.LastIndexByte(in.Name, '.'):]]
			if !known || strings.HasPrefix(in.Name, "errors") {
				continue
			}
			table := ""
			for line := range strings.Lines(string(in.Data)) {
				line = strings.TrimSpace(line)
				if mark, is := strings.CutPrefix(line, "*"); is {
					table = mark
				}
				if strings.Contains(line, `"`) || !strings.HasPrefix(line, "-A") || len(messages(table, line, family)) > 0 {
					continue
				}
				for _, m := range mutants(strings.Fields(line)) {
					tried++
					if got := messages(table, m, family); len(got) > 1 {
						t.Errorf("%s: %q", m, got)
					}
				}
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d lines were tried", tried)
	}
}

// What iptables takes in silence is taken too.
func TestNoMistakes(t *testing.T) {
	for _, c := range []struct{ table, line, want string }{
		{"filter", "-A INPUT -j LOG --log-prefix 1234567890123456789012345678901", "1234567890123456789012345678901: a prefix has at most 29 characters: the rest is not logged"},
		{"filter", "-A INPUT -m comment --comment " + strings.Repeat("x", 256), strings.Repeat("x", 256) + ": a comment has at most 255 characters: the rest is cut off"},
		{"filter", "-A INPUT -m mac --mac-source 0:1:2:3:4:a", ""},
		{"filter", "-A INPUT -m conntrack --ctproto all", ""},
		{"mangle", "-A POSTROUTING -p tcp -j TCPOPTSTRIP", ""},
		{"filter", "-A INPUT -m policy --dir in --pol ipsec --strict --reqid 1 --proto esp --next --reqid 2 -j ACCEPT", ""},
		{"filter", "-A OUTPUT -m physdev --physdev-out eth0 --physdev-is-bridged", ""},
		{"filter", "-A INPUT -6 -s ::1 --dport 1 -j SNAT", ""}, // a line for ip6tables
	} {
		file, list := Parse("x", []byte("*"+c.table+"\n"+c.line+"\nCOMMIT\n"), Options{Family: nf.FamilyIPv4})
		got := strings.Join(messages(c.table, c.line, nf.FamilyIPv4), "\n")
		if list.HasErrors() || got != c.want || len(file.Commands) != 1 {
			t.Errorf("%s\ngot  %q\nwant %q", c.line, got, c.want)
		}
	}
}

// mutants gives lines with one word wrong.
func mutants(words []string) (out []string) {
	join := func(a []string, more ...string) string {
		return strings.Join(append(a[:len(a):len(a)], more...), " ")
	}
	for i := 2; i < len(words); i++ {
		w := words[i]
		out = append(out, join(words[:i], words[i+1:]...), join(words[:i+1], words[i:]...))
		if half := len(w)/2 + 1; len(w) > 4 {
			out = append(out, join(words[:i], append([]string{w[:half] + w[half+1:]}, words[i+1:]...)...))
		}
	}
	return out
}
