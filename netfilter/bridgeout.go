package netfilter

import (
	"nfvm/nf"
	"nfvm/packet"
)

// vlanRoom is what the MTU of a link leaves for a VLAN tag.
const vlanRoom = 4

// enterBridge sends a frame of the host's by a bridge.
func (e *Engine) enterBridge(s *skb, frame []byte, br *nf.Link) {
	x := e.cloneFrame(s, frame, true)
	if x == nil {
		e.drop(s, "its link-layer header does not fit the interface")
		return
	}
	x.CT, x.CTInfo, x.Local, x.UID, x.HasUID = s.CT, s.CTInfo, s.Local, s.UID, s.HasUID
	x.PktType, x.route, x.unknownHop = s.PktType, s.route, s.unknownHop
	x.decision, x.weight = s.decision, s.weight
	e.sendBridged(x, br)
	x.CT = 0 // it is the packet's to release
	e.put(x)
}

// leaveBridge puts a frame on a port (br_dev_queue_push_xmit). What has been
// reassembled on its way is cut again, and so is what passed the hooks of IP and
// is too large for the port (br_nf_dev_queue_xmit, nf_ct_bridge_refrag).
func (e *Engine) leaveBridge(s *skb, out *nf.Link) {
	s.route.Out = out
	if s.MaxFrag != 0 || s.bridged.forwarded && s.WireLen() > out.MTU {
		s.ParseIPChecked()
		mtu := out.Port.Bridge.MTU // its route is the bridge's own
		e.emitting = s
		result := packet.SplitTooBig
		if s.MaxFrag <= mtu {
			result = e.fragmenter.Split(&s.Packet, mtu, e.rand.Uint32(), e.emitBridged)
		}
		switch result {
		case packet.SplitTooBig:
			e.drop(s, "larger than the MTU of the bridge")
			return
		case packet.SplitDone:
			return
		}
	}
	if !s.fits(s.WireLen()) {
		e.drop(s, "larger than the MTU of the port")
		return
	}
	e.xmit(s, e.wire(s), true)
}

// fits reports whether a network packet of n bytes fits the port that it leaves
// by (is_skb_forwardable).
func (s *skb) fits(n int) bool { return n <= s.route.Out.MTU+vlanRoom }

// sendBridgedPiece sends a fragment of the packet that leaves by a port.
// Those behind it follow, whatever becomes of it.
func (e *Engine) sendBridgedPiece(ip []byte) bool {
	s := e.emitting
	if !s.fits(len(ip)) {
		e.drop(s, "larger than the MTU of the port")
		return true
	}
	tag := e.fragmenter.PieceTag()
	own := !s.Tagged && tag.TPID != 0 // which the whole has none of
	if own {
		s.Tagged, s.TPID, s.TCI = true, tag.TPID, tag.TCI
	}
	e.frame = s.AppendFrame(e.frame[:0], ip)
	e.xmit(s, e.frame, true)
	if own {
		s.Tagged = false
	}
	return true
}
