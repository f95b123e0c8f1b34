package main

import "encoding/json"

// Bridges show each frame twice: at the port, where it is on the wire, and, if it
// is for the host or from it, at the bridge itself. The port's frames are what
// arrived and left, the bridge's are what the host sees and sends.
type bridges struct {
	bridge map[string]bool   // interfaces that are bridges
	master map[string]string // their ports, and whose they are
}

// readBridges reads what `ip -d -j addr show` printed.
func readBridges(addr []byte) (bridges, error) {
	b := bridges{map[string]bool{}, map[string]string{}}
	var links []struct {
		Name   string `json:"ifname"`
		Master string `json:"master"`
		Info   struct {
			Kind string `json:"info_kind"`
		} `json:"linkinfo"`
	}
	err := json.Unmarshal(addr, &links)
	for _, l := range links {
		if l.Info.Kind == "bridge" {
			b.bridge[l.Name] = true
		}
		if l.Master != "" {
			b.master[l.Name] = l.Master
		}
	}
	return b, err
}

// A passage tells of the frames that leave by ports who sent them there.
type passage struct {
	bridges
	own     map[string]int  // frames that left by a bridge itself, and not yet by its port
	arrived map[string]bool // frames that arrived at ports
}

func newPassage(b bridges) *passage {
	return &passage{b, map[string]int{}, map[string]bool{}}
}

// see takes note of a frame of a bridge or of a port. It reports whether one that
// leaves by a port was the host's, and whether it had arrived at a port as it is.
func (p *passage) see(f frame) (own, arrived bool) {
	switch master := p.master[f.link]; {
	case p.bridge[f.link] && f.out:
		p.own[f.link+string(f.data)]++
	case !p.bridge[master]:
	case !f.out:
		p.arrived[master+string(f.data)] = true
	case p.own[master+string(f.data)] > 0:
		p.own[master+string(f.data)]--
		return true, false
	default:
		return false, p.arrived[master+string(f.data)]
	}
	return false, false
}

// isPort reports whether an interface is a port of a bridge.
func (b bridges) isPort(link string) bool { return b.bridge[b.master[link]] }

// placeBridged is place for the frames of bridges and of their ports. ARP that the
// host itself sends is in neither capture, as elsewhere.
func (out *outcome) placeBridged(f frame, o *origins, p *passage) {
	packet, isIP := parseFrame(f.data)
	own, arrived := p.see(f)
	switch {
	case p.isPort(f.link) && !f.out:
		out.traffic = append(out.traffic, f)
	case p.isPort(f.link):
		if isIP || arrived {
			out.kernel = append(out.kernel, f)
		}
		if !own {
			out.count[forwarded]++
		}
	case !f.out && !isIP: // delivered as it came
		out.kernel = append(out.kernel, f)
	case f.out && isIP:
		by := o.of(packet)
		out.count[by]++
		if by == host {
			out.traffic = append(out.traffic, f)
		}
	}
}
