package vm

import (
	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/nf"
)

// Names of the states in a timeout policy, in the order of their indexes in
// ct.Timeouts.
var (
	tcpStates = map[string]int{
		"syn_sent": ct.TCPSynSent, "syn_recv": ct.TCPSynRecv, "established": ct.TCPEstablished,
		"fin_wait": ct.TCPFinWait, "close_wait": ct.TCPCloseWait, "last_ack": ct.TCPLastAck,
		"time_wait": ct.TCPTimeWait, "close": ct.TCPClose, "syn_sent2": ct.TCPSynSent2,
		"retrans": ct.TimeoutTCPRetrans, "unack": ct.TimeoutTCPUnack,
	}
	udpStates = map[string]int{"unreplied": ct.TimeoutUnreplied, "replied": ct.TimeoutReplied}
)

// newPolicy makes a ct timeout object known to the connection table; 0 if it
// can't be.
func newPolicy(t *ct.Table, o *bytecode.CTTimeoutObject) uint16 {
	l3 := o.L3Proto
	if l3 == 0 {
		l3 = nf.FamilyIPv4
	}
	p := t.NewPolicy(uint8(l3), o.L4Proto)
	states := udpStates
	if o.L4Proto == nf.ProtoTCP {
		states = tcpStates
	}
	for name, seconds := range o.Values {
		if i, ok := states[name]; ok {
			p.Timeouts[i] = int64(seconds) * 1e9
		}
	}
	h, err := t.RegisterPolicy(p)
	if err != nil {
		return 0
	}
	return h
}
