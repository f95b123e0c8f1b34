package host

import (
	"fmt"
	"net"

	"nfvm/nf"
)

// jsonStation is a line of `bridge -j fdb show`.
type jsonStation struct {
	MAC    string `json:"mac"`
	Name   string `json:"ifname"`
	VLAN   uint16 `json:"vlan"`
	Master string `json:"master"`
	State  string `json:"state"`
}

// loadStations gives bridges the addresses that they know the ports of. The list
// also has what is no station: addresses that interfaces listen to, which have no
// master, and the host's own ("permanent").
func (l *loader) loadStations(list []jsonStation) error {
	for _, js := range list {
		if js.Master == "" || js.State == "permanent" {
			continue
		}
		port := l.byName[js.Name]
		if port == nil || port.Port == nil || port.Port.Bridge.Name != js.Master {
			return fmt.Errorf("fdb: %q is no port of %q", js.Name, js.Master)
		}
		mac, err := net.ParseMAC(js.MAC)
		if err != nil || len(mac) != 6 {
			return fmt.Errorf("fdb: %q is no Ethernet address", js.MAC)
		}
		b := port.Port.Bridge.Bridge
		b.Stations = append(b.Stations, nf.Station{MAC: [6]byte(mac), VLAN: js.VLAN, Port: port, Static: js.State == "static"})
	}
	return nil
}
