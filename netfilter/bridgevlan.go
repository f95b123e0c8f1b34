package netfilter

import "nfvm/nf"

// vlanBits are those of a tag that name the VLAN.
const vlanBits = 0xfff

// enterVLAN finds the VLAN of a frame that enters a bridge, and gives it a tag
// inside the bridge (br_allowed_ingress). Without VLAN filtering there is one
// VLAN, 0. It reports whether the frame may enter.
func (s *skb) enterVLAN(br *nf.Bridge, v *nf.VLANs) (vid uint16, ok bool) {
	s.vlanFiltered = br.VLANFiltering
	if !br.VLANFiltering {
		return 0, true
	}
	if s.Tagged && s.TPID != br.VLANProtocol {
		s.PushTag()
	}
	if s.Tagged {
		vid = s.TCI & vlanBits
	}
	if vid == 0 {
		if v.PVID == 0 {
			return 0, false
		}
		vid = v.PVID
		if !s.Tagged {
			s.Tagged, s.TPID, s.TCI = true, br.VLANProtocol, 0
		}
		s.TCI |= vid
	}
	ok, _ = v.Has(vid)
	return vid, ok
}

// vlanOf finds the VLAN of a frame that stays outside the bridge
// (br_should_learn).
func (s *skb) vlanOf(br *nf.Bridge, v *nf.VLANs) (vid uint16, ok bool) {
	if !br.VLANFiltering {
		return 0, true
	}
	if s.Tagged && s.TPID == br.VLANProtocol {
		vid = s.TCI & vlanBits
	}
	if vid == 0 {
		return v.PVID, v.PVID != 0
	}
	ok, _ = v.Has(vid)
	return vid, ok
}

// mayLeaveVLAN reports whether a frame inside a bridge may leave by a port
// (br_allowed_egress).
func (s *skb) mayLeaveVLAN(br *nf.Bridge, v *nf.VLANs) bool {
	if !s.vlanFiltered {
		return true
	}
	member, _ := v.Has(s.TCI & vlanBits)
	return s.Tagged && member
}

// leaveVLAN takes the tag off a frame that leaves by a port which sends its VLAN
// without (br_handle_vlan).
func (s *skb) leaveVLAN(br *nf.Bridge, v *nf.VLANs) {
	if !s.vlanFiltered {
		return
	}
	if _, untagged := v.Has(s.TCI & vlanBits); untagged {
		s.Tagged, s.TPID, s.TCI = false, 0, 0
	}
}
