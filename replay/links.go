package replay

import (
	"fmt"
	"io"

	"nfvm/host"
	"nfvm/netio"
	"nfvm/nf"
)

// link gives the host's interface for an interface of the capture.
func (r *run) link(i int) (*nf.Link, netio.LinkType, error) {
	ifs := r.in.Interfaces()
	for n := len(r.links); n < len(ifs); n++ {
		if !ifs[n].Link.Supported() {
			return nil, 0, fmt.Errorf("interface %s of the capture has link type %d; Ethernet (1) and raw IP (101) can be replayed", ifs[n].Name, ifs[n].Link)
		}
		l, err := AddLink(r.opt.Host, ifs[n])
		if err != nil {
			return nil, 0, err
		}
		r.links = append(r.links, l)
	}
	return r.links[i], ifs[i].Link, nil
}

// AddLink finds or makes the host's link for an interface of a capture.
func AddLink(h *host.Host, i netio.Interface) (*nf.Link, error) {
	if i.Name == "" || len(i.Name) >= nf.IfNameSize {
		return nil, fmt.Errorf("interface name %q of the capture is empty or longer than 15 bytes", i.Name)
	}
	return h.EnsureLink(i.Name, i.Link.Ether()), nil
}

// Interfaces reads a capture through for the interfaces it names, so that rules
// can refer to them before the first packet. What is wrong with the capture is
// left for Run to say.
func Interfaces(capture io.Reader, iface string) []netio.Interface {
	if iface == "" {
		iface = "eth0"
	}
	r, err := netio.NewReader(capture, iface)
	if err != nil {
		return nil
	}
	var f netio.Frame
	for r.Next(&f) == nil {
	}
	return r.Interfaces()
}
