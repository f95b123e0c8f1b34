package nftsuite

import (
	"encoding/json"
	"strings"
)

// inJSON compares what a rule in JSON compiles to and the JSON printed of it.
func (r *ruleRun) inJSON(l line, t ruleTable, c ruleChain, head, want string) {
	in, ok := r.json[l.text]
	if !ok {
		return
	}
	name := t.family + " " + c.name + ": " + l.text
	cmd := `{"nftables": [{"add": {"rule": {"family": "` + t.family + `", "table": "` + t.name +
		`", "chain": "` + c.name + `", "expr": ` + in + `}}}]}`
	res, err := r.machine.compile(head, cmd)
	if err != nil {
		r.differ("json-in", r.name, name, "%v", err)
		return
	}
	r.same("json-in", r.name, name, want, r.ofRule(head, res.Listing()))
	out, ok := r.jsonOut[l.text]
	if !ok {
		out = in
	}
	all, err := r.machine.json(res.Program, true)
	if err != nil {
		r.differ("json-out", r.name, name, "%v", err)
		return
	}
	var printed []string
	for _, m := range all {
		if m["rule"] != nil {
			text, _ := json.Marshal(m["rule"]["expr"])
			printed = append(printed, string(text))
		}
	}
	r.same("json-out", r.name, name, canonical(out), strings.Join(printed, "\n"))
}
