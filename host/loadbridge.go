package host

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nfvm/nf"
)

// What `ip -d -j` says of bridges and their ports, and `bridge -j vlan show` of
// VLANs.
type (
	jsonBridge struct {
		STP           int    `json:"stp_state"`
		Ageing        *int64 `json:"ageing_time"` // hundredths of a second
		GroupForward  string `json:"group_fwd_mask"`
		CallIPTables  int    `json:"nf_call_iptables"`
		CallIP6Tables int    `json:"nf_call_ip6tables"`
		CallARPTables int    `json:"nf_call_arptables"`
		VLANFiltering int    `json:"vlan_filtering"`
		VLANProtocol  string `json:"vlan_protocol"`
		DefaultPVID   *int   `json:"vlan_default_pvid"`
	}
	jsonPort struct {
		State        string `json:"state"`
		Number       string `json:"no"`
		Hairpin      bool   `json:"hairpin"`
		Isolated     bool   `json:"isolated"`
		Learning     *bool  `json:"learning"`
		Flood        *bool  `json:"flood"`
		McastFlood   *bool  `json:"mcast_flood"`
		BcastFlood   *bool  `json:"bcast_flood"`
		GroupForward string `json:"group_fwd_mask"`
	}
	jsonVLANs struct {
		Name  string `json:"ifname"`
		VLANs []struct {
			ID    int      `json:"vlan"`
			End   int      `json:"vlanEnd"`
			Flags []string `json:"flags"`
		} `json:"vlans"`
	}
)

// ageing is how long a bridge remembers an address unless it is told otherwise
// (IEEE 802.1D).
const ageing = 300 * time.Second

// loadBridges finds which links are bridges, and their ports: links whose master
// is of kind "bridge", or of a kind that nobody says.
func (l *loader) loadBridges(j *jsonHost) error {
	for i := range j.Addr {
		jl := &j.Addr[i]
		port, master := l.byName[jl.Name], l.byName[jl.Master]
		if port == nil || master == nil || master.Kind != "" && master.Kind != "bridge" {
			continue
		}
		if err := l.addPort(port, master, jl); err != nil {
			return fmt.Errorf("addr: %s: %w", jl.Name, err)
		}
	}
	for i := range j.Addr {
		if b := l.byName[j.Addr[i].Name]; b != nil && (b.Bridge != nil || b.Kind == "bridge") {
			if err := l.loadBridge(b, &j.Addr[i]); err != nil {
				return fmt.Errorf("addr: %s: %w", b.Name, err)
			}
		}
	}
	if err := l.loadVLANs(j.VLAN); err != nil {
		return err
	}
	return l.loadStations(j.FDB)
}

func (l *loader) addPort(port, bridge *nf.Link, jl *jsonLink) error {
	var jp jsonPort
	if len(jl.Info.Port) > 0 {
		if err := json.Unmarshal(jl.Info.Port, &jp); err != nil {
			return err
		}
	}
	if bridge.Bridge == nil {
		bridge.Bridge = &nf.Bridge{}
	}
	bridge.Kind = "bridge"
	p := &nf.BridgePort{
		Bridge: bridge, Number: len(bridge.Bridge.Ports) + 1, Hairpin: jp.Hairpin, Isolated: jp.Isolated,
		Forwarding: jp.State == "" || jp.State == "forwarding", Listening: jp.State == "learning",
		Learning: unless(jp.Learning), Flood: unless(jp.Flood),
		MulticastFlood: unless(jp.McastFlood), BroadcastFlood: unless(jp.BcastFlood),
		GroupForward: hexMask(jp.GroupForward),
	}
	if n, err := strconv.ParseUint(jp.Number, 0, 16); err == nil && n > 0 {
		p.Number = int(n)
	}
	port.Port = p
	bridge.Bridge.Ports = append(bridge.Bridge.Ports, port)
	return nil
}

// unless is a switch that is on unless the listing says that it is off.
func unless(b *bool) bool { return b == nil || *b }

// hexMask reads a hexadecimal mask.
func hexMask(s string) uint16 {
	n, _ := strconv.ParseUint(strings.TrimPrefix(s, "0x"), 16, 16)
	return uint16(n)
}

var vlanProtocols = map[string]uint16{"": nf.EtherTypeVLAN, "802.1Q": nf.EtherTypeVLAN, "802.1ad": nf.EtherTypeQinQ}

func (l *loader) loadBridge(link *nf.Link, jl *jsonLink) error {
	var jb jsonBridge
	if len(jl.Info.Data) > 0 {
		if err := json.Unmarshal(jl.Info.Data, &jb); err != nil {
			return err
		}
	}
	if link.Bridge == nil {
		link.Bridge = &nf.Bridge{}
	}
	b := link.Bridge
	b.STP, b.AgeingTime, b.GroupForward = jb.STP != 0, int64(ageing), hexMask(jb.GroupForward)
	if jb.Ageing != nil {
		b.AgeingTime = *jb.Ageing * int64(10*time.Millisecond)
	}
	b.CallIPTables, b.CallIP6Tables, b.CallARPTables = jb.CallIPTables != 0, jb.CallIP6Tables != 0, jb.CallARPTables != 0
	var known bool
	if b.VLANProtocol, known = vlanProtocols[jb.VLANProtocol]; !known {
		return fmt.Errorf("VLAN protocol %q is not known", jb.VLANProtocol)
	}
	b.VLANFiltering = jb.VLANFiltering != 0
	pvid := 1
	if jb.DefaultPVID != nil {
		pvid = *jb.DefaultPVID
	}
	slices.SortStableFunc(b.Ports, func(x, y *nf.Link) int { return cmp.Compare(y.Port.Number, x.Port.Number) })
	if pvid > 0 && pvid < 4095 {
		b.VLANs.Add(uint16(pvid), true, true)
		for _, p := range b.Ports {
			p.Port.VLANs.Add(uint16(pvid), true, true)
		}
	}
	return nil
}

// loadVLANs gives bridges and ports the VLANs that are listed for them, in place
// of those that every port starts with.
func (l *loader) loadVLANs(list []jsonVLANs) error {
	for _, jv := range list {
		link := l.byName[jv.Name]
		if link == nil || link.Bridge == nil && link.Port == nil {
			return fmt.Errorf("vlan: %q is no bridge and no port of one", jv.Name)
		}
		var v nf.VLANs
		for _, x := range jv.VLANs {
			for id := x.ID; id <= max(x.ID, x.End); id++ {
				if id < 1 || id > 4094 {
					return fmt.Errorf("vlan: %s: %d is no VLAN", jv.Name, id)
				}
				v.Add(uint16(id), slices.Contains(x.Flags, "PVID"), slices.Contains(x.Flags, "Egress Untagged"))
			}
		}
		if link.Port != nil {
			link.Port.VLANs = v
		} else {
			link.Bridge.VLANs = v
		}
	}
	return nil
}
