package notation

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Format writes an IP or ARP packet as the text that Parse turns into the same bytes.
func Format(b []byte) string {
	return checked(b, ipText(b))
}

// FormatEther is Format for a frame with an Ethernet header.
func FormatEther(b []byte) string {
	return checked(b, etherText(b))
}

// checked falls back to hex for whatever the words cannot express exactly.
func checked(b []byte, text string) string {
	if text != "" {
		if again, err := Parse(text); err == nil && bytes.Equal(again, b) {
			return text
		}
	}
	return fmt.Sprintf("hex 0x%x", b)
}

func etherText(b []byte) string {
	if len(b) < 14 {
		return ""
	}
	text := fmt.Sprintf("ether %v > %v", net.HardwareAddr(b[6:12]), net.HardwareAddr(b[:6]))
	typ, rest := be.Uint16(b[12:]), b[14:]
	for (typ == etherVLAN || typ == etherQinQ) && len(rest) >= 4 {
		word := "vlan"
		if typ == etherQinQ {
			word = "qinq"
		}
		text += fmt.Sprintf(" %s %d", word, be.Uint16(rest))
		typ, rest = be.Uint16(rest[2:]), rest[4:]
	}
	if typ == etherIPv4 || typ == etherIPv6 || typ == etherARP {
		if inner := Format(rest); !strings.HasPrefix(inner, "hex") {
			return text + " " + inner
		}
	}
	return text + fmt.Sprintf(" type %#04x", typ) + " data " + dataText(rest)
}

func ipText(b []byte) string {
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		return ip4Text(b)
	case len(b) >= 40 && b[0]>>4 == 6:
		return ip6Text(b)
	}
	return arpText(b)
}

// line collects words, leaving out those with the usual value.
type line struct{ strings.Builder }

func (l *line) put(format string, args ...any) { fmt.Fprintf(l, " "+format, args...) }

func (l *line) unless(usual, v uint64, format string) {
	if v != usual {
		l.put(format, v)
	}
}

// sum mentions a checksum that is not the right one: by how much it is off,
// which stays the same when an address or port is rewritten and the checksum
// adjusted, or as it is where that says nothing.
func (l *line) sum(got, right uint64) {
	off := (got + 0xffff - right) % 0xffff
	switch {
	case got == right:
	case got == spoiled(right, spoil):
		l.put("sum bad")
	case got != 0 && got <= 0xffff && right <= 0xffff && spoiled(right, off) == got:
		l.put("sum +%#x", off)
	default:
		l.put("sum %#x", got)
	}
}

func (l *line) tail(data []byte) {
	if len(data) > 0 {
		l.put("data %s", dataText(data))
	}
}

func ip4Text(b []byte) string {
	ihl, total := int(b[0]&15)*4, int(be.Uint16(b[2:]))
	if ihl < 20 || ihl > len(b) {
		return ""
	}
	end := total
	if end < ihl || end > len(b) {
		end = len(b)
	}
	l := &line{}
	fmt.Fprintf(l, "ip %v > %v", netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:])))
	l.unless(64, uint64(b[8]), "ttl %d")
	l.unless(1, uint64(be.Uint16(b[4:])), "id %d")
	l.unless(0, uint64(b[1]), "tos %#02x")
	frag := be.Uint16(b[6:])
	for _, f := range []struct {
		bit  uint16
		word string
	}{{0x8000, "evil"}, {0x4000, "df"}, {0x2000, "mf"}} {
		if frag&f.bit != 0 {
			l.put(f.word)
		}
	}
	l.unless(0, uint64(frag&0x1fff)*8, "off %d")
	if total != end {
		l.put("len %d", total)
	}
	if ihl > 20 {
		l.put("opts 0x%x", b[20:ihl])
	}
	header := append([]byte{}, b[:ihl]...)
	header[10], header[11] = 0, 0
	l.sum(uint64(be.Uint16(b[10:])), uint64(inetSum(header)))
	f := flow{b[12:16], b[16:20], false}
	l.put("%s", f.text(b[9], b[ihl:end], frag&0x1fff != 0))
	if end < len(b) {
		l.put("pad %s", dataText(b[end:]))
	}
	return l.String()
}

func ip6Text(b []byte) string {
	total := 40 + int(be.Uint16(b[4:]))
	end := min(total, len(b))
	l := &line{}
	fmt.Fprintf(l, "ip6 %v > %v", netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:])))
	word := be.Uint32(b)
	l.unless(64, uint64(b[7]), "hl %d")
	l.unless(0, uint64(word>>20&0xff), "tc %#02x")
	l.unless(0, uint64(word&0xfffff), "flow %#x")
	if total != end {
		l.put("len %d", total-40)
	}
	l.chain6(flow{b[8:24], b[24:40], true}, b[6], b[40:end])
	if end < len(b) {
		l.put("pad %s", dataText(b[end:]))
	}
	return l.String()
}

// chain6 writes extension headers and the payload behind them.
func (l *line) chain6(f flow, next uint8, b []byte) {
	for {
		if next == protoFragment && len(b) >= 8 {
			field := be.Uint16(b[2:])
			l.put("frag id %d off %d", be.Uint32(b[4:]), field&^7)
			if field&1 != 0 {
				l.put("mf")
			}
			if next, b = b[0], b[8:]; field&^7 != 0 {
				l.put("%s", f.text(next, b, true))
				return
			}
			continue
		}
		word := ""
		for w, proto := range extensions {
			if proto == next {
				word = w
			}
		}
		if word == "" || len(b) < 8 || len(b) < 8*(1+int(b[1])) {
			l.put("%s", f.text(next, b, false))
			return
		}
		n := 8 * (1 + int(b[1]))
		l.put("%s 0x%x", word, b[2:n])
		next, b = b[0], b[n:]
	}
}
