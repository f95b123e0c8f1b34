package metrics

import (
	"maps"
	"runtime"
	"slices"
	"strconv"

	prom "github.com/prometheus/client_golang/prometheus"
)

// A family is one metric, with a value for each set of labels.
type family struct {
	name, help string
	kind       prom.ValueType
	labels     []string
	each       func(f *Figures, add func(v float64, labels ...string))
}

const (
	counter = prom.CounterValue
	gauge   = prom.GaugeValue
)

var (
	packetLabels = []string{"interface", "direction", "hook", "verdict"}
	objectLabels = []string{"family", "table", "name"}
	ruleLabels   = []string{"family", "table", "chain", "handle"}
)

var families = []family{
	{"build_info", "What nfvm was built from; always 1.", gauge, []string{"version", "revision", "goversion"},
		func(f *Figures, add func(float64, ...string)) { add(1, f.Version, f.Revision, runtime.Version()) }},
	{"packets_total", "Packets by interface, direction, the last hook they reached, and verdict.", counter, packetLabels,
		eachPackets(func(p *Packets) uint64 { return p.Packets })},
	{"packet_bytes_total", "Their bytes from the network header on.", counter, packetLabels,
		eachPackets(func(p *Packets) uint64 { return p.Bytes })},
	{"interface_frames_total", "Frames of a managed interface; one with segmentation left to a device is one.", counter, []string{"interface", "direction"},
		func(f *Figures, add func(float64, ...string)) {
			for _, i := range f.Interfaces {
				add(float64(i.InPackets), i.Name, "in")
				add(float64(i.OutPackets), i.Name, "out")
			}
		}},
	{"interface_bytes_total", "Bytes of these frames, with link-layer headers.", counter, []string{"interface", "direction"},
		func(f *Figures, add func(float64, ...string)) {
			for _, i := range f.Interfaces {
				add(float64(i.InBytes), i.Name, "in")
				add(float64(i.OutBytes), i.Name, "out")
			}
		}},
	{"interface_bypassed_frames_total", "Frames that came in and were forwarded for a flowtable inside the kernel.", counter, []string{"interface"},
		eachInterface(func(i *Interface) uint64 { return i.BypassedPackets })},
	{"interface_bypassed_bytes_total", "Bytes of these frames, with link-layer headers.", counter, []string{"interface"},
		eachInterface(func(i *Interface) uint64 { return i.BypassedBytes })},
	{"interface_missed_frames_total", "Frames that came while the queue to nfvm was full.", counter, []string{"interface"},
		eachInterface(func(i *Interface) uint64 { return i.Missed })},
	{"dropped_packets_total", "Dropped packets by what dropped them.", counter, []string{"reason"}, eachOf(func(f *Figures) map[string]uint64 { return f.Drops })},
	{"lost_frames_total", "Frames that were accepted and could not be written.", counter, []string{"reason"}, eachOf(func(f *Figures) map[string]uint64 { return f.Lost })},
	{"conntrack_entries", "Connections in the table.", gauge, nil, one(func(f *Figures) float64 { return float64(f.Connections) })},
	{"conntrack_entries_limit", "The most connections that the table takes.", gauge, nil, one(func(f *Figures) float64 { return float64(f.MaxConnections) })},
	{"conntrack_events_total", "What conntrack -S counts.", counter, []string{"event"}, eachOf(func(f *Figures) map[string]uint64 { return f.Conntrack })},
	{"nat_failures_total", "Connections that could not be translated.", counter, []string{"reason"}, eachOf(func(f *Figures) map[string]uint64 { return f.NATFailures })},
	{"named_packets_total", "Packets of a named counter.", counter, objectLabels, eachObject(false, func(o *Object) uint64 { return o.Packets })},
	{"named_bytes_total", "Bytes of a named counter.", counter, objectLabels, eachObject(false, func(o *Object) uint64 { return o.Bytes })},
	{"quota_used_bytes", "What has been used of a named quota.", gauge, objectLabels, eachObject(true, func(o *Object) uint64 { return o.Bytes })},
	{"quota_limit_bytes", "The size of a named quota.", gauge, objectLabels, eachObject(true, func(o *Object) uint64 { return o.Limit })},
	{"rule_packets_total", "Packets of the counter in a rule.", counter, ruleLabels, eachRule(func(r *Rule) uint64 { return r.Packets })},
	{"rule_bytes_total", "Bytes of the counter in a rule.", counter, ruleLabels, eachRule(func(r *Rule) uint64 { return r.Bytes })},
	{"rules_loads_total", "Changes of the rules: reload, apply and rollback.", counter, []string{"result"}, eachOf(func(f *Figures) map[string]uint64 { return f.Loads })},
	{"rules_last_load_successful", "Whether the last change of the rules succeeded.", gauge, nil, one(func(f *Figures) float64 {
		if f.LastLoadBad {
			return 0
		}
		return 1
	})},
	{"rules_last_load_success_timestamp_seconds", "When the rules in force were loaded.", gauge, nil, one(func(f *Figures) float64 { return float64(f.Loaded.UnixMilli()) / 1000 })},
	{"longest_hold_seconds", "How long packets waited at most while something was asked or changed.", gauge, nil, one(func(f *Figures) float64 { return f.LongestHold.Seconds() })},
	{"monitor_lost_events_total", "Events that clients of nfvm monitor were too slow for.", counter, nil, one(func(f *Figures) float64 { return float64(f.LostEvents) })},
	{"log_records_total", "Logged packets that were written.", counter, []string{"sink"}, eachLog(func(l *Log) uint64 { return l.Written })},
	{"log_dropped_records_total", "Logged packets that a place was too slow for.", counter, []string{"sink"}, eachLog(func(l *Log) uint64 { return l.Dropped })},
}

type samples = func(f *Figures, add func(v float64, labels ...string))

func one(value func(*Figures) float64) samples {
	return func(f *Figures, add func(float64, ...string)) { add(value(f)) }
}

func eachOf(m func(*Figures) map[string]uint64) samples {
	return func(f *Figures, add func(float64, ...string)) {
		values := m(f)
		for _, k := range slices.Sorted(maps.Keys(values)) {
			add(float64(values[k]), k)
		}
	}
}

func eachPackets(value func(*Packets) uint64) samples {
	return func(f *Figures, add func(float64, ...string)) {
		for i := range f.Packets {
			p := &f.Packets[i]
			add(float64(value(p)), p.Interface, p.Direction, p.Hook, p.Verdict)
		}
	}
}

func eachInterface(value func(*Interface) uint64) samples {
	return func(f *Figures, add func(float64, ...string)) {
		for i := range f.Interfaces {
			add(float64(value(&f.Interfaces[i])), f.Interfaces[i].Name)
		}
	}
}

func eachObject(quota bool, value func(*Object) uint64) samples {
	return func(f *Figures, add func(float64, ...string)) {
		for i := range f.Objects {
			if o := &f.Objects[i]; o.Quota == quota {
				add(float64(value(o)), o.Family, o.Table, o.Name)
			}
		}
	}
}

func eachRule(value func(*Rule) uint64) samples {
	return func(f *Figures, add func(float64, ...string)) {
		for i := range f.Rules {
			r := &f.Rules[i]
			add(float64(value(r)), r.Family, r.Table, r.Chain, strconv.FormatUint(r.Handle, 10))
		}
	}
}

func eachLog(value func(*Log) uint64) samples {
	return func(f *Figures, add func(float64, ...string)) {
		for i := range f.Logs {
			add(float64(value(&f.Logs[i])), f.Logs[i].Sink)
		}
	}
}
