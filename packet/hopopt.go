package packet

// IPv6 hop-by-hop option types (RFC 8200, RFC 2711, RFC 2675).
const (
	optPad1        = 0
	optPadN        = 1
	optRouterAlert = 5
	optIOAM        = 49
	optJumbo       = 194
)

// maxHopOptions is how many options but padding a header may hold
// (net.ipv6.max_hbh_opts_number).
const maxHopOptions = 8

// A Problem says what is wrong with an IPv6 header whose sender is to be told: the
// code and the pointer of a parameter problem (RFC 4443 section 3.4).
type Problem struct {
	Code    uint8
	Pointer uint32 // from the start of the IPv6 header
}

// codeUnknownOption is the code for an option that nobody knows; that for a value
// that is wrong is 0.
const codeUnknownOption = 2

// unknownOption reports whether the sender asks for an error about an option even
// where the packet was sent to many (opt_unrec).
func (p *Packet) unknownOption() bool {
	b, at := p.IP(), int(p.Problem.Pointer)
	return p.Problem.Code == codeUnknownOption && at < len(b) && b[at]>>6 == 2
}

// checkHopOptions validates the hop-by-hop options that follow the IPv6 header, as
// ipv6_parse_hopopts does on receive.
func (p *Packet) checkHopOptions() Reason {
	b := p.IP()
	const at = IPv6Size
	if len(b) < at+8 {
		return BadHopOption
	}
	end := at + (int(b[at+1])+1)*8
	if len(b) < end {
		return BadHopOption
	}
	return p.checkTLVs(b, at+2, end)
}

// checkTLVs walks the options in b[i:end]. Up to seven bytes of padding may
// stand together; an unknown option's two high bits say what becomes of the
// packet.
func (p *Packet) checkTLVs(b []byte, i, end int) Reason {
	pad, options := 0, 0
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
			if options++; options > maxHopOptions {
				return BadHopOption
			}
			if r := p.checkHopOption(b, b[i], body, i); r != OK {
				return r
			}
		}
		i += 2 + len(body)
	}
	return OK
}

func (p *Packet) checkHopOption(b []byte, typ uint8, body []byte, at int) Reason {
	switch typ {
	case optRouterAlert:
		if len(body) != 2 {
			return BadHopOption
		}
		return OK
	case optJumbo:
		return p.checkJumbo(b, body, at)
	case optIOAM:
		return OK
	}
	switch typ >> 6 {
	case 0:
		return OK
	case 1:
		return BadHopOption
	}
	p.Problem = Problem{codeUnknownOption, uint32(at)}
	return ParameterProblem
}

// checkJumbo accepts only what no classic packet can be: a jumbo payload
// longer than 65535 bytes, aligned to 4n+2, with a zero payload length.
func (p *Packet) checkJumbo(b, body []byte, at int) Reason {
	if len(body) != 4 || at&3 != 2 {
		return BadHopOption
	}
	n := int(body[0])<<24 | int(body[1])<<16 | int(body[2])<<8 | int(body[3])
	switch {
	case n <= 0xffff:
		p.Problem.Pointer = uint32(at) + 2
		return ParameterProblem
	case b[4] != 0 || b[5] != 0:
		p.Problem.Pointer = uint32(at)
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
