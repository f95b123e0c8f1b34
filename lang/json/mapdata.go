package json

import (
	"maps"
	"slices"
	"strings"
)

// selectorsOf are selectors that give values of a type. nft prints the data of
// a map as types even where its key is a typeof, and the language has no such
// mixture.
var selectorsOf = map[string]string{
	"ipv4_addr": "ip daddr", "ipv6_addr": "ip6 daddr", "ether_addr": "ether daddr", "inet_service": "tcp dport",
	"inet_proto": "meta l4proto", "nf_proto": "meta nfproto", "ether_type": "meta protocol", "mark": "meta mark",
	"iface_index": "oif", "ifname": "oifname", "iface_type": "oiftype", "classid": "meta priority", "realm": "rt classid",
	"devgroup": "oifgroup", "uid": "meta skuid", "gid": "meta skgid", "pkt_type": "meta pkttype", "dscp": "ip dscp",
	"ecn": "ip ecn", "ct_state": "ct state", "ct_status": "ct status", "ct_dir": "ct direction", "ct_label": "ct label",
	"icmp_type": "icmp type", "icmpv6_type": "icmpv6 type", "tcp_flag": "tcp flags", "arp_op": "arp operation",
	"time": "ct expiration", "day": "meta day", "hour": "meta hour",
}

// mapData writes the data of a map; behind a typeof as selectors.
func (w *writer) mapData(v any, isTypeof bool) string {
	data := w.setType(v)
	if selectors, ok := strings.CutPrefix(data, "typeof "); ok {
		return selectors
	}
	data = strings.TrimPrefix(data, "type ")
	if !isTypeof || data == "verdict" || data == "queue" || objectKinds[data] {
		return data
	}
	types := strings.Split(data, " . ")
	for i, t := range types {
		if types[i] = selectorsOf[t]; types[i] == "" {
			return w.failf("map: the type %s can't go with typeof%s", t, meant(t, slices.Sorted(maps.Keys(selectorsOf))))
		}
	}
	return strings.Join(types, " . ")
}

// stateKeys are the members by which an element has its statement.
var stateKeys = []string{"counter", "quota", "limit", "last", "ct count"}

// completed gives an element that shows a statement all those of its set, in
// their order: its own state where it has it. In JSON an element shows but one.
func completed(e any, stmts []any) any {
	if len(stmts) < 2 {
		return e
	}
	key, body, ok := single(e)
	o, isObject := body.(map[string]any)
	if !ok || key != "elem" || !isObject || o["stmt"] != nil {
		return e
	}
	if !slices.ContainsFunc(stateKeys, func(k string) bool { _, has := o[k]; return has }) {
		return e
	}
	o = maps.Clone(o)
	all := slices.Clone(stmts)
	for i, s := range all {
		name, _, _ := single(s)
		if state, has := o[name]; has && slices.Contains(stateKeys, name) {
			all[i] = map[string]any{name: state}
			delete(o, name)
		}
	}
	o["stmt"] = all
	return map[string]any{key: o}
}
