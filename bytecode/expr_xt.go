package bytecode

import "fmt"

// XT is an extension of iptables inside a rule, a match or a target, where no
// other expression says the same (nft_compat). Info are its parameters as the
// kernel lays them out; package xt reads them.
type XT struct {
	Target bool
	Ext    string
	Rev    uint8
	Info   []byte
}

// Name is match or target.
func (e *XT) Name() string {
	if e.Target {
		return "target"
	}
	return "match"
}

// String is the expression as nft --debug=netlink prints it.
func (e *XT) String() string { return fmt.Sprintf("[ %s name %s rev %d ]", e.Name(), e.Ext, e.Rev) }

func (e *XT) code(c *coder) {
	c.bool(&e.Target)
	c.str(&e.Ext)
	num(c, &e.Rev)
	c.bytes(&e.Info)
}

// Limits of extensions: XT_EXTENSION_MAXNAMELEN less the closing zero, and more
// than the largest parameters (those of u32).
const (
	maxExtName = 28
	maxExtInfo = 4096
)

func (v *verifier) xt(e *XT) error {
	if e.Ext == "" || len(e.Ext) > maxExtName || len(e.Info) > maxExtInfo {
		return v.errorf("extension %q with %d bytes of parameters", e.Ext, len(e.Info))
	}
	return nil
}
