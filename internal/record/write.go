package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nfvm/netio"
)

// recordingInfo is recording.json: what a comparison must know besides.
type recordingInfo struct {
	Kernel    string `json:"kernel"`
	Nft       string `json:"nft"`
	Conntrack string `json:"conntrack"`
	// Advance is the time from the last packet of traffic.pcapng to the
	// listings, as nfvm --advance takes it.
	Advance string `json:"advance"`
}

// write replaces the example's recorded files.
func (out *outcome) write(dir string, rec *recording) error {
	links := rec.linkNames()
	for name, frames := range map[string][]frame{"traffic.pcapng": out.traffic, "kernel.pcapng": out.kernel} {
		b, err := capture(links, frames)
		if err != nil {
			return err
		}
		rec.texts[name] = b
	}
	host, err := indented(rec.host)
	if err != nil {
		return err
	}
	info, err := indented(out.info(rec))
	if err != nil {
		return err
	}
	rec.texts["host.json"], rec.texts["recording.json"] = host, info
	for name, b := range rec.texts {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// capture makes a pcapng with one interface a link.
func capture(links []string, frames []frame) ([]byte, error) {
	var b bytes.Buffer
	w, err := netio.NewWriter(&b)
	if err != nil {
		return nil, err
	}
	number := map[string]int{}
	for _, name := range links {
		if number[name], err = w.AddInterface(netio.Interface{Name: name, Link: netio.LinkEthernet}); err != nil {
			return nil, err
		}
	}
	for _, f := range frames {
		dir := netio.DirectionInbound
		if f.out {
			dir = netio.DirectionOutbound
		}
		err := w.WriteFrame(&netio.Frame{Interface: number[f.link], Time: f.at.UnixNano(), Data: f.data, Direction: dir})
		if err != nil {
			return nil, err
		}
	}
	err = w.Flush()
	return b.Bytes(), err
}

func (out *outcome) info(rec *recording) recordingInfo {
	var last time.Time
	if n := len(out.traffic); n > 0 {
		last = out.traffic[n-1].at
	}
	return recordingInfo{
		Kernel: release(), Nft: version("nft"), Conntrack: version("conntrack"),
		Advance: fmt.Sprintf("%.3fs", rec.listed.Sub(last).Seconds()),
	}
}

func release() string {
	b, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	v, _, _ := strings.Cut(strings.TrimSpace(string(b)), "-")
	return v
}

// indented marshals v, with one top-level list element a line so that a change
// of the host shows in a diff.
func indented(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	return append(b, '\n'), err
}
