package vm

import (
	"encoding/binary"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// transport writes a transport header; of a later fragment only its name.
func (d *dump) transport(b []byte, proto uint8, fragment, outer bool, f nf.Family) {
	switch proto {
	case nf.ProtoTCP:
		d.b.WriteString("PROTO=TCP ")
		if !fragment {
			d.tcp(b)
		}
	case nf.ProtoUDP, nf.ProtoUDPLite:
		d.b.WriteString(map[uint8]string{nf.ProtoUDP: "PROTO=UDP ", nf.ProtoUDPLite: "PROTO=UDPLITE "}[proto])
		if !fragment {
			d.udp(b)
		}
	case nf.ProtoICMP:
		if f == nf.FamilyIPv4 {
			d.b.WriteString("PROTO=ICMP ")
			if !fragment {
				d.icmp(b, outer)
			}
			return
		}
		d.add("PROTO=%d ", proto)
	case nf.ProtoICMPv6:
		if f == nf.FamilyIPv6 {
			d.b.WriteString("PROTO=ICMPv6 ")
			if !fragment {
				d.icmp6(b, outer)
			}
			return
		}
		d.add("PROTO=%d ", proto)
	case nf.ProtoAH, nf.ProtoESP:
		d.b.WriteString(map[uint8]string{nf.ProtoAH: "PROTO=AH ", nf.ProtoESP: "PROTO=ESP "}[proto])
		if !fragment {
			d.spi(b, proto)
		}
	default:
		d.add("PROTO=%d ", proto)
	}
}

func (d *dump) tcp(b []byte) {
	if len(b) < packet.TCPSize {
		d.incomplete(len(b))
		return
	}
	be := binary.BigEndian
	d.add("SPT=%d DPT=%d ", be.Uint16(b), be.Uint16(b[2:]))
	if d.flags&bytecode.LogTCPSeq != 0 {
		d.add("SEQ=%d ACK=%d ", be.Uint32(b[4:]), be.Uint32(b[8:]))
	}
	d.add("WINDOW=%d RES=0x%02x ", be.Uint16(b[14:]), b[12]<<2&0x3c|b[13]>>6)
	for _, f := range []struct {
		bit  byte
		name string
	}{{nf.TCPCwr, "CWR "}, {nf.TCPEce, "ECE "}, {nf.TCPUrg, "URG "}, {nf.TCPAck, "ACK "},
		{nf.TCPPsh, "PSH "}, {nf.TCPRst, "RST "}, {nf.TCPSyn, "SYN "}, {nf.TCPFin, "FIN "}} {
		d.when(b[13]&f.bit != 0, f.name)
	}
	d.add("URGP=%d ", be.Uint16(b[18:]))
	if n := int(b[12]>>4) * 4; d.flags&bytecode.LogTCPOpt != 0 && n > packet.TCPSize && n <= len(b) {
		d.options(b[packet.TCPSize:n])
	}
}

func (d *dump) udp(b []byte) {
	if len(b) < packet.UDPSize {
		d.incomplete(len(b))
		return
	}
	be := binary.BigEndian
	d.add("SPT=%d DPT=%d LEN=%d ", be.Uint16(b), be.Uint16(b[2:]), be.Uint16(b[4:]))
}

// spi writes the security parameter index of AH or ESP.
func (d *dump) spi(b []byte, proto uint8) {
	at, need := 0, 8
	if proto == nf.ProtoAH {
		at, need = 4, 12
	}
	if len(b) < need {
		d.incomplete(len(b))
		return
	}
	d.add("SPI=0x%x ", binary.BigEndian.Uint32(b[at:]))
}

// Sizes that an ICMP message must have by its type, beyond the four bytes that
// all have (nf_log_syslog's required_len).
var icmpSizes = map[byte]int{0: 4, 3: 24, 4: 24, 5: 24, 8: 4, 11: 24, 12: 24, 13: 16, 14: 16, 17: 8, 18: 8}

func (d *dump) icmp(b []byte, outer bool) {
	if len(b) < 4 {
		d.incomplete(len(b))
		return
	}
	d.add("TYPE=%d CODE=%d ", b[0], b[1])
	if n, known := icmpSizes[b[0]]; known && len(b) < n+4 {
		d.incomplete(len(b))
		return
	}
	be := binary.BigEndian
	switch b[0] {
	case 0, 8:
		d.add("ID=%d SEQ=%d ", be.Uint16(b[4:]), be.Uint16(b[6:]))
		return
	case 12:
		d.add("PARAMETER=%d ", b[4])
	case 5:
		d.add("GATEWAY=%s ", address(b[4:8]))
	}
	if b[0] == 3 || b[0] == 4 || b[0] == 5 || b[0] == 11 || b[0] == 12 {
		if outer {
			d.b.WriteString("[")
			d.ipv4(b[8:], false)
			d.b.WriteString("] ")
		}
		if b[0] == 3 && b[1] == 4 {
			d.add("MTU=%d ", be.Uint16(b[6:]))
		}
	}
}

func (d *dump) icmp6(b []byte, outer bool) {
	const packetTooBig, parameterProblem = 2, 4
	if len(b) < 4 {
		d.incomplete(len(b))
		return
	}
	d.add("TYPE=%d CODE=%d ", b[0], b[1])
	if len(b) < 8 {
		return
	}
	be := binary.BigEndian
	switch t := b[0]; {
	case t == 128 || t == 129:
		d.add("ID=%d SEQ=%d ", be.Uint16(b[4:]), be.Uint16(b[6:]))
	case t == parameterProblem:
		d.add("POINTER=%08x ", be.Uint32(b[4:]))
		fallthrough
	case t >= 1 && t < parameterProblem:
		if outer {
			d.b.WriteString("[")
			d.ipv6(b[8:], false)
			d.b.WriteString("] ")
		}
		if t == packetTooBig {
			d.add("MTU=%d ", be.Uint32(b[4:]))
		}
	}
}
