package replay

import (
	"errors"
	"io"

	"nfvm/host"
	"nfvm/netfilter"
	"nfvm/netio"
)

// Survey reads a capture through before its replay, for what must be known from
// the first packet on: the interfaces, which rules may name by index and of
// which the implicit host has exactly two, and the link-layer addresses of
// neighbours that only a later frame tells. Both are added to the host. ifaces
// are those of Options. What is wrong with the capture's end is left for Run to
// say.
func Survey(capture io.Reader, ifaces []string, h *host.Host) error {
	in, err := netio.NewReader(capture, ifaces...)
	if err != nil {
		return err
	}
	r := &run{opt: Options{Host: h}, in: in}
	var f netio.Frame
	var damage *netio.DamageError
	for {
		err := in.Next(&f)
		switch {
		case errors.Is(err, io.EOF), errors.As(err, &damage):
			return r.addLinks()
		case err != nil:
			return err
		}
		link, kind, err := r.link(f.Interface)
		if err != nil {
			return err
		}
		netfilter.Learn(h, &netfilter.Frame{
			Link: link, Data: f.Data, Ether: kind.Ether(), Outbound: f.Direction == netio.DirectionOutbound,
		})
	}
}
