// Package notation writes packets as a line of text and reads them back.
//
// A conformance case has to be readable by a person who wonders what a rule
// did to a packet, and exact to the byte for the program that compares. So
// every frame has one text, every field whose value is not the usual one is in
// it, and reading the text gives the same bytes again; a frame for which that
// does not hold (a damaged header, say) is written as hex.
//
//	ip 10.0.1.2 > 10.0.2.2 tcp 1111 > 80 [S] seq 1000 opts mss=1460,sackok,ws=7
//	ip 10.0.1.2 > 10.0.2.2 ttl 63 id 7 df udp 5000 > 53 data "hello" x*100 0x00ff
//	ip 10.0.2.1 > 10.0.1.2 tos 0xc0 icmp destination-unreachable/3 { ip 10.0.1.2 > … }
//	ip6 fd01::2 > fd02::2 hl 63 icmp6 echo-request id 7 seq 1
//	ip6 fd01::2 > fd02::2 frag id 9 off 0 mf udp 1 > 2 len 2008 sum 0x1234 data x*1448
//	ip 10.0.1.2 > 10.0.2.2 proto 47 data 0x00000800
//	ether 02:00:00:00:00:02 > 02:00:00:00:00:01 vlan 5 ip 10.0.1.2 > …
//	ether 02:00:00:00:00:02 > ff:ff:ff:ff:ff:ff arp request 02:00:00:00:00:02 10.0.1.2 > 00:00:00:00:00:00 10.0.1.1
//	hex 0x45000014…
//
// What is left out has its usual value: ttl and hop limit 64, id 1, tos 0, tcp
// window 8192, no options, no payload; lengths and checksums are computed.
// `sum +0x12` is a checksum that is off by that much in one's complement, `sum
// bad` one that is off by 0x1111; `sum 0x1234` and `len 40` set a field as given.
//
// Input may say `cut 0+1480`: the packet is built whole and the bytes
// 0..1479 of its payload are taken as a fragment (offset and more-fragments
// follow from it). Data is a sequence of quoted strings, hex and repeats.
package notation
