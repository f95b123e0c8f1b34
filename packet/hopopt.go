package packet

// IPv6 hop-by-hop option types (RFC 8200, RFC 2711, RFC 2675).
const (
	optPad1        = 0
	optPadN        = 1
	optRouterAlert = 5
	optIOAM        = 49
	optJumbo       = 194
)

// checkHopOptions validates the hop-by-hop options that follow the IPv6 header
// of b, as ipv6_parse_hopopts does on receive.
func checkHopOptions(b []byte) Reason {
	const at = IPv6Size
	if len(b) < at+8 {
		return BadHopOption
	}
	end := at + (int(b[at+1])+1)*8
	if len(b) < end {
		return BadHopOption
	}
	return checkTLVs(b, at+2, end)
}

// checkTLVs walks the options in b[i:end]. Up to seven bytes of padding may
// stand together; an unknown option's two high bits say what becomes of the
// packet.
func checkTLVs(b []byte, i, end int) Reason {
	pad := 0
	for i < end {
		if b[i] == optPad1 {
			i++
			if pad++; pad > 7 {
				return BadHopOption
			}
			continue
		}
		if i+2 > end || i+2+int(b[i+1]) > end {
			return BadHopOption
		}
		body := b[i+2 : i+2+int(b[i+1])]
		if b[i] == optPadN {
			if pad += len(body) + 2; pad > 7 || !allZero(body) {
				return BadHopOption
			}
		} else {
			pad = 0
			if r := checkHopOption(b, b[i], body, i); r != OK {
				return r
			}
		}
		i += 2 + len(body)
	}
	return OK
}

func checkHopOption(b []byte, typ uint8, body []byte, at int) Reason {
	switch typ {
	case optRouterAlert:
		if len(body) != 2 {
			return BadHopOption
		}
		return OK
	case optJumbo:
		return checkJumbo(b, body, at)
	case optIOAM:
		return OK
	}
	switch typ >> 6 {
	case 0:
		return OK
	case 1:
		return BadHopOption
	}
	return ParameterProblem
}

// checkJumbo accepts only what no classic packet can be: a jumbo payload
// longer than 65535 bytes, aligned to 4n+2, with a zero payload length.
func checkJumbo(b, body []byte, at int) Reason {
	if len(body) != 4 || at&3 != 2 {
		return BadHopOption
	}
	n := int(body[0])<<24 | int(body[1])<<16 | int(body[2])<<8 | int(body[3])
	if n <= 0xffff || b[4] != 0 || b[5] != 0 {
		return ParameterProblem
	}
	if n > len(b)-IPv6Size {
		return TooShort
	}
	return OK
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
