//go:build linux

package live_test

import (
	"os"
	"path/filepath"
	"testing"

	"nfvm/internal/testenv"
)

// ftp downloads, or with other arguments does something else; the code of the
// last answer, how much came and went, and how curl ended.
const ftp = "curl -s -m 8 --connect-timeout 3 -w '%{http_code} %{size_download} %{size_upload} %{exitcode}\n' -o /dev/null "

// announced is the address that a side names for data connections, as the
// client saw it, without the ports.
const announced = ` -v 2>&1 | tr -d '\r' | grep -oE 'Entering (Extended )?Passive Mode|\([0-9]+,[0-9]+,[0-9]+,[0-9]+,|Connected to .*|^[0-9]{3} .*' | sed 's/port [0-9]*//'`

var transferQuestions = []question{
	{"ftp, passive", "client", ftp + "ftp://10.9.2.2/large"},
	{"ftp, passive, with the address", "client", ftp + "--disable-epsv --no-ftp-skip-pasv-ip ftp://10.9.2.2/large" + announced},
	{"ftp 6, passive", "client", ftp + "ftp://[fd00:2::2]/large"},
	{"ftp, active", "client", ftp + "-P - ftp://10.9.2.2/large"},
	{"ftp, active, by PORT", "client", ftp + "-P - --disable-eprt ftp://10.9.2.2/large"},
	{"ftp 6, active", "client", ftp + "-P - ftp://[fd00:2::2]/large"},
	{"ftp, a list", "client", "for how in '' '-P -'; do curl -s -m 8 -l $how ftp://10.9.2.2/; done"},
	{"ftp, up", "client", "head -c 3000000 /dev/zero >up; for how in --disable-epsv '-P -' '-P - --disable-eprt'; do " + ftp + "$how -T up ftp://10.9.2.2/in/; done"},
	{"ftp by dnat, passive", "client", ftp + "--disable-epsv --no-ftp-skip-pasv-ip ftp://10.9.1.1:2121/large" + announced},
	{"ftp 6 by dnat, passive", "client", ftp + "ftp://[fd00:1::1]:2121/large"},
	{"ftp by dnat, active", "client", ftp + "-P - --disable-eprt ftp://10.9.1.1:2121/large"},
	{"ftp 6 by dnat, active", "client", ftp + "-P - ftp://[fd00:1::1]:2121/large"},
	{"ftp that is not followed, passive", "client", ftp + "-m 2 ftp://10.9.1.1:2100/large"},
	{"ftp that is not followed, active", "client", ftp + "-m 2 -P - ftp://10.9.1.1:2100/large"},
	{"ftp at the router", "client", "for how in '' --disable-epsv '-P -' '-P - --disable-eprt'; do " + ftp + "$how ftp://10.9.1.1/large; " + ftp + "$how ftp://[fd00:1::1]/large; done"},
	{"ftp by the router", "router", ftp + "ftp://10.9.2.2/large"},
	{"another one's data port", "client", "curl -s -m 1 http://10.9.2.2:20000/; echo $?"},
	{"tftp", "client", ftp + "tftp://10.9.2.2/large"},
	{"tftp 6", "client", ftp + "tftp://[fd00:2::2]/large"},
	{"tftp in large blocks", "client", ftp + "--tftp-blksize 8000 tftp://10.9.2.2/large"},
	{"tftp, no such file", "client", ftp + "tftp://10.9.2.2/nosuch"},
	{"tftp by dnat", "client", ftp + "tftp://10.9.1.1:2069/large"},
	{"tftp that is not followed", "client", ftp + "-m 2 tftp://10.9.1.1:1069/large"},
}

// TestTransfers: FTP and TFTP get their data connections through filters and
// translation where a helper is set, and nowhere else, as with the kernel.
func TestTransfers(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"curl", "vsftpd", "dnsmasq"} {
		testenv.Need(t, testenv.Program(p))
	}
	l := newLab(t)
	l.transferServices()
	rules := abs(t, "testdata/transfers.nft")
	l.sh("router", "nft -f "+rules)
	want := l.ask(transferQuestions)
	l.sh("router", "nft flush ruleset; conntrack -F 2>/dev/null; true")
	l.byEveryDriver(t, transferQuestions, want, "--iface", "r1", "--iface", "r2", rules)
}

// transferServices serves a large file, and takes others, by FTP and TFTP.
func (l *lab) transferServices() {
	l.t.Helper()
	root := filepath.Join(l.dir, "files")
	l.must("mkdir", "-p", root+"/in")
	l.must("chmod", "755", filepath.Dir(l.dir), l.dir, root)
	l.must("chmod", "777", root+"/in")
	l.must("truncate", "-s", "3000000", root+"/large")
	// vsftpd binds its data connections to port 20 when it has given up its rights.
	const lowPorts = "sysctl -qw net.ipv4.ip_unprivileged_port_start=0"
	for ns, names := range map[string][]string{"server": {"10.9.2.2", "fd00:2::2"}, "router": {"10.9.1.1", "fd00:1::1"}} {
		config := filepath.Join(l.dir, ns+".vsftpd")
		text := "anonymous_enable=YES\nanon_root=" + root + "\nwrite_enable=YES\nanon_upload_enable=YES\nanon_other_write_enable=YES\n" +
			"background=NO\nlisten=NO\nlisten_ipv6=YES\nconnect_from_port_20=YES\nxferlog_enable=NO\nport_promiscuous=YES\npasv_promiscuous=YES\n" +
			"pasv_min_port=20001\npasv_max_port=30000\nisolate=NO\nisolate_network=NO\nseccomp_sandbox=NO\nsecure_chroot_dir=" + l.dir + "/empty\n"
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			l.t.Fatal(err)
		}
		l.must("mkdir", "-p", l.dir+"/empty")
		l.sh(ns, lowPorts)
		l.serve(ns, "vsftpd", config)
		for _, name := range names {
			l.waitFor(ns, "curl -s -m 2 -l ftp://["+name+"]/ || curl -s -m 2 -l ftp://"+name+"/")
		}
	}
	l.serve("server", "dnsmasq", "--keep-in-foreground", "--port=0", "--conf-file=/dev/null", "--pid-file=", "--user=root",
		"--enable-tftp", "--tftp-root="+root)
	l.waitFor("server", "curl -s -m 2 -o /dev/null tftp://10.9.2.2/large")
}
