package replay

import (
	"fmt"

	"nfvm/host"
	"nfvm/netio"
	"nfvm/nf"
)

// link gives the host's interface for an interface of the capture.
func (r *run) link(i int) (*nf.Link, netio.LinkType, error) {
	if err := r.addLinks(); err != nil {
		return nil, 0, err
	}
	ifs := r.in.Interfaces()
	if t := ifs[i].Link; !t.Supported() {
		return nil, 0, fmt.Errorf("interface %s of the capture has link type %d; Ethernet (1) and raw IP (101) can be replayed", ifs[i].Name, t)
	}
	return r.links[i], ifs[i].Link, nil
}

// addLinks makes links for the interfaces that the capture has described since.
func (r *run) addLinks() error {
	ifs := r.in.Interfaces()
	for n := len(r.links); n < len(ifs); n++ {
		l, err := AddLink(r.opt.Host, ifs[n])
		if err != nil {
			return err
		}
		r.links = append(r.links, l)
	}
	return nil
}

// AddLink finds or makes the host's link for an interface of a capture. Whether
// its frames have an Ethernet header is for the capture to say, as what is
// written goes on the same wire. An interface that can't be replayed is none of
// the host's: the link is nil.
func AddLink(h *host.Host, i netio.Interface) (*nf.Link, error) {
	if !i.Link.Supported() {
		return nil, nil
	}
	if i.Name == "" || len(i.Name) >= nf.IfNameSize {
		return nil, fmt.Errorf("interface name %q of the capture is empty or longer than 15 bytes", i.Name)
	}
	l := h.EnsureLink(i.Name, i.Link.Ether())
	l.Ether = i.Link.Ether()
	return l, nil
}
