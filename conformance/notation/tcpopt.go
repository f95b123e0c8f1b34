package notation

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// tcpOptions reads a list such as mss=1460,sackok,ws=7,ts=1:2,nop,eol,
// sack=1-2/3-4,254=abcd, or 0xHEX; zeros fill the last word.
func (s *scanner) tcpOptions() []byte {
	if strings.HasPrefix(s.peek(), "0x") {
		return s.fill(s.hex())
	}
	var b []byte
	for _, item := range strings.Split(s.next(), ",") {
		opt, err := tcpOption(item)
		if err != nil {
			s.fail("%v", err)
			return nil
		}
		b = append(b, opt...)
	}
	return s.fill(b)
}

func (s *scanner) fill(b []byte) []byte {
	if len(b) > 40 {
		s.fail("more than 40 bytes of tcp options")
		return nil
	}
	return append(b, make([]byte, -len(b)&3)...)
}

func tcpOption(item string) ([]byte, error) {
	name, value, _ := strings.Cut(item, "=")
	var a, b uint32
	switch name {
	case "eol":
		return []byte{0}, nil
	case "nop":
		return []byte{1}, nil
	case "sackok":
		return []byte{4, 2}, nil
	case "mss":
		_, err := fmt.Sscanf(value, "%d", &a)
		return be.AppendUint16([]byte{2, 4}, uint16(a)), err
	case "ws":
		_, err := fmt.Sscanf(value, "%d", &a)
		return []byte{3, 3, byte(a)}, err
	case "ts":
		_, err := fmt.Sscanf(value, "%d:%d", &a, &b)
		return be.AppendUint32(be.AppendUint32([]byte{8, 10}, a), b), err
	case "sack":
		blocks := strings.Split(value, "/")
		opt := []byte{5, byte(2 + 8*len(blocks))}
		for _, block := range blocks {
			if _, err := fmt.Sscanf(block, "%d-%d", &a, &b); err != nil {
				return nil, fmt.Errorf("%q is not LEFT-RIGHT", block)
			}
			opt = be.AppendUint32(be.AppendUint32(opt, a), b)
		}
		return opt, nil
	}
	body, err := hex.DecodeString(value)
	if _, e := fmt.Sscanf(name, "%d", &a); e != nil || err != nil || a > 255 {
		return nil, fmt.Errorf("unknown tcp option %q", item)
	}
	return append([]byte{byte(a), byte(2 + len(body))}, body...), nil
}

// tcpOptionsText writes options so that tcpOptions gives them back.
func tcpOptionsText(opts []byte) string {
	var items []string
	for b := opts; len(b) > 0; {
		n := 1
		if b[0] > 1 {
			if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
				return fmt.Sprintf("0x%x", opts)
			}
			n = int(b[1])
		}
		items = append(items, tcpOptionText(b[:n]))
		b = b[n:]
	}
	// the zeros that fill the last word need no words
	for len(items) > 1 && items[len(items)-1] == "eol" && len(opts)%4 == 0 {
		items = items[:len(items)-1]
	}
	return strings.Join(items, ",")
}

func tcpOptionText(b []byte) string {
	switch {
	case b[0] == 0:
		return "eol"
	case b[0] == 1:
		return "nop"
	case b[0] == 2 && len(b) == 4:
		return fmt.Sprintf("mss=%d", be.Uint16(b[2:]))
	case b[0] == 3 && len(b) == 3:
		return fmt.Sprintf("ws=%d", b[2])
	case b[0] == 4 && len(b) == 2:
		return "sackok"
	case b[0] == 5 && len(b) > 2 && len(b)%8 == 2:
		var blocks []string
		for x := b[2:]; len(x) > 0; x = x[8:] {
			blocks = append(blocks, fmt.Sprintf("%d-%d", be.Uint32(x), be.Uint32(x[4:])))
		}
		return "sack=" + strings.Join(blocks, "/")
	case b[0] == 8 && len(b) == 10:
		return fmt.Sprintf("ts=%d:%d", be.Uint32(b[2:]), be.Uint32(b[6:]))
	}
	return fmt.Sprintf("%d=%x", b[0], b[2:])
}
