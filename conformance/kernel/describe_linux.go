package kernel

import (
	"encoding/json"

	"nfvm/conformance"
)

// Describe sets a host up and returns its HOST.json (without sysctls) as the
// machine's own tools print it.
func Describe(h *conformance.Host) ([]byte, error) {
	out := map[string]json.RawMessage{}
	err := inNamespace(func() error {
		devices, err := setUp(h)
		defer (&machine{devices: devices}).close()
		if err != nil {
			return err
		}
		for _, q := range []struct {
			key  string
			args []string
		}{
			{"addr", []string{"-d", "-j", "addr", "show"}},
			{"route", []string{"-j", "-4", "route", "show", "table", "all"}},
			{"route6", []string{"-j", "-6", "route", "show", "table", "all"}},
			{"rule", []string{"-j", "rule", "show"}},
			{"rule6", []string{"-j", "-6", "rule", "show"}},
			{"neigh", []string{"-j", "neigh", "show"}},
		} {
			text, err := run("", "ip", q.args...)
			if err != nil {
				return err
			}
			if text == "" {
				text = "[]"
			}
			out[q.key] = json.RawMessage(text)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}
