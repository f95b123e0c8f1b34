package packet

import "encoding/binary"

// EchoOptions gives the IPv4 options of an ICMP error about p, as many bytes as
// the header holds (__ip_options_echo, ip_options_build): the recorded route and
// the timestamps go on in the answer, with h as the host that makes it; a router
// alert does not. o is what ReadOptions has read; ok is false if they can't be
// answered, and so there is no error.
func EchoOptions(buf []byte, p *Packet, o *IPOptions, h *OptionHost) (opts []byte, ok bool) {
	b := p.IP()
	buf = buf[:0]
	if o.RecordRoute != 0 {
		at := len(buf)
		buf = append(buf, optionAt(b, o.RecordRoute)...)
		if opt := buf[at:]; o.routeAddr && int(opt[2]) <= len(opt) && !put(opt, h.Addr[:4]) {
			return nil, false
		}
	}
	if o.Timestamp != 0 {
		at := len(buf)
		buf = append(buf, optionAt(b, o.Timestamp)...)
		if opt := buf[at:]; int(opt[2]) <= len(opt) && !o.echoStamp(opt, h) {
			return nil, false
		}
	}
	for len(buf)&3 != 0 {
		buf = append(buf, IPOptEnd)
	}
	return buf, true
}

// echoStamp writes into the timestamp option of an answer what the host wrote
// into that of the packet.
func (o *IPOptions) echoStamp(opt []byte, h *OptionHost) bool {
	if o.stampAddr && !put(opt, h.Addr[:4]) {
		return false
	}
	if !o.stampTime {
		return true
	}
	if int(opt[2])+3 > len(opt) {
		return false
	}
	if opt[3]&15 == timestampPrespec {
		at := int(opt[2]) - 1
		if at+8 > len(opt) || !h.IsLocal(addrOf(opt[at:at+4])) {
			return true
		}
		opt[2] += 4
	}
	var clock [4]byte
	binary.BigEndian.PutUint32(clock[:], h.Clock)
	return put(opt, clock[:])
}

// put writes at the pointer of an option and moves it, if there is room.
func put(opt, v []byte) bool {
	at := int(opt[2]) - 1
	if at < 3 || at+len(v) > len(opt) {
		return false
	}
	copy(opt[at:], v)
	opt[2] += byte(len(v))
	return true
}

// optionAt gives the option at an offset of an IPv4 header, as ReadOptions has
// found it to be whole.
func optionAt(b []byte, at int) []byte { return b[at : at+int(b[at+1])] }
