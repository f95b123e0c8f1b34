package conformance

import (
	"fmt"
	"strconv"
)

// bridge reads NAME ether MAC and more words for ip link add type bridge.
func (h *Host) bridge(w []string) error {
	if len(w) < 3 || len(w)%2 == 0 || w[1] != "ether" {
		return fmt.Errorf("expected bridge NAME ether MAC [OPTION VALUE]…")
	}
	h.Links = append(h.Links, Link{Name: w[0], Ether: w[2], MTU: 1500, Kind: "bridge", Options: w[3:]})
	return nil
}

// port reads LINK BRIDGE and more words for ip link set type bridge_slave.
func (h *Host) port(w []string) error {
	if len(w) < 2 || len(w)%2 != 0 {
		return fmt.Errorf("expected port LINK BRIDGE [OPTION VALUE]…")
	}
	for i := range h.Links {
		if h.Links[i].Name == w[0] {
			h.Links[i].Master, h.Links[i].Port = w[1], w[2:]
			return nil
		}
	}
	return fmt.Errorf("no link %q", w[0])
}

// vlan reads LINK VID and the words pvid and untagged.
func (h *Host) vlan(w []string) error {
	for i := range h.Links {
		if len(w) > 1 && h.Links[i].Name == w[0] {
			h.Links[i].VLANs = append(h.Links[i].VLANs, w[1:])
			return nil
		}
	}
	return fmt.Errorf("expected vlan LINK VID [pvid] [untagged]")
}

// jsonBridge adds what `ip -d -j` says of a bridge or a port.
func (h *Host) jsonBridge(o object, l *Link) error {
	info := object{"info_kind": "tun"}
	if l.Kind == "bridge" {
		data := object{"ageing_time": 30000, "stp_state": 0, "vlan_filtering": 0, "vlan_protocol": "802.1Q", "vlan_default_pvid": 1}
		if err := options(data, l.Options); err != nil {
			return err
		}
		info = object{"info_kind": "bridge", "info_data": data}
	}
	if l.Master != "" {
		number := 0
		for i := range h.Links {
			if h.Links[i].Master == l.Master {
				number++
			}
			if &h.Links[i] == l {
				break
			}
		}
		port := object{"state": "forwarding", "no": fmt.Sprintf("0x%x", number)}
		if err := options(port, l.Port); err != nil {
			return err
		}
		o["master"], info["info_slave_kind"], info["info_slave_data"] = l.Master, "bridge", port
	}
	o["linkinfo"] = info
	return nil
}

// options adds options of ip-link as they are listed.
func options(o object, w []string) error {
	var err error
	words(w, func(key, value string) {
		switch {
		case key == "vlan_protocol":
			o[key] = value
		case key == "group_fwd_mask":
			var mask uint64
			mask, err = strconv.ParseUint(value, 0, 16)
			o[key] = strconv.FormatUint(mask, 16)
		case value == "on" || value == "off":
			o[key] = value == "on"
		default:
			if o[key], err = strconv.Atoi(value); err != nil {
				err = fmt.Errorf("host: option %s %s: %w", key, value, err)
			}
		}
	})
	return err
}

// jsonVLANs is what `bridge -j vlan show` prints, but for those that every port
// begins with.
func (h *Host) jsonVLANs() ([]object, error) {
	list := []object{}
	for i := range h.Links {
		l := &h.Links[i]
		if len(l.VLANs) == 0 {
			continue
		}
		vlans := []object{{"vlan": 1, "flags": []string{"PVID", "Egress Untagged"}}}
		for _, w := range l.VLANs {
			id, err := strconv.Atoi(w[0])
			if err != nil {
				return nil, fmt.Errorf("host: vlan %s: %w", w[0], err)
			}
			flags := []string{}
			for _, f := range w[1:] {
				switch f {
				case "pvid":
					flags = append(flags, "PVID")
					vlans[0]["flags"] = []string{"Egress Untagged"}
				case "untagged":
					flags = append(flags, "Egress Untagged")
				}
			}
			vlans = append(vlans, object{"vlan": id, "flags": flags})
		}
		list = append(list, object{"ifname": l.Name, "vlans": vlans})
	}
	return list, nil
}
