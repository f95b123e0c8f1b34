package gen

import (
	"fmt"
	"math/rand/v2"
)

// Frames draws the frames of a scenario of a bridge.
type Frames struct {
	source
	left, first int
	// noARP tells that the host is not to ask for addresses: what makes the kernel
	// do so passes the hooks of IP.
	noARP bool
}

// NewFrames draws n frames. The first make known where the stations are.
func NewFrames(seed uint64, n int, s *Scenario) *Frames {
	f := &Frames{source: source{Rand: rand.New(rand.NewPCG(seed, 3))}, left: n}
	for _, t := range s.Tables {
		f.noARP = f.noARP || t.Family == "ip" || t.Family == "inet"
	}
	return f
}

// Next gives the next step, or false at the end.
func (f *Frames) Next([]string) (string, bool) {
	if f.left--; f.left < 0 {
		return "", false
	}
	if f.first++; f.first <= 3 {
		s := stations[f.first-1]
		return fmt.Sprintf(`%s> ether %s > ff:ff:ff:ff:ff:ff type 0x88b5 data "hello"`, s.port, s.mac), true
	}
	if f.chance(12) {
		return f.own(), true
	}
	return f.arriving(), true
}

// own is a packet of the host's.
func (f *Frames) own() string {
	to := pick(f.source, stations[:3]...)
	if f.chance(20) && !f.noARP {
		return fmt.Sprintf("out> ether %s > ff:ff:ff:ff:ff:ff arp request %s %s > 00:00:00:00:00:00 10.5.0.%d", bridgeAddress.mac, bridgeAddress.mac, bridgeAddress.ip, 20+f.left%200) // a new one each time
	}
	if f.chance(30) {
		return fmt.Sprintf("out> ip6 %s > %s %s", bridgeAddress.ip6, to.ip6, f.transport(true))
	}
	dst := to.ip
	if f.chance(10) {
		dst = "10.5.0.255"
	}
	return fmt.Sprintf("out> ip %s > %s id 77 %s", bridgeAddress.ip, dst, f.transport(false))
}

// arriving is a frame from a station to another, the host or all.
func (f *Frames) arriving() string {
	from, to := pick(f.source, stations...), pick(f.source, stations...)
	if f.chance(30) {
		to = bridgeAddress
	}
	mac := to.mac
	switch f.IntN(12) {
	case 0:
		mac = "ff:ff:ff:ff:ff:ff"
	case 1:
		mac = pick(f.source, "01:00:5e:00:00:01", "33:33:00:00:00:01", "01:80:c2:00:00:00", "01:80:c2:00:00:0e", "01:80:c2:00:00:03")
	case 2:
		mac = pick(f.source, bridgeAddress.mac, "02:00:00:00:00:0a", "02:00:00:00:00:0b")
	}
	head := fmt.Sprintf("%s> ether %s > %s ", from.port, from.mac, mac)
	tag := pick(f.source, "", "", "", "", "", "vlan 5 ", "vlan 5 ", "vlan 24582 ", "qinq 5 ", "vlan 0 ", "vlan 5 vlan 6 ")
	head += tag
	switch f.IntN(10) {
	case 0, 1:
		return head + fmt.Sprintf("arp %s %s %s > %s %s", pick(f.source, "request", "reply"), from.mac, from.ip, pick(f.source, "00:00:00:00:00:00", to.mac), to.ip)
	case 2:
		return head + pick(f.source, `type 0x88b5 data "x"`, "type 0x0026 data 0x424203000000000000", "type 0x0800 data 0x4500", "type 0x0806 data 0x00010800060400")
	case 3, 4:
		return head + fmt.Sprintf("ip6 %s > %s %s%s", from.ip6, to.ip6, pick(f.source, "", "", "hl 1 "), f.transport(true))
	}
	dst := to.ip
	if f.chance(8) {
		dst = pick(f.source, "10.5.0.255", "224.0.0.1", "255.255.255.255")
	}
	return head + fmt.Sprintf("ip %s > %s %s%s", from.ip, dst, pick(f.source, "", "", "", "ttl 1 ", "tos 0x20 ", "df ", pieceOf(tag)+"cut 0+8 ", pieceOf(tag)+"cut 8+16 "), f.transport(false))
}

// pieceOf gives the id of a datagram that is sent in pieces, one for each tag: pieces
// that are put together though their tags differ keep those of their own.
func pieceOf(tag string) string { return fmt.Sprintf("id %d ", 9+len(tag)) }

func (f *Frames) transport(six bool) string {
	icmp := "icmp"
	if six {
		icmp = "icmp6"
	}
	a, b := f.port(), f.port()
	switch f.IntN(6) {
	case 0, 1:
		return fmt.Sprintf("tcp %d > %d [%s] seq 1000%s", a, b, pick(f.source, "S", "S", "SA", "A", "R", "FA"), pick(f.source, "", "", " data \"hello\""))
	case 2:
		return fmt.Sprintf("%s %s id %d seq 1", icmp, pick(f.source, "echo-request", "echo-reply"), a)
	}
	return fmt.Sprintf("udp %d > %d%s", a, b, pick(f.source, "", "", " sum bad", " data x*30", " data x*1000"))
}
