package vm

import "nfvm/packet"

// IPv4 option types (RFC 791, RFC 2113).
const (
	optEnd         = 0
	optNop         = 1
	optRR          = 7
	optTimestamp   = 68
	optLSRR        = 131
	optSSRR        = 137
	optRouterAlert = 148
)

// findOption4 gives the packet from an IPv4 option on: source routes, record
// route and router alert are known. All options must be well formed, as
// __ip_options_compile checks them, else none is found.
func findOption4(b []byte, typ uint8) ([]byte, bool) {
	if len(b) < packet.IPv4Size || int(b[0]&15)*4 > len(b) {
		return nil, false
	}
	end := int(b[0]&15) * 4
	var seen options4
	for i := packet.IPv4Size; i < end; {
		switch b[i] {
		case optEnd:
			return b[seen.at(typ):], seen.at(typ) > 0
		case optNop:
			i++
			continue
		}
		if i+1 >= end || b[i+1] < 2 || i+int(b[i+1]) > end {
			return nil, false
		}
		opt := b[i : i+int(b[i+1])]
		if !seen.add(opt, i) {
			return nil, false
		}
		i += len(opt)
	}
	return b[seen.at(typ):], seen.at(typ) > 0
}

// options4 are the offsets of the options met so far, 0 for none.
type options4 struct {
	sourceRoute, recordRoute, timestamp, alert int
	strict                                     bool
}

func (o *options4) at(typ uint8) int {
	switch {
	case typ == optRR:
		return o.recordRoute
	case typ == optRouterAlert:
		return o.alert
	case typ == optSSRR && o.strict, typ == optLSRR && !o.strict:
		return o.sourceRoute
	}
	return 0
}

// add checks an option and notes its place; false if it is malformed or
// repeated.
func (o *options4) add(opt []byte, at int) bool {
	n := len(opt)
	switch opt[0] {
	case optSSRR, optLSRR:
		if o.sourceRoute != 0 || n < 7 || opt[2] != 4 || (n-3)%4 != 0 {
			return false
		}
		o.sourceRoute, o.strict = at, opt[0] == optSSRR
	case optRR:
		if o.recordRoute != 0 || n < 3 || opt[2] < 4 || int(opt[2]) <= n && int(opt[2])+3 > n {
			return false
		}
		o.recordRoute = at
	case optTimestamp:
		if o.timestamp != 0 || !timestampOK(opt) {
			return false
		}
		o.timestamp = at
	case optRouterAlert:
		if n < 4 {
			return false
		}
		if opt[2] == 0 && opt[3] == 0 {
			o.alert = at
		}
	}
	return true
}

func timestampOK(opt []byte) bool {
	const tsOnly, overflow = 0, 15
	n := len(opt)
	if n < 4 || opt[2] < 5 {
		return false
	}
	at := int(opt[2])
	if at > n {
		return opt[3]>>4 != overflow
	}
	if opt[3]&15 == tsOnly {
		return at+3 <= n
	}
	return at+7 <= n
}
