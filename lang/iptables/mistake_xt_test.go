package iptables

import (
	"testing"

	"nfvm/nf"
)

// Extensions that no expression stands for: what they refuse, and where.
func TestExtensionMistakes(t *testing.T) {
	for _, c := range []struct {
		family            nf.Family
		table, line, want string
	}{
		{nf.FamilyIPv6, "filter", "-A INPUT -m ah ! --ahspi 1: ! --ahlen 16 --ahres", ""},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ah --ahlen 4294967296", "4294967296: 4294967296 is out of range: 0 to 4294967295"},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ah ! --ahres", "! --ahres: --ahres can't be negated"},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ipv6header --header hop-by-hop,HOPOPT,,60,none,255 --soft", ""},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ipv6header --header hop,6", "6: unknown header 6: hop, dst, route, frag, auth, esp, none or prot is expected"},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ipv6header --header rout", "rout: unknown header rout: hop, dst, route, frag, auth, esp, none or prot is expected"},
		{nf.FamilyIPv6, "filter", "-A INPUT -m ipv6header --soft", "ipv6header: ipv6header needs the option --header"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types ANY init:-,data:uUi,i_data", ""},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp --chunk-types only none", ""},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types some data", "some: chunks are compared by any, all or only, not some"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types any dat", "dat: unknown type of SCTP chunk: dat; did you mean DATA?"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types any data:ux", "x: x is no flag of this chunk: it has I, U, B, E"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types any init:t", "t: t is no flag of this chunk: it has none"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types any abort:T,data:U,shutdown_complete:t,init:-,sack:-", "-: flags of no more than 4 types of chunks can be compared"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p sctp -m sctp --chunk-types any", "--chunk-types: option --chunk-types needs 2 arguments"},
		{nf.FamilyIPv4, "filter", `-A INPUT -m bpf --bytecode "1, 6 0 0 -1 ,"`, ""},
		{nf.FamilyIPv4, "filter", `-A INPUT -m bpf --bytecode "1"`, `--bytecode "1": the program says that it has 1 instructions, but has 0`},
		{nf.FamilyIPv4, "filter", `-A INPUT -m bpf --bytecode 6`, `--bytecode 6: the program says that it has 6 instructions, but has 0`},
		{nf.FamilyIPv4, "filter", `-A INPUT -m bpf --bytecode 65,6`, `65: a program starts with how many instructions it has, 1 to 64, and a comma`},
		{nf.FamilyIPv4, "filter", `-A INPUT -m bpf`, `bpf: bpf needs --bytecode`},
		{nf.FamilyIPv6, "mangle", "-A PREROUTING -j DNPT --src-pfx fd00::/48 --dst-pfx fd01::/ffff::", ""},
		{nf.FamilyIPv6, "mangle", "-A PREROUTING -j DNPT --src-pfx fd00::/65 --dst-pfx fd01::/48", "fd00::/65: a prefix of at most 64 bits is expected, as fd00::/48"},
		{nf.FamilyIPv6, "mangle", "-A PREROUTING -j DNPT --src-pfx fd00::/48 --dst-pfx fd01:0:0:1::/48", "fd01:0:0:1::/48: fd01:0:0:1::/48 has bits behind its prefix of 48"},
		{nf.FamilyIPv6, "mangle", "-A PREROUTING -j DNPT --src-pfx fd00::/48", "DNPT: DNPT needs the option --dst-pfx"},
		{nf.FamilyIPv6, "mangle", "-A PREROUTING -j SNPT --src-pfx fd00::/48 --dst-pfx fd01::/48", "SNPT: SNPT can't be used in PREROUTING, only in INPUT and POSTROUTING"},
		{nf.FamilyIPv6, "filter", "-A INPUT -j SNPT --src-pfx fd00::/48 --dst-pfx fd01::/48", "SNPT: SNPT can only be used in table mangle"},
		{nf.FamilyIPv4, "mangle", "-A INPUT -j HMARK --hmark-src-prefix 24 --hmark-tuple SRC,ct --hmark-mod 1 --hmark-rnd 0", ""},
		{nf.FamilyIPv4, "mangle", "-A INPUT -j HMARK --hmark-tuple src,dst --hmark-src-prefix 24 --hmark-mod 1 --hmark-rnd 0", "--hmark-src-prefix 24: --hmark-src-prefix says again what --hmark-tuple has said"},
		{nf.FamilyIPv4, "mangle", "-A INPUT -j HMARK --hmark-tuple src --hmark-rnd 0", "HMARK: HMARK needs --hmark-mod"},
		{nf.FamilyIPv4, "mangle", "-A INPUT -j HMARK --hmark-mod 0 --hmark-tuple src --hmark-rnd 0", "0: 0 is out of range: 1 to 4294967295"},
		{nf.FamilyIPv4, "mangle", "-A INPUT -j HMARK --hmark-mod 2 --hmark-rnd 0", "HMARK: HMARK needs --hmark-tuple, or another option that says what the hash is of"},
		{nf.FamilyIPv4, "mangle", "-A INPUT -j HMARK --hmark-mod 2 --hmark-tuple spi,sport --hmark-rnd 0", "HMARK: HMARK takes ports or the index of IPsec (spi), which lie in the same place, but not both"},
		{nf.FamilyIPv4, "mangle", "-A INPUT -j HMARK --hmark-mod 2 --hmark-tuple src,prot --hmark-rnd 0", `prot: unknown part "prot": a list of src, dst, sport, dport, spi, proto and ct is expected`},
		{nf.FamilyIPv4, "mangle", "-A INPUT -j HMARK --hmark-mod 2 --hmark-dport 65536 --hmark-rnd 0", "65536: 65536 is out of range: 0 to 65535"},
		{nf.FamilyBridge, "filter", "-A FORWARD --stp-type TCN --stp-flags ! 0x81 --stp-port :7 --stp-root-addr BGA", ""},
		{nf.FamilyBridge, "filter", "-A FORWARD --stp-port 0x10", `0x10: a decimal number up to 65535 is expected, not "0x10"`},
		{nf.FamilyBridge, "filter", "-A FORWARD --stp-port 7:5", "7:5: the range 7:5 runs backwards"},
		{nf.FamilyBridge, "filter", "-A FORWARD --stp-type 256", "256: 256 is out of range: 0 to 255"},
		{nf.FamilyBridge, "filter", "-A FORWARD --stp-sender-addr 1:2", `1:2: "1:2" is no MAC address`},
		{nf.FamilyBridge, "filter", "-A FORWARD --802_3-type 0x800", "--802_3-type 0x800: option --802_3-type needs -p LENGTH"},
		{nf.FamilyBridge, "filter", "-A FORWARD -p LENGTH --802_3-type IPv4", "IPv4: a number in hexadecimal up to ffff is expected, not IPv4"},
		{nf.FamilyBridge, "filter", "-A FORWARD -p LENGTH --802_3-sap 142", "142: a number in hexadecimal up to ff is expected, not 142"},
		{nf.FamilyBridge, "filter", "-A FORWARD --string x", "--string: string needs --string-algo"},
		{nf.FamilyBridge, "filter", "-A FORWARD --string-algo bm", "--string-algo: string needs --string or --string-hex"},
		{nf.FamilyBridge, "nat", "-A PREROUTING -j arpreply", "arpreply: arpreply needs -p ARP"},
		{nf.FamilyBridge, "nat", "-A POSTROUTING -p ARP -j arpreply", "arpreply: arpreply can't be used in POSTROUTING, only in PREROUTING"},
		{nf.FamilyBridge, "filter", "-A FORWARD -p ARP -j arpreply", "arpreply: arpreply can only be used in table nat"},
		{nf.FamilyBridge, "nat", "-A PREROUTING -p ARP -j arpreply --arpreply-target drop", "drop: the target is ACCEPT, DROP, CONTINUE or RETURN"},
		{nf.FamilyBridge, "nat", "-A PREROUTING -p ARP -j arpreply --arpreply-mac 1", `1: "1" is no MAC address`},
		{nf.FamilyBridge, "nat", "-A POSTROUTING -j snat --to-source 1:2 --snat-arp", `1:2: "1:2" is no MAC address`},
		{nf.FamilyIPv4, "mangle", "-A PREROUTING -j ECN --ecn-ip-ect 3", ""},
		{nf.FamilyIPv4, "mangle", "-A PREROUTING -j ECN --ecn-tcp-cwr 1", "ECN: ECN needs -p tcp"},
		{nf.FamilyIPv4, "mangle", "-A PREROUTING -p tcp -j ECN --ecn-tcp-remove --ecn-tcp-ece 1", "--ecn-tcp-ece 1: option --ecn-tcp-ece cannot be used together with --ecn-tcp-remove"},
		{nf.FamilyIPv4, "mangle", "-A PREROUTING -p tcp -j ECN --ecn-tcp-ece 2", "2: 2 is out of range: 0 to 1"},
		{nf.FamilyIPv4, "mangle", "-A PREROUTING -j TTL --ttl-dec 1 --ttl-inc 1", "--ttl-inc 1: option --ttl-inc cannot be used together with --ttl-dec"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p tcp --syn --tcp-flags ALL SYN", "--tcp-flags ALL SYN: option --tcp-flags cannot be used together with --syn"},
		{nf.FamilyIPv4, "filter", "-A INPUT -m dscp --dscp 1 --dscp-class EF", "--dscp-class EF: option --dscp-class cannot be used together with --dscp"},
		{nf.FamilyIPv4, "mangle", "-A INPUT -j CONNMARK --save-mark --mask 1 --nfmask 2", "--nfmask 2: option --nfmask cannot be used together with --mask"},
		{nf.FamilyIPv4, "nat", "-A PREROUTING -p tcp -j REDIRECT --to-ports 5-", "5-: both ends of a range of ports are expected: PORT-PORT"},
		{nf.FamilyIPv4, "filter", "-A INPUT -p ipcomp -m ipcomp ! --ipcompspi 5: --compres", ""},
		{nf.FamilyIPv4, "filter", "-A INPUT -m ipcomp", "ipcomp: ipcomp needs -p ipcomp"},
	} {
		got := messages(c.table, c.line, c.family)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0] != c.want) {
			t.Errorf("%s\ngot  %q\nwant %q", c.line, got, c.want)
		}
	}
}
