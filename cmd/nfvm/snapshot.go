package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"nfvm/host/procsys"
)

// snapshotCommands are the keys of HOST.json that iproute2 fills.
var snapshotCommands = []struct{ key, args string }{
	{"addr", "-d -j addr show"},
	{"route", "-j route show table all"},
	{"route6", "-j -6 route show table all"},
	{"rule", "-j rule show"},
	{"rule6", "-j -6 rule show"},
	{"neigh", "-j neigh show"},
}

// snapshot prints the HOST.json of this machine.
func snapshot(args []string, std streams) error {
	if len(args) > 0 {
		if args[0] == "-h" || args[0] == "--help" || args[0] == "-help" {
			fmt.Fprint(std.out, helpText)
			return nil
		}
		return fmt.Errorf("snapshot takes no arguments, but there is %q", args[0])
	}
	ip, err := exec.LookPath("ip")
	if err != nil {
		return errors.New("snapshot asks the ip command of iproute2, which is not in PATH")
	}
	var b bytes.Buffer
	b.WriteString("{\n")
	for _, c := range snapshotCommands {
		out, err := runIP(ip, strings.Fields(c.args))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "  %q: %s,\n", c.key, out)
	}
	// Which VLANs the ports of bridges are in, and which stations are behind them,
	// is for another program to say.
	if bridge, err := exec.LookPath("bridge"); err == nil {
		for _, key := range []string{"vlan", "fdb"} {
			out, err := runIP(bridge, []string{"-j", key, "show"})
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "  %q: %s,\n", key, out)
		}
	}
	settings := procsys.Open()
	defer settings.Close()
	sysctls, err := json.MarshalIndent(settings.Read(), "  ", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(&b, "  \"sysctl\": %s\n}\n", sysctls)
	_, err = std.out.Write(b.Bytes())
	return err
}

// runIP gives the JSON that ip prints; nothing at all means an empty list.
func runIP(ip string, args []string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := exec.Command(ip, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	if out = bytes.TrimSpace(out); len(out) == 0 {
		return []byte("[]"), nil
	}
	var b bytes.Buffer
	if err := json.Indent(&b, out, "  ", "  "); err != nil {
		return nil, fmt.Errorf("ip %s printed no JSON: %w", strings.Join(args, " "), err)
	}
	return b.Bytes(), nil
}
