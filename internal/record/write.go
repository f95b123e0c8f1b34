package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
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
		var b bytes.Buffer
		if err := writePcapng(&b, links, frames); err != nil {
			return err
		}
		rec.texts[name] = b.Bytes()
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
