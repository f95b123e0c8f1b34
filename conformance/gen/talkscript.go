package gen

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// A script is what both sides of a protocol say.
type script struct {
	helper string // name in nft and in the kernel
	port   int
	udp    bool
	six    bool // speaks IPv6 as well
	// line draws what a side says.
	line func(t *Talks, s *side, client bool) string
	// announced are the connections that a side may begin after it has heard data.
	announced func(data string, s *side) []target
}

// A target is an end that was announced, and where to connect from, if that was
// announced as well.
type target struct{ proto, addr, port, from string }

var scripts = []script{
	{helper: "ftp", port: 21, six: true, line: ftpLine, announced: ftpTargets},
	{helper: "ftp", port: 21, six: true, line: ftpLine, announced: ftpTargets},
	{helper: "irc", port: 6667, line: ircLine, announced: ircTargets},
	{helper: "tftp", port: 69, udp: true, six: true, line: tftpLine, announced: tftpTargets},
	{helper: "amanda", port: 10080, udp: true, six: true, line: amandaLine, announced: amandaTargets},
	{helper: "sane", port: 6566, six: true, line: saneLine, announced: saneTargets},
	{helper: "sip", port: 5060, udp: true, line: sipLine, announced: sipTargets},
}

func commas(addr string, port int) string {
	return fmt.Sprintf("%s,%d,%d", strings.ReplaceAll(addr, ".", ","), port>>8, port&255)
}

func ftpLine(t *Talks, s *side, client bool) string {
	port, family := t.fresh(), 1
	if t.six {
		family = 2
	}
	own := s.own
	if t.chance(8) {
		own = t.addr(t.six)
	}
	if client {
		return pick(t.source, "USER x\r\n", "NOOP\r\n", "PASV\r\n", "PORT "+commas(own, port)+"\r\n", "PORT "+commas(own, port)+"\r\n", "port "+commas(own, port)+"\r\n",
			fmt.Sprintf("EPRT |%d|%s|%d|\r\n", family, own, port), fmt.Sprintf("EPRT |%d|%s|%d|\r\n", family, own, port), "LIST", "PORT 10,0\r\n", "P", "NOOP\r\nPORT "+commas(own, port)+"\r\n")
	}
	return pick(t.source, "220 hello\r\n", "200 ok\r\n", "227 Entering Passive Mode ("+commas(own, port)+").\r\n", "227 at "+commas(own, port)+"\r\n",
		fmt.Sprintf("229 Extended (|||%d|)\r\n", port), fmt.Sprintf("229 Extended (|||%d|)\r\n", port), "22", "229 none\r\n")
}

var (
	sixNumbers = regexp.MustCompile(`(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)`)
	extended   = regexp.MustCompile(`\|(\d?)\|([0-9a-f.:]*)\|(\d+)\|`)
)

func ftpTargets(data string, s *side) (out []target) {
	if m := sixNumbers.FindStringSubmatch(data); m != nil {
		high, _ := strconv.Atoi(m[5])
		low, _ := strconv.Atoi(m[6])
		out = append(out, target{proto: "tcp", addr: strings.Join(m[1:5], "."), port: fmt.Sprint((high<<8 | low) & 0xffff)})
	}
	if m := extended.FindStringSubmatch(data); m != nil {
		addr := m[2]
		if addr == "" {
			addr = s.peer
		}
		out = append(out, target{proto: "tcp", addr: addr, port: m[3]})
	}
	return out
}

func ircLine(t *Talks, s *side, client bool) string {
	addr, err := netip.ParseAddr(s.own)
	if !client || err != nil || !addr.Is4() {
		return pick(t.source, ":srv 001 x\r\n", "PING :1\r\n")
	}
	a := addr.As4()
	n := binary.BigEndian.Uint32(a[:])
	if t.chance(8) {
		n++
	}
	dcc := func(word string) string {
		return fmt.Sprintf("PRIVMSG x :\x01DCC %s f %d %d 5\x01\r\n", word, n, t.fresh())
	}
	return pick(t.source, "NICK x\r\n", dcc("SEND"), dcc("CHAT"), dcc("SEND"), strings.ToLower(dcc("MOVE")), "NOTICE x :hello\r\n", dcc("SEND")+dcc("SEND"))
}

var dccEnd = regexp.MustCompile(`DCC \w+ \w+ (\d+) (\d+)`)

func ircTargets(data string, _ *side) (out []target) {
	for _, m := range dccEnd.FindAllStringSubmatch(data, -1) {
		n, _ := strconv.ParseUint(m[1], 10, 32)
		addr := netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(n))))
		out = append(out, target{proto: "tcp", addr: addr.String(), port: m[2]})
	}
	return out
}

func tftpLine(t *Talks, _ *side, client bool) string {
	if !client {
		return pick(t.source, "\x00\x03\x00\x01x", "\x00\x01f\x00octet\x00")
	}
	return pick(t.source, "\x00\x01f\x00octet\x00", "\x00\x01f\x00octet\x00", "\x00\x02f\x00octet\x00", "\x00\x04\x00\x01", "\x00")
}

func tftpTargets(data string, s *side) []target {
	if len(data) < 2 || data[0] != 0 || data[1] != 1 && data[1] != 2 {
		return nil
	}
	return []target{{proto: "udp", addr: s.peer, port: s.peerPort}}
}

func amandaLine(t *Talks, _ *side, client bool) string {
	if client {
		return "Amanda 2.4 REQ\n"
	}
	return pick(t.source, fmt.Sprintf("Amanda 2.4 REP\nCONNECT DATA %d MESG %d INDEX %d\n", t.fresh(), t.fresh(), t.fresh()),
		fmt.Sprintf("CONNECT STATE %d\n", t.fresh()), "CONNECT DATA 0 MESG 7\n", "Amanda 2.4 ACK\n", fmt.Sprintf("CONNECT MESG %d", t.fresh()))
}

var amandaPort = regexp.MustCompile(`(DATA|MESG|INDEX|STATE) (\d{4})`)

func amandaTargets(data string, s *side) (out []target) {
	for _, m := range amandaPort.FindAllStringSubmatch(data, -1) {
		out = append(out, target{proto: "tcp", addr: s.peer, port: m[2]})
	}
	return out
}

func saneLine(t *Talks, _ *side, client bool) string {
	if client {
		return pick(t.source, "\x00\x00\x00\x07\x00\x00\x00\x00", "\x00\x00\x00\x07\x00\x00\x00\x00", "\x00\x00\x00\x02\x00\x00\x00\x00", "x")
	}
	port := t.fresh()
	return pick(t.source, "\x00\x00\x00\x00\x00\x00", "\x00\x00\x00\x01\x00\x00", "\x00\x00\x00\x00\x00\x00") + string([]byte{byte(port >> 8), byte(port)})
}

func saneTargets(data string, s *side) []target {
	if len(data) != 8 || data[3] == 7 {
		return nil
	}
	return []target{{proto: "tcp", addr: s.peer, port: fmt.Sprint(int(data[6])<<8 | int(data[7]))}}
}
