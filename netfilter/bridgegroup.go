package netfilter

import "nfvm/nf"

// The addresses 01:80:c2:00:00:00 to :0f are those of protocols between bridges
// (IEEE 802.1D, table 7-10): a bridge does not forward them unless it is told to.
const (
	groupSTP   = 0x0
	groupPause = 0x1
	groupLLDP  = 0xe
)

// localGroup gives the last digit of such an address, -1 for any other.
func localGroup(mac []byte) int {
	if [5]byte(mac) != [5]byte{0x01, 0x80, 0xc2} || mac[5] > 0xf {
		return -1
	}
	return int(mac[5])
}

// forwardsGroup reports whether frames to such an address are bridged like
// others.
func forwardsGroup(port *nf.BridgePort, group int) bool {
	br := port.Bridge.Bridge
	switch {
	case group == groupPause:
		return false
	case group == groupSTP && !br.STP:
		return true
	}
	return (br.GroupForward|port.GroupForward)>>group&1 != 0
}

// bridgeGroup takes a frame between bridges: to the host by the port, those of
// most protocols through input, or nowhere.
func (e *Engine) bridgeGroup(s *skb, group int) (asIfNone bool) {
	switch group {
	case groupPause:
		e.drop(s, "pause frame")
		return false
	case groupSTP, groupLLDP:
	default:
		if !e.bridgeHook(s, nf.HookInput, s.arrived, nil, s.arrived) {
			return false
		}
	}
	e.learnLocal(s)
	return true
}

// learnLocal notes where the sender of a frame between bridges is
// (br_handle_local_finish).
func (e *Engine) learnLocal(s *skb) {
	port := s.arrived.Port
	if !port.Learning || !port.Forwarding && !port.Listening {
		return
	}
	if vid, ok := s.vlanOf(port.Bridge.Bridge, &port.VLANs); ok && !isOwn(port.Bridge, s.EtherSrc()) {
		e.stations.learn(fdbKey{port.Bridge.Index, vid, [6]byte(s.EtherSrc())}, s.arrived, e.now)
	}
}
